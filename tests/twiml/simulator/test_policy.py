"""Switches between the readings that Twilio's documents leave open; each reading can be had, and reset restores."""

from __future__ import annotations

import pytest

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import response, say
from tests.twiml.simulator.world import World

SECONDS_20 = "an announcement ".ljust(20 * 15, "x")
AFTERWARDS = say("after the talk", loop=0)


@pytest.mark.parametrize("continues", [True, False])
def test_kicked_caller_goes_on_with_its_document_or_is_hung_up(world: World, continues: bool) -> None:
    world.simulator.policy(kick_continues=continues)
    room = world.room_name()
    caller = world.caller_joins(room, then=AFTERWARDS)
    agent = world.agent_joins(room)
    world.wait_hears(caller, agent)
    world.participant(room, caller).delete()
    if continues:
        world.wait_now(caller, "say: after the talk")
    else:
        assert world.wait_ended(caller) == "completed"


@pytest.mark.parametrize("continues", [True, False])
def test_completed_conference_lets_callers_go_on_or_hangs_them_up(world: World, continues: bool) -> None:
    world.simulator.policy(completed_continues=continues)
    room = world.room_name()
    caller = world.caller_joins(room, then=AFTERWARDS)
    agent = world.agent_joins(room)
    world.wait_hears(caller, agent)
    world.client.conferences(world.room(room).sid).update(status="completed")
    if continues:
        world.wait_now(caller, "say: after the talk")
    else:
        assert world.wait_ended(caller) == "completed"


def test_hold_document_that_ended_may_repeat(world: World) -> None:
    world.simulator.policy(hold_document_end="repeat")
    room = world.room_name()
    caller, _ = world.talk(room)
    world.app.on("/short", response(say("only once")))
    world.hold(room, caller, "/short")
    world.wait_now(caller, "say: only once")
    for rounds in (2, 3):
        world.simulator.advance(3)
        world.app.wait_for("/short", count=rounds)
    world.wait_now(caller, "say: only once")


@pytest.mark.parametrize("they_hear", [True, False])
def test_held_legs_hear_announcements_to_the_room_or_do_not(world: World, they_hear: bool) -> None:
    world.simulator.policy(held_hear_announcements=they_hear)
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.wait_now(caller, "say: you are on hold")
    url = world.app.on("/announce", response(say(SECONDS_20)))
    world.client.conferences(world.room(room).sid).update(announce_url=url)
    world.wait_now(agent, f"say: {SECONDS_20}")
    assert (f"say: {SECONDS_20}" in world.simulator.call(caller).nows) is they_hear
    assert world.simulator.hearing(caller).kind == "hold"


@pytest.mark.parametrize(("silence", "kind"), [(True, "silence"), (False, "wait")])
def test_survivor_hears_silence_or_the_wait_music(world: World, silence: bool, kind: str) -> None:
    world.simulator.policy(survivor_silence=silence)
    room = world.room_name()
    caller, agent = world.talk(room)
    world.simulator.hangup(agent)
    world.wait_kind(caller, kind)


@pytest.mark.parametrize("told_again", [True, False])
def test_second_hold_makes_a_second_event_or_none(world: World, told_again: bool) -> None:
    world.simulator.policy(hold_repeat_event=told_again)
    room = world.room_name()
    caller, _ = world.talk(room)
    world.hold(room, caller)
    world.event("participant-hold")
    world.hold(room, caller)
    if told_again:
        world.app.wait_for("/conference", count=2, StatusCallbackEvent="participant-hold")
    else:
        always(lambda: len(world.app.received("/conference", StatusCallbackEvent="participant-hold")) == 1)


@pytest.mark.parametrize(
    ("order", "last_two"),
    [
        ("leave_first", ["participant-leave", "conference-end"]),
        ("end_first", ["conference-end", "participant-leave"]),
    ],
)
def test_last_leave_and_end_are_numbered_in_either_order(world: World, order: str, last_two: list[str]) -> None:
    world.simulator.policy(conference_end_order=order)
    room = world.room_name()
    caller = world.caller_joins(room)
    world.simulator.hangup(caller)
    until(lambda: len(world.event_names()) == 3)
    assert world.event_names()[1:] == last_two


@pytest.mark.parametrize(
    ("order", "last_two"),
    [
        ("join_first", ["participant-join", "conference-start"]),
        ("start_first", ["conference-start", "participant-join"]),
    ],
)
def test_second_join_and_start_are_numbered_in_either_order(world: World, order: str, last_two: list[str]) -> None:
    world.simulator.policy(start_order=order)
    world.talk(world.room_name())
    until(lambda: len(world.event_names()) == 3)
    assert world.event_names()[1:] == last_two


@pytest.mark.parametrize("leaves", [True, False])
def test_leg_that_never_answered_is_told_as_leaving_or_not_at_all(world: World, leaves: bool) -> None:
    world.simulator.policy(failed_leg_leaves=leaves)
    room = world.room_name()
    world.caller_joins(room)
    world.simulator.set_phone("client:alice", "busy")
    leg = world.client.conferences(room).participants.create(
        from_="+15550001000", to="client:alice", status_callback=world.app.url("/leg")
    )
    world.app.wait_for_one("/leg", CallSid=leg.call_sid, CallStatus="busy")
    if leaves:
        world.event("participant-leave", CallSid=leg.call_sid)
    else:
        always(lambda: world.app.received("/conference", CallSid=leg.call_sid) == [])


def test_fetch_of_a_call_may_lag_behind_its_callbacks(world: World) -> None:
    call = world.call_in(response(say("hello", loop=0)), status_callback=world.app.url("/number"))
    world.wait_now(call, "say: hello")
    world.simulator.advance(10)
    world.simulator.policy(call_fetch_lag_ms=5000)
    world.simulator.hangup(call)
    assert world.app.wait_for_one("/number").params["CallStatus"] == "completed"
    assert world.client.calls(call).fetch().status == "in-progress"
    world.simulator.advance(6)
    assert world.client.calls(call).fetch().status == "completed"


@pytest.mark.parametrize(
    "wrong", [{"no_such_policy": True}, {"kick_continues": "maybe"}, {"hold_document_end": "explode"}], ids=str
)
def test_senseless_policy_is_refused(world: World, wrong: dict[str, object]) -> None:
    assert 400 <= world.simulator.ask("PUT", "/policy", wrong).status_code < 500


def test_reset_restores_every_switch(world: World) -> None:
    world.simulator.policy(survivor_silence=False, hold_document_end="repeat")
    world.simulator.reset()
    room = world.room_name()
    caller, agent = world.talk(room)
    world.simulator.hangup(agent)
    world.wait_kind(caller, "silence")
