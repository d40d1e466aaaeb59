"""Which command a method gives, in which state, and what it is refused with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.core import commands
from app.core.errors import ProviderRefused, ProviderUnavailable, StoreUnavailable
from app.core.session import Message, Purpose, Session
from tests.dialects.call_api import sessions
from tests.dialects.call_api.sessions import ALICE, BOB, NUMBER, OTHER_ACCOUNT, SESSION_ID
from tests.dialects.call_api.world import World, told

MELODY = {"type": "media", "value": "2034"}
LEG_OF_ALICE = NUMBER * 1024 + 1

METHODS: dict[str, dict[str, Any]] = {
    "hold.call": {"contact_message": MELODY},
    "unhold.call": {},
    "make.call": {"to": "1002"},
    "transfer.talk": {},
    "restore.talk": {},
    "disconnect.leg": {"leg_id": LEG_OF_ALICE},
    "send.dtmf": {"dtmf_string": "5"},
    "release.call": {},
}
STATES: dict[str, Callable[[], Session]] = {
    "ringing": sessions.ringing,
    "talk": sessions.talking,
    "hold": sessions.held,
    "dialing": lambda: sessions.consulting(answered=False),
    "operator talk": lambda: sessions.consulting(answered=True),
    "parked": sessions.parked,
}
ALLOWED = {
    "hold.call": {"talk"},
    "unhold.call": {"hold", "parked"},
    "make.call": {"hold"},
    "transfer.talk": {"dialing", "operator talk"},
    "restore.talk": {"dialing", "operator talk"},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("method", ALLOWED)
def test_a_method_works_in_its_states_and_in_no_other(method: str, state: str) -> None:
    world = World(STATES[state]())
    answer = world.ask(method, call_session_id=NUMBER, **METHODS[method])
    if state in ALLOWED[method]:
        assert answer["result"]["data"] == {"success": "true"}
        return
    assert answer["error"]["message"] == "This method can not be called in this state"
    assert told(answer) == (-32004, "invalid_state", None)
    assert answer["error"]["data"]["value"] is None
    assert world.control.commands == []


@pytest.mark.parametrize("state", STATES)
def test_a_call_can_be_released_in_every_state(state: str) -> None:
    world = World(STATES[state]())
    assert world.data("release.call", call_session_id=NUMBER) == {"success": "true"}
    assert world.control.commands == [commands.EndSession()]


@pytest.mark.parametrize("method", METHODS)
def test_a_call_that_has_ended_is_not_found(method: str) -> None:
    world = World(sessions.ended())
    answer = world.ask(method, call_session_id=NUMBER, **METHODS[method])
    assert told(answer) == (-32602, "call_session_not_found", "call_session_id")
    assert (answer["error"]["message"], answer["error"]["data"]["value"]) == ("Call session not found", NUMBER)


@pytest.mark.parametrize("method", METHODS)
def test_another_accounts_call_is_not_found(method: str) -> None:
    world = World(replace(sessions.talking(), account_id=OTHER_ACCOUNT))
    assert world.refusal(method, call_session_id=NUMBER, **METHODS[method])[1] == "call_session_not_found"
    assert world.control.commands == []


@pytest.mark.parametrize("number", [1, 0, -5, 2**63, 10**30, 700012 * 1024, 1e300])
def test_a_number_that_was_never_given_out_is_not_found(number: float) -> None:
    assert World(sessions.talking()).refusal("unhold.call", call_session_id=number)[1] == "call_session_not_found"


def test_hold_plays_the_message_to_the_contact() -> None:
    world = World(sessions.talking())
    world.data("hold.call", call_session_id=NUMBER, contact_message={"type": "tts", "value": "One moment"})
    assert world.control.commands == [commands.Hold(message=Message("tts", "One moment"))]


def test_a_person_who_logged_in_is_named_as_the_one_who_holds() -> None:
    world = World(sessions.talking())
    token = world.data("login.user", None, login="alice", password="demo")["access_token"]
    world.data("hold.call", token, call_session_id=NUMBER, contact_message=MELODY)
    assert world.control.commands == [commands.Hold(by=ALICE.user_id, message=Message("media", "2034"))]


def test_make_call_rings_the_third_party_with_its_message() -> None:
    world = World(sessions.held())
    world.data("make.call", call_session_id=NUMBER, to="1002", to_message={"type": "tts", "value": "A caller for you"})
    assert world.control.commands == [
        commands.StartConsult(
            to=BOB,
            caller="+15550001001",
            purpose=Purpose.TRANSFER,
            consult_message=Message("tts", "A caller for you"),
            held_only=True,
        )
    ]


def test_a_blind_transfer_that_fails_ends_the_call() -> None:
    world = World(sessions.consulting(answered=False))
    world.data("transfer.talk", call_session_id=NUMBER)
    assert world.control.commands == [commands.CompleteTransfer(end_on_failure=True)]


def test_restore_brings_the_contact_back() -> None:
    world = World(sessions.consulting(answered=True))
    world.data("restore.talk", call_session_id=NUMBER)
    assert world.control.commands == [commands.EndConsult(retrieve=True)]


def test_after_a_transfer_the_third_party_owns_the_talk() -> None:
    world = World(sessions.transferred())
    world.data("hold.call", call_session_id=NUMBER, contact_message=MELODY)
    assert world.control.commands == [commands.Hold(message=Message("media", "2034"))]


@pytest.mark.parametrize("state", STATES)
def test_the_contacts_leg_can_be_disconnected_in_every_state(state: str) -> None:
    world = World(STATES[state]())
    assert world.data("disconnect.leg", call_session_id=NUMBER, leg_id=NUMBER * 1024) == {"success": "true"}
    assert world.control.commands == [commands.RemoveParty(f"{SESSION_ID}-0")]


@pytest.mark.parametrize("leg_id", [NUMBER * 1024 + 7, (NUMBER + 1) * 1024 + 1, 1, 0, -1, 10**30])
def test_a_leg_that_is_not_the_sessions_is_not_found(leg_id: int) -> None:
    answer = World(sessions.talking()).ask("disconnect.leg", call_session_id=NUMBER, leg_id=leg_id)
    assert told(answer) == (-32602, "leg_not_found", "leg_id")
    assert (answer["error"]["message"], answer["error"]["data"]["value"]) == ("The call's leg not found", leg_id)


def test_a_leg_that_has_hung_up_is_not_found() -> None:
    world = World(sessions.transferred())
    assert world.refusal("disconnect.leg", call_session_id=NUMBER, leg_id=LEG_OF_ALICE)[1] == "leg_not_found"


@pytest.mark.parametrize("key", list("0123456789*#"))
def test_the_contacts_side_hears_a_key(key: str) -> None:
    world = World(sessions.talking())
    world.data("send.dtmf", call_session_id=NUMBER, dtmf_string=key)
    assert world.control.commands == [commands.SendDigits(key)]


@pytest.mark.parametrize("state", ["hold", "parked"])
def test_an_asterisk_on_hold_succeeds_and_nobody_hears_it(state: str) -> None:
    world = World(STATES[state]())
    assert world.data("send.dtmf", call_session_id=NUMBER, dtmf_string="*") == {"success": "true"}
    assert world.control.commands == []


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("method", ["disconnect.leg", "send.dtmf", "release.call"])
def test_three_commands_never_answer_invalid_state(method: str, state: str) -> None:
    answer = World(STATES[state]()).ask(method, call_session_id=NUMBER, **METHODS[method])
    assert "result" in answer or told(answer)[1] != "invalid_state"


def test_a_key_before_anybody_talks_is_not_permitted() -> None:
    answer = World(sessions.ringing()).ask("send.dtmf", call_session_id=NUMBER, dtmf_string="5")
    assert told(answer) == (-32003, "forbidden", None)
    assert answer["error"]["message"] == "Permission denied"


def test_a_media_file_that_does_not_exist_is_told_by_its_id() -> None:
    message = {"type": "media", "value": "90210"}
    answer = World(sessions.talking()).ask("hold.call", call_session_id=NUMBER, contact_message=message)
    error = answer["error"]
    assert told(answer) == (-32602, "media_file_not_found", "contact_message.value")
    assert error["message"] == "The media file with id 90210 not found"
    assert (error["data"]["value"], error["data"]["params"]) == ("90210", {"media_file_id": "90210"})


def test_a_text_that_is_too_long_is_told_with_both_lengths() -> None:
    message = {"type": "tts", "value": "\N{SNOWMAN}" * 21}
    answer = World(sessions.talking()).ask("hold.call", call_session_id=NUMBER, contact_message=message)
    assert told(answer) == (-32602, "tts_text_exceeded", "contact_message.value")
    assert answer["error"]["message"] == (
        "The maximum length of Text-to-Speech message is 20. The length of your message is 21"
    )
    assert answer["error"]["data"]["params"] == {"tts_message_max_length": 20, "sent_tts_message_length": 21}


def test_the_third_partys_message_has_the_same_errors() -> None:
    long, missing = {"type": "tts", "value": "a" * 21}, {"type": "media", "value": "1"}
    world = World(sessions.held())
    asked = {"call_session_id": NUMBER, "to": "1002"}
    assert world.refusal("make.call", **asked, to_message=long)[1:] == ("tts_text_exceeded", "to_message.value")
    assert world.refusal("make.call", **asked, to_message=missing)[1:] == ("media_file_not_found", "to_message.value")


def test_a_number_that_is_nobodys_is_not_active() -> None:
    answer = World(sessions.held()).ask("make.call", call_session_id=NUMBER, to="1999")
    assert told(answer) == (-32602, "no_active_phone_number", "to")
    assert answer["error"]["message"] == "The phone number does not exist or inactive"
    assert answer["error"]["data"]["value"] == "1999"


def test_what_is_named_is_looked_for_in_the_order_of_the_parameters_and_the_state_comes_last() -> None:
    missing = {"type": "media", "value": "1"}
    world = World(sessions.held())
    assert world.refusal("hold.call", call_session_id=1, contact_message=missing)[1] == "call_session_not_found"
    assert world.refusal("hold.call", call_session_id=NUMBER, contact_message=missing)[1] == "media_file_not_found"
    talking = World(sessions.talking())
    assert talking.refusal("make.call", call_session_id=1, to="1999", to_message=missing)[1] == "call_session_not_found"
    asked = {"call_session_id": NUMBER, "to_message": missing}
    assert talking.refusal("make.call", **asked, to="1999")[1] == "no_active_phone_number"
    assert talking.refusal("make.call", **asked, to="1002")[1] == "media_file_not_found"


@pytest.mark.parametrize(
    "failure", [ProviderRefused(code=21220), ProviderUnavailable(), StoreUnavailable(), ZeroDivisionError()]
)
def test_a_failure_behind_us_is_an_internal_error_with_http_200(failure: Exception) -> None:
    world = World(sessions.talking())
    world.fail_next(failure)
    answer = world.ask("hold.call", call_session_id=NUMBER, contact_message=MELODY)
    assert told(answer) == (-32603, "internal_error", None)
    assert answer["error"]["message"] == "Internal error, contact the support service"
    assert answer["id"] == "req1"
