"""Which verbs may appear where: the illegal ones have no effect on anybody."""

from __future__ import annotations

import pytest

from tests.support.waiting import always
from tests.twiml.simulator.documents import (
    client,
    conference,
    dial,
    element,
    enqueue,
    gather,
    number,
    pause,
    redirect,
    response,
    say,
)
from tests.twiml.simulator.world import ALICE, BOB, World

HANGUP = element("Hangup")


@pytest.mark.parametrize("verb", [HANGUP, element("Leave"), element("Gather"), dial(client("bob"))])
def test_conference_wait_document_can_only_sound(world: World, verb: str) -> None:
    room = world.room_name()
    world.app.on("/bad-wait", response(say("one moment"), pause(1), verb, pause(30), redirect()))
    caller = world.caller_joins(room, waitUrl=world.app.url("/bad-wait"))
    world.simulator.advance(5)
    always(lambda: world.room(room).member(caller))
    assert world.simulator.phone(BOB) == []


@pytest.mark.parametrize("verb", [HANGUP, element("Leave"), dial(client("bob"))])
def test_hold_document_can_only_sound(world: World, verb: str) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.app.on("/bad-hold", response(verb, say("never mind"), pause(30), redirect()))
    world.hold(room, caller, "/bad-hold")
    world.wait_kind(caller, "hold")
    world.simulator.advance(5)
    always(lambda: world.room(room).member(caller).hold)
    assert world.simulator.phone(BOB) == []


def test_announcement_cannot_hang_anybody_up(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    announcement = world.app.on("/announce", response(HANGUP))
    world.participant(room, caller).update(announce_url=announcement)
    world.app.wait_for_one("/announce")
    world.simulator.advance(3)
    always(lambda: world.simulator.hearing(agent).others == {caller})


def test_queue_wait_document_may_hang_up(world: World) -> None:
    wait = world.app.on("/queue-wait", response(say("we are closed"), HANGUP))
    call = world.call_in(response(enqueue("closed", waitUrl=wait)))
    world.wait_now(call, "say: we are closed")
    world.simulator.advance(2)
    assert world.wait_ended(call) == "completed"


def test_queue_wait_document_cannot_dial(world: World) -> None:
    wait = world.app.on("/queue-wait", response(dial(client("bob"))))
    action = world.app.on("/queue-action", response(say("after the queue", loop=0)))
    world.call_in(response(enqueue("dialling", waitUrl=wait, action=action)))
    world.app.wait_for_one("/queue-wait")
    always(lambda: world.simulator.phone(BOB) == [])


def test_prompt_of_a_gather_cannot_dial(world: World) -> None:
    call = world.call_in(response(gather(dial(client("bob"))), say("next", loop=0)))
    world.app.wait_for_one("/voice")
    world.simulator.advance(6)
    world.wait_status(call, "in-progress", "completed")
    assert world.simulator.phone(BOB) == []


def test_screening_document_of_a_dialled_person_cannot_dial(world: World) -> None:
    screening = world.app.on("/screening", response(dial(client("bob"))))
    world.call_in(response(dial(client("alice", url=screening))))
    world.simulator.answer(world.simulator.ringing(ALICE))
    world.app.wait_for_one("/screening")
    always(lambda: world.simulator.phone(BOB) == [])


def test_screening_document_may_talk_to_the_dialled_person_first(world: World) -> None:
    screening = world.app.on("/screening", response(say("a call for you")))
    caller = world.call_in(response(dial(client("alice", url=screening))))
    agent = world.simulator.ringing(ALICE)
    world.simulator.answer(agent)
    world.wait_now(agent, "say: a call for you")
    assert world.simulator.hearing(caller).others == frozenset()
    world.simulator.advance(2)
    world.wait_hears(caller, agent)


def test_conference_and_number_do_not_mix_in_a_dial(world: World) -> None:
    world.call_in(response(dial(conference("mixed"), number("+15550100009"))))
    world.app.wait_for_one("/voice")
    always(lambda: world.simulator.phone("+15550100009") == [] or world.simulator.room("mixed") is None)
