"""Recordings of calls and conferences: their states, and who is told."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import response, say
from tests.twiml.simulator.world import ALICE, LINE, World

EVERY_STATE = ["in-progress", "completed", "absent"]


def speaking_call(world: World) -> str:
    """A caller who listens to a sentence for as long as the test takes."""
    call = world.call_in(response(say("hello", loop=0)))
    world.wait_now(call, "say: hello")
    return call


def test_recording_of_a_call_is_started_paused_continued_and_stopped(world: World) -> None:
    recordings = world.client.calls(speaking_call(world)).recordings
    started = recordings.create()
    assert started.sid.startswith("RE")
    assert (started.status, started.source) == ("in-progress", "StartCallRecordingAPI")
    assert world.client.calls(started.call_sid).recordings("Twilio.CURRENT").update(status="paused").status == "paused"
    current = world.client.calls(started.call_sid).recordings("Twilio.CURRENT")
    assert current.update(status="in-progress").status == "in-progress"
    assert current.update(status="stopped").status == "stopped"
    assert [item.sid for item in recordings.list()] == [started.sid]


def test_end_of_a_recording_is_told_with_its_length_and_address(world: World) -> None:
    call = speaking_call(world)
    started = world.client.calls(call).recordings.create(recording_status_callback=world.app.url("/recording"))
    world.simulator.advance(20)
    world.client.calls(call).recordings(started.sid).update(status="stopped")
    world.simulator.advance(5)
    told = world.app.wait_for_one("/recording")
    assert (told.params["RecordingSid"], told.params["RecordingStatus"]) == (started.sid, "completed")
    assert (told.params["CallSid"], told.params["RecordingSource"]) == (call, "StartCallRecordingAPI")
    assert 20 <= int(told.params["RecordingDuration"]) <= 22
    assert started.sid in told.params["RecordingUrl"]
    assert told.is_signed_with(world.simulator.account().auth_token)
    always(lambda: len(world.app.received("/recording")) == 1)


def test_beginning_is_told_when_asked_for(world: World) -> None:
    call = speaking_call(world)
    world.client.calls(call).recordings.create(
        recording_status_callback=world.app.url("/recording"), recording_status_callback_event=EVERY_STATE
    )
    assert world.app.wait_for_one("/recording").params["RecordingStatus"] == "in-progress"


def test_recording_ends_with_its_call(world: World) -> None:
    call = speaking_call(world)
    started = world.client.calls(call).recordings.create(recording_status_callback=world.app.url("/recording"))
    world.simulator.hangup(call)
    world.wait_ended(call)
    world.simulator.advance(5)
    assert world.app.wait_for_one("/recording").params["RecordingStatus"] == "completed"
    until(lambda: world.client.calls(call).recordings(started.sid).fetch().status == "completed")


def test_ringing_call_cannot_be_recorded(world: World) -> None:
    call = world.client.calls.create(to=ALICE, from_=LINE, twiml=response()).sid
    world.simulator.ringing(ALICE)
    with pytest.raises(TwilioRestException) as refused:
        world.client.calls(call).recordings.create()
    assert refused.value.status == 400


def test_without_a_recording_there_is_no_current_one(world: World) -> None:
    with pytest.raises(TwilioRestException) as refused:
        world.client.calls(speaking_call(world)).recordings("Twilio.CURRENT").update(status="paused")
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_room_is_recorded_from_the_start_when_its_document_says_so(world: World) -> None:
    room = world.room_name()
    callback = world.app.url("/recording")
    caller = world.caller_joins(room, record="record-from-start", recordingStatusCallback=callback)
    sid = world.room(room).sid
    assert world.client.conferences(sid).recordings.list() == []
    agent = world.agent_joins(room)
    world.wait_hears(caller, agent)
    recordings = world.client.conferences(sid).recordings.list()
    assert [(item.source, item.status) for item in recordings] == [("Conference", "in-progress")]
    world.simulator.advance(20)
    world.simulator.hangup(caller)
    world.simulator.hangup(agent)
    world.event("conference-end")
    world.simulator.advance(5)
    told = world.app.wait_for_one("/recording", RecordingStatus="completed")
    assert (told.params["ConferenceSid"], told.params["RecordingSid"]) == (sid, recordings[0].sid)
    assert told.params["RecordingChannels"] == "1"


def test_room_is_not_recorded_unless_asked_for(world: World) -> None:
    room = world.room_name()
    world.talk(room)
    assert world.client.conferences(world.room(room).sid).recordings.list() == []
