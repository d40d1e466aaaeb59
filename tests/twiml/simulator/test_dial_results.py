"""What a Dial tells its action, and where the caller goes when there is none."""

from __future__ import annotations

import pytest

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import client, conference, dial, number, queue, response, say
from tests.twiml.simulator.world import ALICE, BOB, CALLER, LINE, OTHER_LINE, SECOND_CALLER, World

OUTSIDE = "+15550100009"


def dialled(world: World, *nouns: str, **attributes: object) -> str:
    """A caller for whom somebody is dialled, with an action at /dialled."""
    action = world.app.on("/dialled", response(say("after the dial", loop=0)))
    return world.call_in(response(dial(*nouns, action=action, **attributes), say("never")))


def test_two_parties_talk_and_the_action_hears_of_it_when_the_callee_leaves(world: World) -> None:
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.wait_kind(caller, "ringback")
    world.simulator.answer(agent)
    world.wait_hears(caller, agent)
    world.wait_hears(agent, caller)
    world.simulator.advance(30)
    world.simulator.hangup(agent)
    told = world.app.wait_for_one("/dialled")
    assert (told.params["DialCallStatus"], told.params["DialCallSid"]) == ("completed", agent)
    assert 30 <= int(told.params["DialCallDuration"]) <= 32
    assert told.params["DialBridged"] == "true"
    assert told.params["CallSid"] == caller
    world.wait_now(caller, "say: after the dial")


@pytest.mark.parametrize(
    ("reaction", "status"), [("busy", "busy"), ("reject", "busy"), ("fail", "failed")], ids=["busy", "reject", "fail"]
)
def test_callee_who_does_not_take_the_call_is_told_to_the_action(world: World, reaction: str, status: str) -> None:
    world.simulator.set_phone(OUTSIDE, reaction)
    dialled(world, number(OUTSIDE))
    told = world.app.wait_for_one("/dialled")
    assert (told.params["DialCallStatus"], told.params["DialBridged"]) == (status, "false")


def test_unanswered_dial_rings_for_its_timeout_and_five_seconds(world: World) -> None:
    caller = dialled(world, client("alice"), timeout=20)
    agent = world.simulator.ringing(ALICE)
    world.simulator.advance(19)
    assert world.simulator.call(agent).status == "ringing"
    world.simulator.advance(7)
    assert world.app.wait_for_one("/dialled").params["DialCallStatus"] == "no-answer"
    assert world.wait_ended(agent) == "no-answer"
    world.wait_now(caller, "say: after the dial")


def test_dial_without_a_timeout_rings_half_a_minute(world: World) -> None:
    dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.simulator.advance(29)
    assert world.simulator.call(agent).status == "ringing"
    world.simulator.advance(7)
    assert world.app.wait_for_one("/dialled").params["DialCallStatus"] == "no-answer"


def test_verbs_after_a_dial_with_an_action_are_never_run(world: World) -> None:
    world.simulator.set_phone(ALICE, "busy")
    caller = dialled(world, client("alice"))
    world.wait_now(caller, "say: after the dial")
    assert "say: never" not in world.simulator.call(caller).nows


def test_without_an_action_the_next_verb_follows(world: World) -> None:
    world.simulator.set_phone(ALICE, "busy")
    caller = world.call_in(response(dial(client("alice")), say("sorry, busy", loop=0)))
    world.wait_now(caller, "say: sorry, busy")


def test_without_an_action_and_a_next_verb_the_call_ends(world: World) -> None:
    world.simulator.set_phone(ALICE, "busy")
    caller = world.call_in(response(dial(client("alice"))))
    assert world.wait_ended(caller) == "completed"


def test_dial_into_a_conference_reports_answered_and_no_child(world: World) -> None:
    room = world.room_name()
    action = world.app.on("/dialled", response(say("after the talk", loop=0)))
    caller = world.caller_joins(room, action=action)
    agent = world.agent_joins(room, end_conference_on_exit=True)
    world.wait_hears(caller, agent)
    world.simulator.hangup(agent)
    told = world.app.wait_for_one("/dialled")
    assert told.params["DialCallStatus"] == "answered"
    assert "DialCallSid" not in told.params
    assert "DialCallDuration" not in told.params
    world.wait_now(caller, "say: after the talk")


def test_caller_who_hangs_up_first_ends_the_callee_and_later_verbs_do_not_run(world: World) -> None:
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.simulator.answer(agent)
    world.wait_hears(caller, agent)
    world.simulator.hangup(caller)
    assert world.wait_ended(agent) == "completed"
    assert world.wait_ended(caller) == "completed"
    assert "say: after the dial" not in world.simulator.call(caller).nows


def test_caller_who_gives_up_while_it_rings_stops_the_ringing(world: World) -> None:
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.simulator.hangup(caller)
    world.wait_ended(agent)
    assert world.simulator.phone(ALICE) == []


def test_first_to_answer_wins_and_the_others_stop_ringing(world: World) -> None:
    caller = dialled(world, client("alice"), client("bob"))
    alice, bob = world.simulator.ringing(ALICE), world.simulator.ringing(BOB)
    world.simulator.answer(bob)
    world.wait_hears(caller, bob)
    world.wait_ended(alice)
    assert world.simulator.phone(ALICE) == []


