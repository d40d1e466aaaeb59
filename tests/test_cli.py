"""The operator's commands: what they refuse is told in one line, with exit code 1, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from app.cli import create_app
from app.store import tables as t
from app.store.engine import open_engine
from tests.support.processes import free_port
from tests.support.twilio_side import Simulator, own_simulator

LINE = "+15550001001"  # the simulator's account has it
Command = Callable[..., Result]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with own_simulator() as simulator:
        yield simulator


@pytest.fixture
def store_at(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def command(simulator: Simulator, store_at: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on the simulator's account and an empty store, on which nothing has been prepared."""
    account = simulator.account()
    settings = {
        "DATABASE_URL": store_at,
        "PUBLIC_URL": "https://calls.example.com",
        "TWILIO_ACCOUNT_SID": account.sid,
        "TWILIO_AUTH_TOKEN": account.auth_token,
        "TWILIO_API_URL": simulator.base_url,
        "DEMO": "",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return lambda *words, **env: create_app().test_cli_runner().invoke(args=words, env=env)


@pytest.fixture
def prepared(command: Command) -> Command:
    """With alice of Example, eve of Other, and adam of Example, who has no softphone."""
    for words in (
        ("db", "upgrade"),
        ("user", "add", "alice", "--password", "x", "--account", "Example", "--extension", "1001"),
        ("user", "add", "eve", "--password", "x", "--account", "Other", "--extension", "1002"),
        ("user", "add", "adam", "--password", "x", "--account", "Example"),
    ):
        assert command(*words).exit_code == 0
    return command


def rows(url: str, column: object) -> list[str]:
    engine = open_engine(url)
    with engine.connect().execution_options(read_only=True) as connection:
        found = sorted(connection.execute(select(column)).scalars())  # type: ignore[call-overload]
    engine.dispose()
    return found


def refused(done: Result, why: str) -> None:
    assert isinstance(done.exception, SystemExit), done.exception
    assert (done.exit_code, done.output.count("\n")) == (1, 1), done.output
    assert why in done.output


def add_line(command: Command, number: str = LINE, user: str = "alice", **env: str) -> Result:
    return command("lines", "add", number, "--account", "Example", "--user", user, **env)


def test_a_line_that_is_added_rings_its_agent_and_sends_its_calls_here(
    prepared: Command, store_at: str, simulator: Simulator
) -> None:
    assert add_line(prepared).exit_code == 0
    assert rows(store_at, t.line.c.number) == [LINE]
    (number,) = simulator.rest().incoming_phone_numbers.list(phone_number=LINE)
    assert number.voice_url.startswith("https://calls.example.com/webhooks/twilio/")


def test_a_line_that_is_there_is_not_added_again(prepared: Command, store_at: str) -> None:
    add_line(prepared)
    refused(add_line(prepared), f"There is a line {LINE} already")
    assert rows(store_at, t.line.c.number) == [LINE]


@pytest.mark.parametrize(
    ("number", "user", "why"),
    [
        (LINE, "eve", "no such user"),
        (LINE, "nobody", "no such user"),
        (LINE, "adam", "no softphone"),
        ("hello", "alice", "not a telephone number"),
        ("+12025550100", "alice", "The Twilio account does not have"),
    ],
    ids=["user of another account", "nobody", "no softphone", "no number", "number of somebody else"],
)
def test_a_line_that_could_not_work_is_refused_each_time(
    prepared: Command, store_at: str, number: str, user: str, why: str
) -> None:
    for _ in range(2):
        refused(add_line(prepared, number, user), why)
    assert rows(store_at, t.line.c.number) == []


@pytest.mark.parametrize("trouble", ["wrong token", "nobody answers"])
def test_a_line_that_twilio_has_not_taken_is_not_there(prepared: Command, store_at: str, trouble: str) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    env = {"TWILIO_AUTH_TOKEN": "wrong"} if trouble == "wrong token" else {"TWILIO_API_URL": nobody}
    refused(add_line(prepared, **env), "Twilio did not take it")
    assert rows(store_at, t.line.c.number) == []
    assert add_line(prepared).exit_code == 0


@pytest.mark.parametrize("account", ["Example", "Third"])
def test_an_extension_belongs_to_one_person(prepared: Command, store_at: str, account: str) -> None:
    words = ("user", "add", "zoe", "--password", "x", "--account", account, "--extension", "1001")
    refused(prepared(*words), "The extension 1001 is taken")
    assert rows(store_at, t.user.c.name) == ["adam", "alice", "eve"]
    assert rows(store_at, t.account.c.name) == ["Example", "Other"]


def test_before_the_store_is_prepared_a_command_says_what_to_do(command: Command, tmp_path: Path) -> None:
    melody = tmp_path / "melody.wav"
    melody.write_bytes(b"RIFF")
    refused(command("user", "add", "alice", "--password", "x", "--account", "Example"), "flask db upgrade")
    refused(add_line(command), "flask db upgrade")
    refused(command("media", "add", str(melody), "--name", "melody"), "flask db upgrade")
