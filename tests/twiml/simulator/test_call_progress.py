"""Call progress callbacks: what is told, how it is numbered, what each way of ending looks like."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.support.waiting import always
from tests.twiml.simulator.documents import client, dial, response, say
from tests.twiml.simulator.world import ALICE, LINE, World

ALL = ["initiated", "ringing", "answered", "completed"]
WAITING = response(say("hello", loop=0))


def followed(world: World, **params: Any) -> str:
    """A call to alice that reports its progress to /progress; all four events unless told otherwise."""
    call = world.client.calls.create(
        to=ALICE,
        from_=LINE,
        twiml=WAITING,
        **{"status_callback": world.app.url("/progress"), "status_callback_event": ALL, **params},
    )
    return str(call.sid)


def test_answered_call_tells_its_four_steps_numbered_from_zero(world: World) -> None:
    call = followed(world)
    world.simulator.answer(world.simulator.ringing(ALICE))
    world.wait_now(call, "say: hello")
    world.simulator.hangup(call)
    told = world.app.wait_for("/progress", count=4)
    steps = sorted((int(r.params["SequenceNumber"]), r.params["CallStatus"]) for r in told)
    assert steps == [(0, "initiated"), (1, "ringing"), (2, "in-progress"), (3, "completed")]


def test_every_step_carries_source_time_and_parties_but_no_event_name(world: World) -> None:
    call = followed(world)
    world.simulator.ringing(ALICE)
    for request in world.app.wait_for("/progress", count=2):
        assert request.params["CallbackSource"] == "call-progress-events"
        assert request.params["CallSid"] == call
        assert request.params["AccountSid"] == world.simulator.account().sid
        assert request.params["ApiVersion"] == "2010-04-01"
        assert request.params["Direction"] == "outbound-api"
        assert (request.params["To"], request.params["Called"]) == (ALICE, ALICE)
        assert (request.params["From"], request.params["Caller"]) == (LINE, LINE)
        assert parsedate_to_datetime(request.params["Timestamp"]).tzinfo is not None
        assert "StatusCallbackEvent" not in request.params


def test_completed_call_tells_seconds_and_whole_minutes(world: World) -> None:
    call = followed(world)
    world.simulator.answer(world.simulator.ringing(ALICE))
    world.wait_now(call, "say: hello")
    world.simulator.advance(90)
    world.simulator.hangup(call)
    last = world.app.wait_for_one("/progress", CallStatus="completed")
    assert 90 <= int(last.params["CallDuration"]) <= 92
    assert last.params["Duration"] == "2"
    assert last.params["SipResponseCode"] == "200"


def test_without_a_list_only_the_end_is_told_and_it_is_number_zero(world: World) -> None:
    call = world.client.calls.create(to=ALICE, from_=LINE, twiml=WAITING, status_callback=world.app.url("/progress"))
    world.simulator.answer(world.simulator.ringing(ALICE))
    world.wait_now(call.sid, "say: hello")
    world.simulator.hangup(call.sid)
    told = world.app.wait_for_one("/progress")
    assert (told.params["CallStatus"], told.params["SequenceNumber"]) == ("completed", "0")
    always(lambda: len(world.app.received("/progress")) == 1)


@pytest.mark.parametrize(
    ("reaction", "status", "sip"), [("busy", "busy", "486"), ("reject", "busy", "486"), ("fail", "failed", None)]
)
def test_phone_that_does_not_take_the_call_ends_it(world: World, reaction: str, status: str, sip: str | None) -> None:
    world.simulator.set_phone(ALICE, reaction)
    call = followed(world)
    assert world.wait_ended(call) == status
    last = world.app.wait_for_one("/progress", CallStatus=status)
    assert sip is None or last.params["SipResponseCode"] == sip
    assert world.raw("GET", f"/Calls/{call}.json").json()["status"] == status


def test_unanswered_call_rings_for_its_timeout_and_the_buffer(world: World) -> None:
    call = followed(world, timeout=20)
    world.simulator.ringing(ALICE)
    world.simulator.advance(19)
    assert world.simulator.call(call).status == "ringing"
    world.simulator.advance(7)
    assert world.wait_ended(call) == "no-answer"
    last = world.app.wait_for_one("/progress", CallStatus="no-answer")
    assert last.params["SipResponseCode"] == "487"


def test_ringing_call_rings_a_minute_when_no_timeout_is_given(world: World) -> None:
    call = followed(world)
    world.simulator.ringing(ALICE)
    world.simulator.advance(59)
    assert world.simulator.call(call).status == "ringing"
    world.simulator.advance(7)
    assert world.wait_ended(call) == "no-answer"


def test_person_who_declines_ends_the_call_busy(world: World) -> None:
    call = followed(world)
    world.simulator.reject(world.simulator.ringing(ALICE))
    assert world.wait_ended(call) == "busy"


def test_time_limit_ends_an_answered_call(world: World) -> None:
    call = followed(world, time_limit=30)
    world.simulator.answer(world.simulator.ringing(ALICE))
    world.wait_now(call, "say: hello")
    world.simulator.advance(29)
    assert world.simulator.call(call).status == "in-progress"
    world.simulator.advance(2)
    assert world.wait_ended(call) == "completed"


def test_number_hears_only_of_the_end_of_its_incoming_call(world: World) -> None:
    call = world.call_in(WAITING, status_callback=world.app.url("/number"))
    world.wait_now(call, "say: hello")
    assert world.app.received("/number") == []
    world.simulator.hangup(call)
    told = world.app.wait_for_one("/number")
    assert (told.params["CallSid"], told.params["CallStatus"]) == (call, "completed")
    assert told.params["Direction"] == "inbound"
    always(lambda: len(world.app.received("/number")) == 1)


def test_leg_of_a_dial_reports_with_its_parent(world: World) -> None:
    noun = client("alice", statusCallback=world.app.url("/child"), statusCallbackEvent=" ".join(ALL))
    parent = world.call_in(response(dial(noun)))
    child = world.simulator.ringing(ALICE)
    world.simulator.answer(child)
    told = world.app.wait_for_one("/child", CallStatus="in-progress")
    assert (told.params["CallSid"], told.params["ParentCallSid"]) == (child, parent)
    assert told.params["Direction"] == "outbound-dial"
