"""Participants: create by dialling out, fetch, list, change, remove."""

from __future__ import annotations

import re

from ..conferences import MAX_NAME, Conference, label_is_valid
from ..interpreter.dial_conference import stay_in_room
from ..interpreter.script import Script
from ..participants import JoinOptions, Participant, RoomCallback, RoomRecording
from ..recordings import RecordingCallback
from ..ringing import dial_in_turn
from ..room_events import EVENTS
from .conferences import room_by_sid
from .errors import bad
from .forms import Form
from .outgoing import create_leg
from .paging import page_of
from .representations import base, show_participant
from .requests import Answer, RestRequest

_CONFERENCE_SID = re.compile(r"CF[0-9a-fA-F]{32}")
_FLAG_NAMES = ("Muted", "Hold", "Coaching")


def _find(request: RestRequest) -> Participant:
    """A participant, by Call SID or label, who is in the room or on its way there. Those who left are not found."""
    participant = room_by_sid(request).find(request.keys["participant"])
    if participant is None:
        raise request.not_found()
    return participant


def fetch(request: RestRequest) -> Answer:
    return 200, show_participant(_find(request))


def list_participants(request: RestRequest) -> Answer:
    room, query = room_by_sid(request), request.query
    records = list(room.participants.values())
    if request.platform.policy.list_ringing_participants:
        records += room.invited.values()
    for name in _FLAG_NAMES:
        if name in query:
            wanted = query.flag(name, False)
            records = [record for record in records if getattr(record, name.lower()) == wanted]
    path = f"{base(request.platform.account)}/Conferences/{room.sid}/Participants.json"
    records.reverse()
    return 200, page_of(records, query, path, "participants", lambda record: record.record_sid, show_participant)


def create(request: RestRequest) -> Answer:
    """Dial out and add the leg when it answers. By name, a room is made if none is active; a room that is over is
    refused (16022)."""
    conferences, key = request.platform.conferences, request.keys["room"]
    room = conferences.by_sid.get(key)
    if room is None and _CONFERENCE_SID.fullmatch(key):
        raise request.not_found()
    if room is None:
        if len(key) > MAX_NAME:
            raise bad(16003, "The conference name is not recognised.")
        room = conferences.named(key)
    elif not room.active:
        raise bad(16022, "The conference is missing or completed.")
    options = _join_options(request.form, room)
    call, timeout = create_leg(request, least_timeout=5)
    if room is None:
        room = conferences.open(key)
    request.platform.calls[call.sid] = call
    call.note_hearing()
    target, participant = room, room.invite(call, options)
    call.on_answered = lambda: Script.of(call).start(stay_in_room(call, target, options))
    call.on_over.append(lambda: target.uninvite(participant))
    call.on_ringing = target.note_hearings
    dial_in_turn(call, timeout)
    return 201, show_participant(participant, call.queue_time_ms)


def _join_options(form: Form, room: Conference | None) -> JoinOptions:
    label = form.text("Label")
    if label is not None and not label_is_valid(label):
        raise bad(16024, "The participant label is invalid.")
    if label is not None and room is not None and room.label_in_use(label):
        raise bad(16026, "The participant label is already in use in this conference.")
    form.choice("Beep", ("true", "false", "onEnter", "onExit"), 16002)
    most = form.number("MaxParticipants", 250, 2, 250, 16002)
    if room is not None and len(room.participants) + len(room.invited) >= most:
        raise bad(16020, "The conference is full.")
    coached = form.text("CallSidToCoach") or None
    coaching = form.flag("Coaching", coached is not None)
    if coaching:
        check_coaching(room, coached)
    return JoinOptions(
        label=label,
        muted=form.flag("Muted", False),
        start_on_enter=form.flag("StartConferenceOnEnter", True),
        end_on_exit=form.flag("EndConferenceOnExit", False),
        wait_url="" if form.text("WaitUrl") == "" else form.url("WaitUrl"),
        wait_method=form.method("WaitMethod", "POST"),
        max_participants=most,
        coaching=coaching,
        call_sid_to_coach=coached,
        early_media=form.flag("EarlyMedia", True),
        callback=_room_callback(form),
        record=_room_recording(form),
    )


