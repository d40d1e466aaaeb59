"""People and their phones: calling, ringing, answering, and the refusals of senseless requests."""

from __future__ import annotations

import pytest

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import element, gather, response, say
from tests.twiml.simulator.world import ALICE, CALLER, LINE, World

HELLO = response(say("hello", loop=0))
NO_CALL = "CA" + "0" * 32


def ring(world: World, who: str = ALICE) -> str:
    """A call created by REST to this phone."""
    return str(world.client.calls.create(to=who, from_=LINE, twiml=HELLO).sid)


def test_unknown_phone_has_no_calls(world: World) -> None:
    assert world.simulator.phone("client:nobody") == []


def test_phone_rings_until_somebody_acts(world: World) -> None:
    call = ring(world)
    assert world.simulator.ringing(ALICE) == call
    world.simulator.advance(30)
    always(lambda: world.simulator.phone(ALICE)[0].status == "ringing")
    world.simulator.answer(call)
    world.wait_status(call, "in-progress")


def test_phone_can_answer_by_itself_after_a_while(world: World) -> None:
    world.simulator.set_phone(ALICE, "answer", after=10)
    call = ring(world)
    world.simulator.ringing(ALICE)
    world.simulator.advance(8)
    assert world.simulator.call(call).status == "ringing"
    world.simulator.advance(3)
    world.wait_status(call, "in-progress")


def test_phone_lists_its_live_calls_only(world: World) -> None:
    call = ring(world)
    world.simulator.ringing(ALICE)
    listed = world.simulator.phone(ALICE)
    assert [(item.call_sid, item.status, item.direction) for item in listed] == [(call, "ringing", "outbound-api")]
    world.simulator.hangup(call)
    until(lambda: world.simulator.phone(ALICE) == [])


def test_callers_own_phone_lists_the_call_it_placed(world: World) -> None:
    call = world.call_in(HELLO)
    world.wait_now(call, "say: hello")
    listed = world.simulator.phone(CALLER)
    assert [(item.call_sid, item.status, item.direction) for item in listed] == [(call, "in-progress", "inbound")]


def test_one_phone_takes_any_number_of_calls(world: World) -> None:
    world.simulator.set_phone(ALICE, "answer")
    calls = {ring(world) for _ in range(3)}
    until(lambda: {item.call_sid for item in world.simulator.phone(ALICE) if item.status == "in-progress"} == calls)


def test_ringing_call_can_be_hung_up_by_the_one_who_is_rung(world: World) -> None:
    call = ring(world)
    world.simulator.ringing(ALICE)
    world.simulator.hangup(call)
    world.wait_ended(call)


@pytest.mark.parametrize("action", ["answer", "hangup", "reject"])
def test_nobody_can_act_on_a_call_that_does_not_exist(world: World, action: str) -> None:
    assert world.simulator.ask("POST", f"/calls/{NO_CALL}/{action}").status_code == 404


@pytest.mark.parametrize("action", ["answer", "hangup", "reject"])
def test_nobody_can_act_on_a_call_that_is_over(world: World, action: str) -> None:
    call = world.call_in(response(element("Hangup")))
    world.wait_ended(call)
    assert 400 <= world.simulator.ask("POST", f"/calls/{call}/{action}").status_code < 500


def test_answered_call_cannot_be_answered_or_rejected_again(world: World) -> None:
    call = world.call_in(HELLO)
    world.wait_now(call, "say: hello")
    assert 400 <= world.simulator.ask("POST", f"/calls/{call}/answer").status_code < 500
    assert 400 <= world.simulator.ask("POST", f"/calls/{call}/reject").status_code < 500
    assert world.simulator.call(call).status == "in-progress"


@pytest.mark.parametrize("body", [{"on_ring": "explode"}, {"on_ring": "answer", "after": -1}, {"on_ring": 7}], ids=str)
def test_senseless_reaction_is_refused(world: World, body: dict[str, object]) -> None:
    assert world.simulator.ask("PUT", "/phones/client%3Aalice", body).status_code in (400, 422)


@pytest.mark.parametrize("body", [{}, {"to": 7}, {"to": ""}, {"to": LINE, "params": "x"}], ids=str)
def test_senseless_call_is_refused(world: World, body: dict[str, object]) -> None:
    assert world.simulator.ask("POST", "/phones/%2B15550100001/call", body).status_code in (400, 422)


@pytest.mark.parametrize("name", ["CallSid", "From", "AccountSid", "CallStatus"])
def test_extra_field_cannot_stand_for_one_of_twilios_own(world: World, name: str) -> None:
    body = {"to": LINE, "params": {"purpose": "x", name: "y"}}
    assert world.simulator.ask("POST", "/phones/%2B15550100001/call", body).status_code in (400, 422)
    assert world.simulator.phone("+15550100001") == []


@pytest.mark.parametrize("digits", ["", "12x", 5])
def test_only_keys_of_a_telephone_can_be_pressed(world: World, digits: object) -> None:
    call = world.call_in(response(gather(timeout=60)))
    world.wait_status(call, "in-progress")
    assert world.simulator.ask("POST", f"/calls/{call}/digits", {"digits": digits}).status_code in (400, 422)


def test_unknown_call_is_404(world: World) -> None:
    assert world.simulator.ask("GET", f"/calls/{NO_CALL}").status_code == 404


def test_call_view_tells_its_parties(world: World) -> None:
    view = world.simulator.call(world.call_in(HELLO))
    assert (view.caller, view.called) == (CALLER, LINE)


def test_outside_number_can_be_dialled(world: World) -> None:
    world.simulator.set_phone("+15550100077", "answer")
    call = ring(world, "+15550100077")
    world.wait_now(call, "say: hello")
