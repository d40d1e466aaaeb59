"""What a leg hears: kinds, whom, what sounds, and the record of it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from tests.support.waiting import until
from tests.twiml.simulator.documents import dial, enqueue, looping, pause, response, say
from tests.twiml.simulator.world import ALICE, BOB, LINE, World


def test_message_of_the_calls_own_document_has_kind_message(world: World) -> None:
    call = world.call_in(response(say("  hello \n", loop=0)))
    world.wait_now(call, "say: hello")
    assert world.simulator.hearing(call).kind == "message"


def test_ringing_phone_hears_nothing_and_an_ended_call_too(world: World) -> None:
    call = world.client.calls.create(to=ALICE, from_=LINE, twiml=response(pause(60))).sid
    world.simulator.ringing(ALICE)
    assert world.simulator.hearing(call).kind == "nothing"
    world.simulator.hangup(call)
    world.wait_ended(call)
    assert world.simulator.hearing(call).kind == "nothing"


def test_caller_hears_ringback_while_the_dialled_phone_rings(world: World) -> None:
    caller = world.call_in(response(dial("<Client>alice</Client>")))
    world.simulator.ringing(ALICE)
    world.wait_kind(caller, "ringback")


def test_what_was_heard_is_kept_in_order_and_ends_with_the_present(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.wait_now(caller, "say: you are on hold")
    world.participant(room, caller).update(hold=False)
    world.wait_hears(caller, agent)
    view = world.simulator.call(caller)
    assert view.heard[-1] == view.hearing
    kinds = [hearing.kind for hearing in view.heard]
    changes = [kind for number, kind in enumerate(kinds) if number == 0 or kinds[number - 1] != kind]
    assert changes[-3:] == ["conference", "hold", "conference"]
    assert "wait" in changes[:-3]


def test_entries_of_the_record_differ_from_their_predecessors(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.hold(room, caller)
    for rounds in (1, 2, 3):
        world.app.wait_for("/hold", count=rounds)
        world.simulator.advance(4)
    heard = [(h.kind, h.others, h.now) for h in world.simulator.call(caller).heard]
    assert all(one != other for one, other in itertools.pairwise(heard))


def test_since_is_an_iso_time_that_never_goes_back(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    times = [datetime.fromisoformat(hearing.since) for hearing in world.simulator.call(caller).heard]
    assert times == sorted(times)
    assert all(time.tzinfo is not None and time.utcoffset() == UTC.utcoffset(None) for time in times)


def test_now_stays_while_a_document_repeats_itself_between_rounds(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.app.on("/steady", response(say("steady", loop=0)))
    world.hold(room, caller, "/steady")
    world.wait_now(caller, "say: steady")
    entries = len(world.simulator.call(caller).heard)
    world.simulator.advance(30)
    world.wait_now(caller, "say: steady")
    assert len(world.simulator.call(caller).heard) == entries


def test_record_of_an_ended_call_stays_readable(world: World) -> None:
    call = world.call_in(response(say("goodbye")))
    world.wait_now(call, "say: goodbye")
    world.simulator.advance(2)
    world.wait_ended(call)
    view = world.simulator.call(call)
    assert (view.status, view.nows, view.heard[-1].kind) == ("completed", ["say: goodbye"], "nothing")


def test_conference_kind_means_that_somebody_is_heard(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    third = world.agent_joins(room, BOB)
    world.wait_hears(caller, agent, third)
    world.participant(room, agent).update(muted=True)
    world.participant(room, third).update(muted=True)
    until(lambda: world.simulator.hearing(caller).kind == "silence")
    assert world.simulator.hearing(caller).others == frozenset()
    assert world.simulator.hearing(agent).kind == "conference"


def test_queue_and_wait_kinds_are_told_apart(world: World) -> None:
    wait = world.app.on("/queue-wait", looping("in the queue"))
    call = world.call_in(response(enqueue("hearing", waitUrl=wait)))
    world.wait_now(call, "say: in the queue")
    assert world.simulator.hearing(call).kind == "queue"


def test_room_view_and_call_view_agree_on_whom_a_leg_hears(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    third = world.agent_joins(room, BOB)
    world.wait_hears(third, caller, agent)
    world.hold(room, caller)
    world.wait_kind(caller, "hold")
    everybody = (caller, agent, third)
    by_room = {call: world.room(room).member(call).hears for call in everybody}
    assert by_room == {call: world.simulator.hearing(call).others for call in everybody}
    assert by_room == {caller: set(), agent: {third}, third: {agent}}
