"""One conversation from the first ring to the end, as Twilio's documents describe its events."""

from __future__ import annotations

from tests.support.waiting import until
from tests.twiml.simulator.world import ALICE, BOB, LINE, World


def test_caller_joins_agent_is_added_hold_retrieve_agent_leaves(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    leg = world.client.conferences(room).participants.create(
        from_=LINE,
        to=ALICE,
        label="agent",
        status_callback=world.app.url("/leg"),
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    world.simulator.answer(world.simulator.ringing(ALICE))
    world.wait_hears(caller, leg.call_sid)
    world.hold(room, caller)
    world.wait_now(caller, "say: you are on hold")
    world.participant(room, caller).update(hold=False)
    world.wait_hears(caller, leg.call_sid)
    world.simulator.hangup(leg.call_sid)
    world.event("participant-leave", CallSid=leg.call_sid)
    world.simulator.hangup(caller)
    world.event("conference-end")

    until(lambda: len(world.app.received("/conference")) == 8)
    names = world.event_names()
    assert names[0] == "participant-join"
    assert sorted(names[1:3]) == ["conference-start", "participant-join"]
    assert names[3:6] == ["participant-hold", "participant-unhold", "participant-leave"]
    assert sorted(names[6:]) == ["conference-end", "participant-leave"]
    numbers = sorted(int(r.params["SequenceNumber"]) for r in world.app.received("/conference"))
    assert numbers == list(range(1, 9))
    steps = world.app.wait_for("/leg", count=4)
    assert {(r.params["SequenceNumber"], r.params["CallStatus"]) for r in steps} == {
        ("0", "initiated"),
        ("1", "ringing"),
        ("2", "in-progress"),
        ("3", "completed"),
    }


def test_warm_transfer_in_one_room(world: World) -> None:
    room = world.room_name()
    caller, first = world.talk(room)
    world.hold(room, caller)
    world.wait_now(caller, "say: you are on hold")
    second = world.agent_joins(room, BOB, label="second agent", end_conference_on_exit=False)
    world.wait_hears(first, second)
    world.wait_hears(second, first)
    assert world.simulator.hearing(caller).others == frozenset()
    world.participant(room, caller).update(hold=False)
    world.wait_hears(caller, first, second)
    world.participant(room, first).delete()
    world.wait_hears(caller, second)
    world.wait_hears(second, caller)
    world.wait_ended(first)


def test_consult_target_that_does_not_answer_leaves_the_caller_to_be_retrieved(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.simulator.set_phone(BOB, "busy")
    leg = world.client.conferences(room).participants.create(from_=LINE, to=BOB, status_callback=world.app.url("/leg"))
    assert world.app.wait_for_one("/leg", CallSid=leg.call_sid).params["CallStatus"] == "busy"
    world.participant(room, caller).update(hold=False)
    world.wait_hears(caller, agent)