def test_sequential_dial_rings_one_after_the_other(world: World) -> None:
    world.simulator.set_phone(ALICE, "busy")
    caller = dialled(world, client("alice"), client("bob"), sequential=True)
    bob = world.simulator.ringing(BOB)
    world.simulator.answer(bob)
    world.wait_hears(caller, bob)


def test_callee_sees_the_caller_or_the_given_caller_id(world: World) -> None:
    dialled(world, number(OUTSIDE), callerId=OTHER_LINE)
    leg = world.simulator.ringing(OUTSIDE)
    assert world.simulator.call(leg).caller == OTHER_LINE


@pytest.mark.parametrize("shown", [CALLER, LINE], ids=["the caller's own", "the number that was called"])
def test_one_of_the_two_ends_of_the_call_may_be_shown_to_the_callee(world: World, shown: str) -> None:
    dialled(world, number(OUTSIDE), callerId=shown)
    assert world.simulator.call(world.simulator.ringing(OUTSIDE)).caller == shown


def test_softphone_may_be_shown_another_softphone_as_the_caller(world: World) -> None:
    dialled(world, client("alice"), callerId=BOB)
    assert world.simulator.call(world.simulator.ringing(ALICE)).caller == BOB


@pytest.mark.parametrize(
    ("noun", "shown"),
    [
        (number(OUTSIDE), "+15559999999"),
        (number(OUTSIDE), BOB),
        (client("alice"), "+15559999999"),
        (client("alice"), "somebody"),
        (client("alice") + number(OUTSIDE), BOB),
    ],
    ids=["foreign number", "softphone to a telephone", "foreign number to a softphone", "no address", "mixed"],
)
def test_caller_id_that_is_not_ones_own_rings_nobody(world: World, noun: str, shown: str) -> None:
    caller = dialled(world, noun, callerId=shown)
    told = world.app.wait_for_one("/dialled").params
    assert (told["DialCallStatus"], told["DialBridged"]) == ("failed", "false")
    assert "DialCallSid" not in told
    notifications = world.raw("GET", "/Notifications.json").json()["notifications"]
    assert (notifications[0]["error_code"], notifications[0]["call_sid"]) == ("13214", caller)


def test_child_call_knows_its_parent(world: World) -> None:
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    child = world.client.calls(agent).fetch()
    assert (child.parent_call_sid, child.direction) == (caller, "outbound-dial")
    assert [call.sid for call in world.client.calls.list(parent_call_sid=caller)] == [agent]


def test_star_leaves_the_talk_when_allowed(world: World) -> None:
    caller = dialled(world, client("alice"), hangupOnStar=True)
    agent = world.simulator.ringing(ALICE)
    world.simulator.answer(agent)
    world.wait_hears(caller, agent)
    world.simulator.digits(caller, "*")
    world.wait_now(caller, "say: after the dial")


def test_time_limit_takes_only_this_caller_out_of_a_conference(world: World) -> None:
    room = world.room_name()
    noun = conference(room, waitUrl=world.app.url("/wait"))
    caller = dialled(world, noun, timeLimit=60)
    world.wait_in_room(room, caller)
    agent = world.agent_joins(room)
    world.wait_hears(agent, caller)
    world.simulator.advance(62)
    world.wait_now(caller, "say: after the dial")
    always(lambda: [member.call_sid for member in world.room(room).participants] == [agent])


def test_redirecting_one_party_of_a_bridge_sends_the_other_to_its_action(world: World) -> None:
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.simulator.answer(agent)
    world.wait_hears(caller, agent)
    world.client.calls(agent).update(twiml=response(say("moved", loop=0)))
    world.wait_now(agent, "say: moved")
    world.wait_now(caller, "say: after the dial")
    assert "DialCallDuration" not in world.app.wait_for_one("/dialled").params


def test_redirecting_the_caller_does_not_ask_its_own_action(world: World) -> None:
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.simulator.answer(agent)
    world.wait_hears(caller, agent)
    world.client.calls(caller).update(twiml=response(say("moved", loop=0)))
    world.wait_now(caller, "say: moved")
    assert world.wait_ended(agent) == "completed"
    always(lambda: world.app.received("/dialled") == [])


def test_dialling_a_queue_that_does_not_exist_is_an_error_for_the_action(world: World) -> None:
    dialled(world, queue("no such queue"))
    told = world.app.wait_for_one("/dialled")
    assert told.params["DialCallStatus"] not in ("completed", "answered")


def test_answer_on_bridge_keeps_the_caller_ringing_until_then(world: World) -> None:
    caller = dialled(world, client("alice"), answerOnBridge=True)
    agent = world.simulator.ringing(ALICE)
    assert world.client.calls(caller).fetch().status == "ringing"
    world.simulator.answer(agent)
    world.wait_hears(caller, agent)
    assert world.client.calls(caller).fetch().status == "in-progress"


def test_conference_and_bridge_do_not_hear_each_other(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room, SECOND_CALLER)
    caller = dialled(world, client("alice"))
    agent = world.simulator.ringing(ALICE)
    world.simulator.answer(agent)
    until(lambda: world.simulator.hearing(caller).others == {agent})
