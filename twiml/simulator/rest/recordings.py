"""Recordings below Calls and Conferences: start, pause, stop, read, delete."""

from __future__ import annotations

from typing import Any

from ..recordings import CALL_EVENTS, Recording, RecordingCallback
from .calls import find_call
from .conferences import room_by_sid
from .errors import bad
from .paging import page_of
from .representations import base, show_recording
from .requests import Answer, RestRequest

_CURRENT = "Twilio.CURRENT"


def _owner(request: RestRequest) -> tuple[str, list[Recording]]:
    """The path of the call or conference, and its recordings."""
    recordings, root = request.platform.recordings, base(request.platform.account)
    if "call" in request.keys:
        call = find_call(request)
        return f"{root}/Calls/{call.sid}", recordings.of_call(call)
    room = room_by_sid(request)
    return f"{root}/Conferences/{room.sid}", recordings.of_conference(room)


def _find(request: RestRequest) -> Recording:
    """By SID, or the one that is going on as ``Twilio.CURRENT``."""
    key, (_, recordings) = request.keys["recording"], _owner(request)
    for recording in recordings:
        if recording.sid == key or (key == _CURRENT and recording.going_on):
            return recording
    raise request.not_found()


def create(request: RestRequest) -> Answer:
    """Start to record a call that is in progress (else 21220)."""
    call, form = find_call(request), request.form
    url, method = form.url("RecordingStatusCallback"), form.method("RecordingStatusCallbackMethod", "POST")
    events = form.words("RecordingStatusCallbackEvent", CALL_EVENTS, 20422) or frozenset({"completed"})
    channels = form.choice("RecordingChannels", ("mono", "dual"), 20422)
    track = form.choice("RecordingTrack", ("inbound", "outbound", "both"), 20422) or "both"
    if call.status != "in-progress":
        raise bad(21220, "Requested resource is not eligible for recording")
    callback = RecordingCallback(url, method, events) if url is not None else None
    recording = Recording(
        request.platform,
        call,
        "StartCallRecordingAPI",
        channels=2 if channels == "dual" else 1,
        track=track,
        callback=callback,
    )
    request.platform.recordings.start(recording)
    return 201, show_recording(recording)


def list_recordings(request: RestRequest) -> Answer:
    path, recordings = _owner(request)
    newest_first = list(reversed(recordings))

    def show(recording: Recording) -> dict[str, Any]:
        return show_recording(recording)

    return 200, page_of(newest_first, request.query, f"{path}/Recordings.json", "recordings", lambda r: r.sid, show)


def fetch(request: RestRequest) -> Answer:
    return 200, show_recording(_find(request))


def update(request: RestRequest) -> Answer:
    """Pause, resume or stop a recording that is going on (else 21220)."""
    status = request.form.choice("Status", ("in-progress", "paused", "stopped"), 20422)
    request.form.choice("PauseBehavior", ("skip", "silence"), 20422)
    if status is None:
        raise bad(20422, "'Status' is a required parameter.")
    recording = _find(request)
    if not recording.going_on:
        raise bad(21220, "The recording is not in progress.")
    recording.change(status)
    return 200, show_recording(recording)


def delete(request: RestRequest) -> Answer:
    recording = _find(request)
    if recording.going_on:
        raise bad(20009, "Cannot delete this resource before it is complete.")
    del request.platform.recordings.by_sid[recording.sid]
    return 204, None