def _room_recording(form: Form) -> RoomRecording | None:
    words = ("true", "false", "record-from-start", "do-not-record")
    wanted = form.choice("ConferenceRecord", words, 16002)
    url = form.url("ConferenceRecordingStatusCallback")
    method = form.method("ConferenceRecordingStatusCallbackMethod", "POST")
    events = form.words(
        "ConferenceRecordingStatusCallbackEvent", ("in-progress", "completed", "failed", "absent"), 16002
    )
    if wanted not in ("true", "record-from-start"):
        return None
    return RoomRecording(RecordingCallback(url, method, events or frozenset({"completed"})) if url else None)


def _room_callback(form: Form) -> RoomCallback | None:
    """By REST start and end are subscribed to unless other events are named."""
    url = form.url("ConferenceStatusCallback")
    method = form.method("ConferenceStatusCallbackMethod", "POST")
    events = form.words("ConferenceStatusCallbackEvent", EVENTS, 16002)
    return RoomCallback(url, method, events or frozenset({"start", "end"})) if url is not None else None


def check_coaching(room: Conference | None, coached_sid: str | None, coach_sid: str | None = None) -> None:
    """Raises RestError unless the coached party is somebody else in a conference that has started, and not on hold."""
    if coached_sid is None:
        raise bad(16002, "Coaching needs CallSidToCoach.")
    if coached_sid == coach_sid:
        raise bad(16002, "A participant cannot coach itself.")
    if room is None or room.status != "in-progress":
        raise bad(16001, "The coached participant is not in an active conference.")
    coached = room.participants.get(coached_sid)
    if coached is None:
        raise bad(16028, "The coached participant is not in the conference.")
    if coached.hold:
        raise bad(16027, "The coached participant is on hold.")


def update(request: RestRequest) -> Answer:
    """Change a participant. Nothing is changed when one of the values is refused.

    ``EndConferenceOnExit`` of one who is on hold is answered as if it had been taken, and lost. A leg that still
    rings is not connected and cannot be changed.
    """
    participant, form = _find(request), request.form
    hold_url, hold_method = form.url("HoldUrl"), form.method("HoldMethod", "GET")
    announce_url, announce_method = form.url("AnnounceUrl"), form.method("AnnounceMethod", "POST")
    form.url("WaitUrl")
    form.method("WaitMethod", "POST")
    if not participant.joined:
        raise bad(16099, "Participant is not connected.")
    if form.flag("Coaching", "CallSidToCoach" in form):
        coached = form.text("CallSidToCoach") or participant.call_sid_to_coach
        check_coaching(participant.conference, coached, participant.call.sid)
    if "Muted" in form:
        participant.mute(form.flag("Muted", False))
    _modify(participant, form)
    if "Hold" in form:
        if form.flag("Hold", False):
            participant.put_on_hold(hold_url, hold_method)
        else:
            participant.take_off_hold()
    if announce_url is not None:
        participant.announce(announce_url, announce_method)
    participant.updated = request.platform.clock.now()
    return 200, show_participant(participant)


def _modify(participant: Participant, form: Form) -> None:
    """What makes a participant-modify callback: leaving flags, coaching and the wait document."""
    modified = "BeepOnExit" in form
    if "EndConferenceOnExit" in form and not participant.hold:
        wanted = form.flag("EndConferenceOnExit", False)
        modified = modified or wanted != participant.end_on_exit
        participant.end_on_exit = wanted
    if "Coaching" in form or "CallSidToCoach" in form:
        participant.coaching = form.flag("Coaching", True)
        participant.call_sid_to_coach = (
            form.text("CallSidToCoach") or participant.call_sid_to_coach if participant.coaching else None
        )
        participant.conference.note_hearings()
        modified = True
    if "WaitUrl" in form:
        participant.wait_url = form.url("WaitUrl") or ""
        participant.wait_method = form.method("WaitMethod", "POST")
        if participant.wait_track is not None:
            participant.start_waiting()
        modified = True
    if modified:
        participant.conference.fire("participant-modify", participant)


def delete(request: RestRequest) -> Answer:
    """Remove ("kick") a leg from its room; one that still rings is hung up."""
    participant = _find(request)
    if participant.joined:
        participant.conference.remove(participant, "participant_updated_via_api", kicked=True)
    else:
        participant.call.hang_up()
    return 204, None
