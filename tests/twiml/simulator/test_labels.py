"""Participant labels: unique among those present, usable in paths, never shaped like something else."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import conference, dial, response, say
from tests.twiml.simulator.world import ALICE, BOB, CAROL, LINE, SECOND_CALLER, World


def test_label_stands_for_the_call_in_a_path(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, participantLabel="the customer")
    agent = world.agent_joins(room)
    world.wait_hears(caller, agent)
    assert world.participant(room, "the customer").fetch().call_sid == caller
    world.participant(room, "the customer").update(hold=True, hold_url=world.app.url("/hold"), hold_method="POST")
    world.wait_kind(caller, "hold")
    assert world.participant(room, "the customer").delete()
    until(lambda: "participant-leave" in world.event_names())


def test_label_in_use_is_refused_and_nobody_is_rung(world: World) -> None:
    room = world.room_name()
    world.agent_joins(room, ALICE, label="leg-1")
    with pytest.raises(TwilioRestException) as refused:
        world.client.conferences(room).participants.create(from_=LINE, to=BOB, label="leg-1")
    assert refused.value.status == 400
    assert refused.value.code in (16025, 16026)
    assert world.simulator.phone(BOB) == []


def test_label_of_a_leg_that_still_rings_is_in_use_too(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    world.client.conferences(room).participants.create(from_=LINE, to=ALICE, label="leg-1")
    world.simulator.ringing(ALICE)
    with pytest.raises(TwilioRestException) as refused:
        world.client.conferences(room).participants.create(from_=LINE, to=BOB, label="leg-1")
    assert refused.value.status == 400


def test_leg_that_still_rings_is_found_by_its_label(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    leg = world.client.conferences(room).participants.create(from_=LINE, to=ALICE, label="leg-1")
    world.simulator.ringing(ALICE)
    found = world.participant(room, "leg-1").fetch()
    assert (found.call_sid, found.status) == (leg.call_sid, "ringing")


def test_label_is_free_again_after_its_leg_has_left(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    agent = world.agent_joins(room, ALICE, label="leg-1")
    world.wait_hears(caller, agent)
    world.simulator.hangup(agent)
    world.wait_hears(caller)
    second = world.agent_joins(room, BOB, label="leg-1")
    world.wait_hears(caller, second)


def test_same_label_may_be_used_in_two_rooms(world: World) -> None:
    first, second = world.room_name(), world.room_name()
    world.agent_joins(first, ALICE, label="leg-1")
    world.agent_joins(second, CAROL, label="leg-1")


@pytest.mark.parametrize(
    "label", ["a/b", "CA" + "0" * 32, "x" * 129], ids=["slash", "like a call id", "over 128 characters"]
)
def test_label_of_a_wrong_shape_is_refused(world: World, label: str) -> None:
    with pytest.raises(TwilioRestException) as refused:
        world.client.conferences(world.room_name()).participants.create(from_=LINE, to=BOB, label=label)
    assert refused.value.status == 400
    assert refused.value.code in (16023, 16024)
    assert world.simulator.phone(BOB) == []


def test_label_may_have_128_characters(world: World) -> None:
    created = world.client.conferences(world.room_name()).participants.create(from_=LINE, to=BOB, label="x" * 128)
    assert created.label == "x" * 128


def test_second_leg_with_the_same_label_in_twiml_is_not_joined_and_goes_on(world: World) -> None:
    room = world.room_name()
    first = world.caller_joins(room, participantLabel="the customer")
    noun = conference(room, participantLabel="the customer", waitUrl=world.app.url("/wait"))
    second = world.call_in(response(dial(noun), say("not added", loop=0)), SECOND_CALLER)
    world.wait_now(second, "say: not added")
    always(lambda: [member.call_sid for member in world.room(room).participants] == [first])


def test_label_is_told_in_the_leave_event(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    agent = world.agent_joins(room, label="leg 1")
    world.simulator.hangup(agent)
    assert world.event("participant-leave", CallSid=agent).params["ParticipantLabel"] == "leg 1"
