"""Keys, log-ins, packages and points."""

from __future__ import annotations

import pytest

from tests.dialects.call_api.sessions import ALICE, NUMBER, held, talking
from tests.dialects.call_api.world import NOW, World, told

MELODY = {"type": "media", "value": "2034"}


@pytest.mark.parametrize(
    ("token", "mnemonic", "text"),
    [
        ("nobody", "access_token_invalid", "Access token is invalid"),
        ("", "access_token_invalid", "Access token is invalid"),
        ("key-expired", "access_token_expired", "Access token has been expired"),
        ("key-blocked", "access_token_blocked", "Access token has been blocked"),
    ],
)
def test_a_key_that_opens_nothing_says_why(token: str, mnemonic: str, text: str) -> None:
    answer = World(talking()).ask("unhold.call", token, call_session_id=NUMBER, extra=1)
    assert told(answer) == (-32001, mnemonic, "access_token")
    assert answer["error"]["message"] == text
    assert "metadata" not in answer["error"]["data"]
    assert answer["error"]["data"]["value"] is None


def test_a_key_is_required_before_anything_else_is_looked_at() -> None:
    answer = World().ask("hold.call", None, extra=1)
    assert told(answer) == (-32602, "required_parameter_missed", "access_token")
    assert World().refusal("hold.call", access_token=7, token=None) == (-32602, "data_type_error", "access_token")


def test_a_person_logs_in_for_an_hour() -> None:
    answer = World().ask("login.user", None, login="alice", password="demo")
    data = answer["result"]["data"]
    assert set(data) == {"access_token", "expire_at", "app_id"}
    assert data["expire_at"] == int(NOW) + 3600
    assert isinstance(data["app_id"], int) and data["app_id"] < 2**53
    assert answer["result"]["metadata"]["limits"]["day_limit"] == 1000


@pytest.mark.parametrize(("login", "password"), [("alice", "wrong"), ("nobody", "demo")])
def test_a_wrong_name_and_a_wrong_password_look_the_same(login: str, password: str) -> None:
    answer = World().ask("login.user", None, login=login, password=password)
    assert answer["error"] == {
        "code": -32001,
        "message": "Login or password is wrong",
        "data": {
            "mnemonic": "auth_error",
            "field": None,
            "value": None,
            "params": {"object": None},
            "extended_helper": None,
        },
    }


def test_login_takes_its_two_parameters_and_no_key() -> None:
    world = World()
    assert world.refusal("login.user", login="a", password="b")[1:] == ("unexpected_parameters", "access_token")
    assert world.refusal("login.user", None, login="a")[1:] == ("required_parameter_missed", "password")
    assert world.refusal("login.user", None, login=1, password="b")[1:] == ("data_type_error", "login")


def test_a_password_is_never_repeated() -> None:
    answer = World().ask("login.user", None, login="alice", password=["s3cret"])
    assert told(answer)[1:] == ("data_type_error", "password")
    assert answer["error"]["data"]["value"] is None


def test_logging_out_voids_the_session_key() -> None:
    world = World()
    token = world.data("login.user", None, login="alice", password="demo")["access_token"]
    assert world.data("list.calls", token) == []
    assert world.data("logout.user", token) == {"success": True}
    assert world.refusal("list.calls", token)[1] == "access_token_invalid"


def test_logging_out_takes_nothing_else() -> None:
    assert World().refusal("logout.user", all=True)[1:] == ("unexpected_parameters", "all")


@pytest.mark.parametrize(
    "method",
    [
        "hold.call",
        "unhold.call",
        "make.call",
        "transfer.talk",
        "restore.talk",
        "disconnect.leg",
        "send.dtmf",
        "list.calls",
    ],
)
def test_call_management_needs_its_package(method: str) -> None:
    answer = World(talking()).ask(method, "key-basic", extra=1)
    assert told(answer) == (-32008, "component_disabled", None)
    assert answer["error"]["message"] == "Component Call API Call management has been disabled"
    assert answer["error"]["data"]["params"] == {"component_name": "Call API Call management"}
    assert answer["error"]["data"]["metadata"]["limits"]["minute_limit"] == 150


def test_releasing_a_call_and_logging_out_are_in_the_basic_package() -> None:
    world = World(talking())
    assert world.data("release.call", "key-basic", call_session_id=NUMBER) == {"success": "true"}
    assert world.data("logout.user", "key-basic") == {"success": True}


def test_a_reply_shows_the_points_it_cost() -> None:
    answer = World(talking()).ask("hold.call", call_session_id=NUMBER, contact_message=MELODY)
    assert answer["result"]["metadata"] == {
        "limits": {
            "day_limit": 1000,
            "day_remaining": 999,
            "day_reset": 3600,
            "minute_limit": 150,
            "minute_remaining": 149,
            "minute_reset": 42,
        }
    }


def test_an_error_costs_nothing_and_shows_what_is_left() -> None:
    world = World(held())
    answer = world.ask("hold.call", call_session_id=NUMBER, contact_message=MELODY)
    assert answer["error"]["data"]["metadata"]["limits"]["minute_remaining"] == 150
    assert world.directory.spent.get("d1", 0) == 0


def test_lists_are_free() -> None:
    assert World().ask("list.calls")["result"]["metadata"]["limits"]["minute_remaining"] == 150


def test_when_the_points_are_used_up_commands_are_refused_and_lists_are_not() -> None:
    world = World(talking())
    for _ in range(2):
        world.data("send.dtmf", "key-two-points", call_session_id=NUMBER, dtmf_string="1")
    answer = world.ask("send.dtmf", "key-two-points", call_session_id="wrong", extra=1)
    assert told(answer) == (-32029, "limit_exceeded", None)
    assert answer["error"]["message"] == ("Limit per minute has been exceeded. Value of current limit per minute is 2")
    assert answer["error"]["data"]["params"] == {"limit_type": "minute", "limit_max_value": 2}
    assert answer["error"]["data"]["metadata"]["limits"]["minute_remaining"] == 0
    assert len(world.data("list.calls", "key-two-points")) == 1
    assert len(world.control.commands) == 2


def test_points_belong_to_the_person_not_to_the_session_key() -> None:
    world = World(talking())
    tokens = [world.data("login.user", None, login="alice", password="demo")["access_token"] for _ in range(2)]
    for token in tokens:
        world.data("send.dtmf", token, call_session_id=NUMBER, dtmf_string="1")
    assert world.directory.spent[ALICE.user_id or ""] == 2
