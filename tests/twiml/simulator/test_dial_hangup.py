"""A Dial whose caller hangs up first: its action is requested all the same, and what that answers does not matter."""

from __future__ import annotations

from tests.support.waiting import always, until
from tests.support.webhook_receiver import Received
from tests.twiml.simulator.documents import client, conference, dial, enqueue, number, queue, response, say
from tests.twiml.simulator.world import ALICE, BOB, SECOND_CALLER, World


def dialled(world: World, *nouns: str, **attributes: object) -> str:
    """A caller for whom somebody is dialled; the action at /dialled and the next verb would both speak."""
    action = world.app.on("/dialled", response(say("after the dial", loop=0)))
    return world.call_in(response(dial(*nouns, action=action, **attributes), say("never")))


def told_once(world: World, caller: str) -> Received:
    """The one request of the action, made for a call on which nothing was heard afterwards."""
    told = world.app.wait_for_one("/dialled")
    always(lambda: len(world.app.received("/dialled")) == 1)
    assert not {"say: after the dial", "say: never"} & set(world.simulator.call(caller).nows)
    assert told.params["CallSid"] == caller
    return told


def test_action_hears_that_the_caller_gave_up_while_it_rang(world: World) -> None:
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.simulator.hangup(caller)
    told = told_once(world, caller).params
    assert (told["CallStatus"], told["DialCallStatus"], told["DialBridged"]) == ("completed", "canceled", "false")
    assert told["DialCallSid"] == agent
    assert "DialCallDuration" not in told


def test_action_hears_of_a_caller_who_gave_up_before_being_answered_at_all(world: World) -> None:
    caller = dialled(world, client("alice"), answerOnBridge=True)
    world.simulator.ringing(ALICE)
    world.simulator.hangup(caller)
    told = told_once(world, caller).params
    assert (told["CallStatus"], told["DialCallStatus"]) == ("no-answer", "canceled")


def test_action_hears_of_the_talk_that_the_caller_ended(world: World) -> None:
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.simulator.answer(agent)
    world.wait_hears(caller, agent)
    world.simulator.advance(30)
    world.simulator.hangup(caller)
    told = told_once(world, caller).params
    assert (told["CallStatus"], told["DialCallStatus"], told["DialBridged"]) == ("completed", "completed", "true")
    assert told["DialCallSid"] == agent
    assert 30 <= int(told["DialCallDuration"]) <= 32


def test_action_hears_that_the_caller_left_the_conference_by_hanging_up(world: World) -> None:
    caller = dialled(world, conference(world.room_name(), waitUrl=world.app.url("/wait")))
    world.wait_kind(caller, "wait")
    world.simulator.hangup(caller)
    told = told_once(world, caller).params
    assert (told["CallStatus"], told["DialCallStatus"]) == ("completed", "answered")
    assert "DialCallSid" not in told


def test_action_hears_of_a_caller_who_is_hung_up_because_a_removal_ends_calls(world: World) -> None:
    world.simulator.policy(kick_continues=False)
    room = world.room_name()
    caller = dialled(world, conference(room, waitUrl=world.app.url("/wait")))
    world.wait_in_room(room, caller)
    world.participant(room, caller).delete()
    told = told_once(world, caller).params
    assert (told["CallStatus"], told["DialCallStatus"]) == ("completed", "answered")


def test_action_hears_that_one_who_waited_for_a_queue_gave_up(world: World) -> None:
    world.client.queues.create(friendly_name="empty line")
    agent = dialled(world, queue("empty line"))
    world.wait_kind(agent, "wait")
    world.simulator.hangup(agent)
    assert told_once(world, agent).params["DialCallStatus"] == "canceled"


def test_action_hears_of_the_queued_caller_with_whom_the_talk_was(world: World) -> None:
    waiting = world.call_in(response(enqueue("support line", waitUrl=world.app.url("/wait"))), SECOND_CALLER)
    world.wait_kind(waiting, "queue")
    agent = dialled(world, queue("support line"))
    world.wait_hears(agent, waiting)
    world.simulator.hangup(agent)
    told = told_once(world, agent).params
    assert (told["DialCallStatus"], told["DialCallSid"], told["DequeingCallSid"]) == ("completed", waiting, agent)


def test_call_ended_by_rest_tells_its_action_too(world: World) -> None:
    caller = dialled(world, client("alice"))
    world.simulator.ringing(ALICE)
    world.client.calls(caller).update(status="completed")
    assert told_once(world, caller).params["DialCallStatus"] == "canceled"


def test_call_that_was_sent_elsewhere_and_then_ends_does_not_tell_its_old_action(world: World) -> None:
    caller = dialled(world, client("alice"))
    world.simulator.ringing(ALICE)
    world.client.calls(caller).update(twiml=response(say("moved", loop=0)))
    world.wait_now(caller, "say: moved")
    world.simulator.hangup(caller)
    world.wait_ended(caller)
    always(lambda: world.app.received("/dialled") == [])


def test_action_that_was_told_already_is_not_told_again(world: World) -> None:
    world.simulator.set_phone(ALICE, "busy")
    caller = dialled(world, client("alice"))
    world.wait_now(caller, "say: after the dial")
    world.simulator.hangup(caller)
    world.wait_ended(caller)
    always(lambda: len(world.app.received("/dialled")) == 1)


def test_dial_without_an_action_tells_nobody(world: World) -> None:
    caller = world.call_in(response(dial(client("alice"), number("+15550100009"))))
    world.simulator.ringing(ALICE)
    before = world.simulator.log_position()
    world.simulator.hangup(caller)
    until(lambda: world.simulator.phone(ALICE) == [])
    always(lambda: world.simulator.log(before) == [])


def test_sequential_dial_names_the_phone_that_rang_last(world: World) -> None:
    world.simulator.set_phone(ALICE, "busy")
    caller = dialled(world, client("alice"), client("bob"), sequential=True)
    bob = world.simulator.ringing(BOB)
    world.simulator.hangup(caller)
    assert told_once(world, caller).params["DialCallSid"] == bob
