"""What a participant brings along when it joins by TwiML, and room-wide facts of the resource."""

from __future__ import annotations

import time

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import conference, dial, enqueue, redirect, response, say
from tests.twiml.simulator.world import BOB, SECOND_CALLER, World


def test_leg_that_joins_muted_is_not_heard(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, muted=True)
    agent = world.agent_joins(room)
    world.wait_hears(caller, agent)
    world.wait_kind(agent, "silence")
    assert world.participant(room, caller).fetch().muted is True


def test_supervisor_may_join_as_a_coach_by_twiml(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    supervisor = world.caller_joins(room, SECOND_CALLER, coach=agent)
    world.wait_hears(agent, caller, supervisor)
    world.wait_hears(caller, agent)
    world.wait_hears(supervisor, caller, agent)


def test_coach_of_somebody_absent_goes_to_its_action(world: World) -> None:
    room = world.room_name()
    world.talk(room)
    action = world.app.on("/after", response(say("not added", loop=0)))
    document = response(dial(conference(room, coach="CA" + "0" * 32), action=action))
    call = world.call_in(document, SECOND_CALLER)
    world.wait_now(call, "say: not added")
    assert len(world.room(room).participants) == 2


def test_coach_of_somebody_in_a_room_that_has_not_started_goes_to_its_action(world: World) -> None:
    room = world.room_name()
    alone = world.caller_joins(room)
    action = world.app.on("/coach-action", response(say("nobody to coach", loop=0)))
    document = response(dial(conference(room, coach=alone), action=action))
    supervisor = world.call_in(document, SECOND_CALLER)
    world.wait_now(supervisor, "say: nobody to coach")
    assert [member.call_sid for member in world.room(room).participants] == [alone]


def test_redirecting_a_participant_with_end_conference_on_exit_ends_the_room(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, endConferenceOnExit=True)
    agent = world.agent_joins(room)
    world.wait_hears(caller, agent)
    world.client.calls(caller).update(twiml=response(say("elsewhere", loop=0)))
    world.wait_now(caller, "say: elsewhere")
    world.event("conference-end")
    assert world.wait_ended(agent) == "completed"


def test_participant_moves_from_conference_to_queue_and_back(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    queue = enqueue(f"park {room}", waitUrl=world.app.url("/wait"))
    world.client.calls(caller).update(twiml=response(queue))
    world.wait_kind(caller, "queue")
    world.wait_kind(agent, "silence")
    back = world.app.on("/back", response(dial(conference(room, waitUrl=world.app.url("/wait")))))
    world.client.calls(caller).update(url=back, method="POST")
    world.wait_hears(caller, agent)
    world.wait_hears(agent, caller)


def test_change_of_end_conference_on_exit_is_told_as_a_modification(world: World) -> None:
    room = world.room_name()
    _, agent = world.talk(room)
    world.participant(room, agent).update(end_conference_on_exit=True)
    told = world.event("participant-modify", CallSid=agent)
    assert told.params["EndConferenceOnExit"] == "true"


def test_conferences_are_listed_by_status_and_name(world: World) -> None:
    waiting, talking = world.room_name(), world.room_name()
    world.caller_joins(waiting)
    world.caller_joins(talking, SECOND_CALLER)
    world.agent_joins(talking, BOB)
    until(lambda: world.room(talking).status == "in-progress")

    def listed(**filters: str) -> set[str]:
        return {item.friendly_name for item in world.client.conferences.list(**filters)}

    assert listed(status="init") == {waiting}
    assert listed(status="in-progress") == {talking}
    assert listed(friendly_name=talking) == {talking}
    assert listed(friendly_name="nobody's room") == set()


def test_document_that_only_asks_for_itself_is_not_asked_for_without_pause(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.app.on("/spinning", response(redirect()))
    world.hold(room, caller, "/spinning")
    started = time.monotonic()
    world.app.wait_for("/spinning", count=2)
    always(lambda: len(world.app.received("/spinning")) <= 3 + (time.monotonic() - started), during=1)
    assert world.simulator.hearing(caller).kind == "hold"


def test_name_of_a_conference_may_have_128_characters_and_strange_ones(world: World) -> None:
    for room in ("x" * 128, "Ärger & Söhne <1>", "session 5f/2"):
        call = world.call_in(response(dial(conference(room, waitUrl=world.app.url("/wait")))))
        world.wait_in_room(room, call)
        world.simulator.hangup(call)
        world.wait_ended(call)
