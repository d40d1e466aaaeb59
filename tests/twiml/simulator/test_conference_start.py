"""How a conference comes to life: who starts it, and whose callback settings count."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from tests.support.waiting import always, until
from tests.support.webhook_receiver import Reply
from tests.twiml.simulator.documents import conference, dial, response, say
from tests.twiml.simulator.world import ALICE, CALLER, SECOND_CALLER, World


def test_one_participant_alone_waits_with_the_wait_document(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, startConferenceOnEnter=True)
    world.wait_now(caller, "say: please wait")
    assert world.simulator.hearing(caller).kind == "wait"
    assert world.client.conferences(world.room(room).sid).fetch().status == "init"
    world.event("participant-join")
    always(lambda: "conference-start" not in world.event_names())


def test_second_participant_starts_the_conference_and_they_hear_each_other(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    assert world.room(room).status == "in-progress"
    world.event("conference-start")
    assert world.simulator.hearing(caller).kind == world.simulator.hearing(agent).kind == "conference"


def test_two_who_may_not_start_it_go_on_waiting(world: World) -> None:
    room = world.room_name()
    first = world.caller_joins(room, startConferenceOnEnter=False)
    second = world.caller_joins(room, SECOND_CALLER, startConferenceOnEnter=False)
    world.wait_kind(second, "wait")
    always(lambda: world.simulator.hearing(first).others == frozenset())
    assert world.client.conferences(world.room(room).sid).fetch().status == "init"


def test_one_who_may_start_is_enough_whoever_came_first(world: World) -> None:
    room = world.room_name()
    first = world.caller_joins(room, startConferenceOnEnter=False)
    second = world.agent_joins(room, start_conference_on_enter=True)
    world.wait_hears(first, second)


def test_one_who_may_not_start_talks_once_it_has_started(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    third = world.caller_joins(room, SECOND_CALLER, startConferenceOnEnter=False)
    world.wait_hears(third, caller, agent)
    world.wait_hears(caller, agent, third)


def test_wait_document_of_a_conference_is_run_once_and_then_it_is_silent(world: World) -> None:
    room = world.room_name()
    world.app.on("/once", response(say("only once")))
    caller = world.caller_joins(room, waitUrl=world.app.url("/once"))
    world.wait_now(caller, "say: only once")
    world.simulator.advance(5)
    world.wait_now(caller, None)
    assert len(world.app.received("/once")) == 1


def test_wait_document_that_redirects_to_itself_goes_on_for_ever(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    for rounds in (2, 3, 4):
        world.app.wait_for("/wait", count=rounds - 1, within=5)
        world.simulator.advance(4)
    world.app.wait_for("/wait", count=4)
    assert world.simulator.hearing(caller).kind == "wait"


def test_empty_wait_url_is_silence(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, waitUrl="")
    always(lambda: world.simulator.hearing(caller).now is None)


def test_leg_whose_wait_document_fails_is_not_joined_and_goes_on(world: World) -> None:
    action = world.app.on("/after", response(say("sorry", loop=0)))
    noun = conference(world.room_name(), waitUrl=world.app.url("/missing-wait"))
    world.app.on("/missing-wait", Reply(status=404))
    call = world.call_in(response(dial(noun, action=action)))
    world.wait_now(call, "say: sorry")


def test_events_are_those_of_the_first_to_join(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room, statusCallback=world.app.url("/first"), statusCallbackEvent="start join")
    world.agent_joins(
        room,
        conference_status_callback=world.app.url("/second"),
        conference_status_callback_event=["start", "join", "leave"],
    )
    world.app.wait_for("/first", count=3)
    assert sorted(world.event_names("/first")) == ["conference-start", "participant-join", "participant-join"]
    always(lambda: world.app.received("/second") == [])


def test_first_to_join_without_a_callback_leaves_the_conference_unreported(world: World) -> None:
    room = world.room_name()
    call = world.call_in(response(dial(conference(room, waitUrl=world.app.url("/wait")))))
    world.wait_in_room(room, call)
    agent = world.agent_joins(room, conference_status_callback=world.app.url("/conference"))
    world.wait_hears(agent, call)
    always(lambda: world.app.received("/conference") == [])


def test_leg_created_first_by_rest_reports_start_and_end_by_default(world: World) -> None:
    room = world.room_name()
    agent = world.agent_joins(room, conference_status_callback=world.app.url("/created"))
    caller = world.caller_joins(room)
    world.wait_hears(agent, caller)
    world.event("conference-start", path="/created")
    always(lambda: set(world.event_names("/created")) == {"conference-start"})
    assert world.app.received("/conference") == []


@pytest.mark.parametrize("spelling", [["start", "join"], ["start join"]])
def test_events_of_a_created_leg_may_be_repeated_or_separated_by_spaces(world: World, spelling: list[str]) -> None:
    room = world.room_name()
    callback = world.app.url("/created")
    world.agent_joins(room, conference_status_callback=callback, conference_status_callback_event=spelling)
    world.event("participant-join", path="/created")


def test_conference_events_are_numbered_from_one_and_timed(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room, participantLabel="the caller")
    requests = world.app.wait_for("/conference", count=3)
    assert sorted(int(r.params["SequenceNumber"]) for r in requests) == [1, 2, 3]
    assert world.event_names()[0] == "participant-join"
    assert sorted(world.event_names()[1:]) == ["conference-start", "participant-join"]
    sid = world.room(room).sid
    for request in requests:
        assert (request.params["ConferenceSid"], request.params["FriendlyName"]) == (sid, room)
        assert parsedate_to_datetime(request.params["Timestamp"]).tzinfo is not None
        assert not {"From", "To", "CallStatus", "Direction"} & set(request.params)
    first = world.event("participant-join", CallSid=caller)
    assert first.params["SequenceNumber"] == "1"
    expected = {
        "Muted": "false",
        "Hold": "false",
        "Coaching": "false",
        "StartConferenceOnEnter": "true",
        "EndConferenceOnExit": "false",
        "ParticipantLabel": "the caller",
    }
    assert {name: first.params.get(name) for name in expected} == expected
    assert world.event("participant-join", CallSid=agent)
    assert "CallSid" not in world.event("conference-start").params


def test_two_rooms_of_one_name_at_different_times_are_two_conferences(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    first = world.room(room).sid
    world.simulator.hangup(caller)
    until(lambda: world.simulator.room(room) is None)
    world.caller_joins(room)
    second = world.room(room).sid
    assert first != second
    same_name = world.client.conferences.list(friendly_name=room)
    assert {(item.sid, item.status) for item in same_name} == {(first, "completed"), (second, "init")}


def test_softphone_that_joins_by_twiml_is_a_participant_like_any_other(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, CALLER)
    agent = world.caller_joins(room, ALICE)
    world.wait_hears(caller, agent)
