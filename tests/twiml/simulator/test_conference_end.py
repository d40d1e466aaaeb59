"""How participants leave and conferences end, and why, as told by the callbacks and the resource."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import conference, dial, response, say
from tests.twiml.simulator.world import BOB, SECOND_CALLER, World


def test_one_of_two_leaving_does_not_end_the_conference(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.simulator.hangup(agent)
    left = world.event("participant-leave", CallSid=agent)
    assert left.params["ReasonParticipantLeft"] == "participant_hung_up"
    assert left.params["ParticipantCallStatus"] == "completed"
    world.wait_kind(caller, "silence")
    always(lambda: world.room(room).status == "in-progress")


def test_last_one_leaving_ends_it(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    sid = world.room(room).sid
    world.simulator.hangup(agent)
    world.simulator.hangup(caller)
    ended = world.event("conference-end")
    assert ended.params["ReasonConferenceEnded"] == "last-participant-left"
    assert ended.params["CallSidEndingConference"] == caller
    finished = world.client.conferences(sid).fetch()
    assert (finished.status, finished.reason_conference_ended) == ("completed", "last-participant-left")
    assert finished.call_sid_ending_conference == caller


def test_reason_is_null_while_the_conference_lives(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    body = world.raw("GET", f"/Conferences/{world.room(room).sid}.json").json()
    assert (body["reason_conference_ended"], body["call_sid_ending_conference"]) == (None, None)


def test_participant_with_end_conference_on_exit_takes_everybody_out(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, then=say("after the talk", loop=0))
    agent = world.agent_joins(room, end_conference_on_exit=True)
    world.wait_hears(caller, agent)
    world.simulator.hangup(agent)
    ended = world.event("conference-end")
    assert ended.params["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    left = world.event("participant-leave", CallSid=caller)
    assert left.params["ReasonParticipantLeft"] == "moderator_ended_conference"
    world.wait_now(caller, "say: after the talk")


def test_leg_created_by_rest_hangs_up_when_the_conference_is_over(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, endConferenceOnExit=True)
    agent = world.agent_joins(room)
    world.wait_hears(caller, agent)
    world.simulator.hangup(caller)
    assert world.wait_ended(agent) == "completed"


def test_kicked_participant_is_out_and_the_others_go_on(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    third = world.agent_joins(room, BOB)
    answer = world.raw("DELETE", f"/Conferences/{world.room(room).sid}/Participants/{agent}.json")
    assert (answer.status_code, answer.content) == (204, b"")
    left = world.event("participant-leave", CallSid=agent)
    assert left.params["ReasonParticipantLeft"] == "participant_updated_via_api"
    world.wait_hears(caller, third)
    world.wait_ended(agent)


def test_kicking_the_last_participant_ends_the_conference(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    world.participant(room, caller).delete()
    assert world.event("conference-end").params["ReasonConferenceEnded"] == "last-participant-kicked"


def test_kicking_one_with_end_conference_on_exit_ends_it_for_that_reason(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    agent = world.agent_joins(room, end_conference_on_exit=True)
    world.wait_hears(caller, agent)
    world.participant(room, agent).delete()
    ended = world.event("conference-end")
    assert ended.params["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-kicked"


def test_redirected_leg_leaves_the_room_and_its_list(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    sid = world.room(room).sid
    world.client.calls(caller).update(twiml=response(say("elsewhere", loop=0)))
    world.wait_now(caller, "say: elsewhere")
    left = world.event("participant-leave", CallSid=caller)
    assert left.params["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert left.params["ParticipantCallStatus"] == "in-progress"
    assert [member.call_sid for member in world.client.conferences(sid).participants.list()] == [agent]
    with pytest.raises(TwilioRestException) as gone:
        world.client.conferences(sid).participants(caller).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)


def test_conference_ended_by_rest_says_so(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    sid = world.room(room).sid
    world.client.conferences(sid).update(status="completed")
    assert world.event("conference-end").params["ReasonConferenceEnded"] == "conference-ended-via-api"
    left = world.event("participant-leave", CallSid=caller)
    assert left.params["ReasonParticipantLeft"] == "conference_ended_via_api"
    until(lambda: world.simulator.room(room) is None)
    assert world.client.conferences(sid).participants.list() == []


def test_ended_conference_cannot_be_ended_again(world: World) -> None:
    room = world.room_name()
    world.talk(room)
    sid = world.room(room).sid
    world.client.conferences(sid).update(status="completed")
    world.event("conference-end")
    with pytest.raises(TwilioRestException) as refused:
        world.client.conferences(sid).update(status="completed")
    assert refused.value.status in (400, 404)


def test_nobody_can_be_added_to_a_finished_conference_by_its_sid(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    sid = world.room(room).sid
    world.simulator.hangup(caller)
    until(lambda: world.simulator.room(room) is None)
    with pytest.raises(TwilioRestException) as refused:
        world.client.conferences(sid).participants.create(from_="+15550001000", to=BOB)
    assert refused.value.status in (400, 404)
    assert world.simulator.phone(BOB) == []


def test_full_room_sends_the_next_one_away(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room, maxParticipants=2)
    agent = world.agent_joins(room)
    world.wait_hears(caller, agent)
    document = response(dial(conference(room, maxParticipants=2)), say("full", loop=0))
    third = world.call_in(document, SECOND_CALLER)
    world.wait_now(third, "say: full")
    assert len(world.room(room).participants) == 2


def test_room_status_is_the_only_update_value(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    answer = world.raw("POST", f"/Conferences/{world.room(room).sid}.json", {"Status": "in-progress"})
    assert answer.status_code == 400
