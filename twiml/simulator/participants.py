"""One leg's place in a conference: its flags, what it hears while waiting or held, announcements to it alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .identifiers import new_sid
from .interpreter.soundtrack import Soundtrack
from .progress import standard_params

if TYPE_CHECKING:
    from .calls import Call
    from .conferences import Conference
    from .recordings import RecordingCallback

_STATUS = {"queued": "queued", "ringing": "ringing", "in-progress": "connecting"}


@dataclass(frozen=True)
class RoomCallback:
    """Where conference events go: the settings of whoever joins a conference first."""

    url: str
    method: str
    events: frozenset[str]


@dataclass(frozen=True)
class RoomRecording:
    """The wish to record a room from its start."""

    callback: RecordingCallback | None


@dataclass
class JoinOptions:
    """What a leg brings into a room, from TwiML attributes or REST parameters.

    ``wait_url`` None means Twilio's default music, an empty string silence.
    """

    label: str | None = None
    muted: bool = False
    start_on_enter: bool = True
    end_on_exit: bool = False
    wait_url: str | None = None
    wait_method: str = "POST"
    max_participants: int = 250
    coaching: bool = False
    call_sid_to_coach: str | None = None
    early_media: bool = True
    callback: RoomCallback | None = None
    record: RoomRecording | None = None


class Participant:
    """A leg that is in a room or, when it was created by REST, on its way there.

    ``left`` resolves when it is out of the room again: True when its TwiML goes on, False when it is hung up.
    """

    def __init__(self, call: Call, conference: Conference, options: JoinOptions) -> None:
        self.call, self.conference = call, conference
        self.record_sid = new_sid("CP")
        self.label = options.label
        self.muted, self.hold = options.muted, False
        self.coaching, self.call_sid_to_coach = options.coaching, options.call_sid_to_coach
        self.start_on_enter, self.end_on_exit = options.start_on_enter, options.end_on_exit
        self.wait_url, self.wait_method = options.wait_url, options.wait_method
        self.max_participants = options.max_participants
        self.early_media = options.early_media
        self.callback, self.record = options.callback, options.record
        self.created = self.updated = call.platform.clock.now()
        self.wait_track: Soundtrack | None = None
        self.hold_track: Soundtrack | None = None
        self.announcement: Soundtrack | None = None
        self.left: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @property
    def joined(self) -> bool:
        return self.call.participant is self

    @property
    def status(self) -> str:
        """The resource's word: connected once in the room, before that how far the call has come."""
        return "connected" if self.joined else _STATUS.get(self.call.status, "failed")

    def announced(self) -> str | None:
        """What is being announced to this leg: to itself, or to its room if it can hear that."""
        own = self.announcement.now if self.announcement is not None else None
        room = self.conference.announcement.now if self.conference.announcement is not None else None
        if self.hold and not self.call.platform.policy.held_hear_announcements:
            room = None
        return own or room

    def start_waiting(self) -> None:
        """Play the wait document, once, because the conference has not started."""
        self.stop_waiting()
        self.wait_track = self._track(self.wait_url, self.wait_method, "once")
        self.wait_track.on_failure = self._wait_document_failed
        self.wait_track.start()

    def stop_waiting(self) -> None:
        if self.wait_track is not None:
            self.wait_track.stop()
            self.wait_track = None

    def _wait_document_failed(self, code: int, message: str) -> None:
        """A leg whose wait document cannot be had is not fully joined: its call goes on with the next verb."""
        self.call.warn(code, message)
        if self.joined:
            self.conference.remove(self, "participant_add_failed")

    def put_on_hold(self, url: str | None, method: str) -> None:
        """Take the leg out of the talk and let it hear its hold document. The event follows asynchronously."""
        policy = self.call.platform.policy
        repeated = self.hold
        self.hold = True
        if not repeated or policy.hold_repeat_music == "replace":
            self._stop_hold_track()
            self.hold_track = self._track(url, method, policy.hold_document_end)
            self.hold_track.start()
        self.conference.note_hearings()
        if not repeated or policy.hold_repeat_event:
            self.conference.fire("participant-hold", self)

    def take_off_hold(self) -> None:
        """Back into the talk; un-hold does not un-mute."""
        if not self.hold:
            return
        self.hold = False
        self._stop_hold_track()
        self.conference.note_hearings()
        self.conference.fire("participant-unhold", self)

    def mute(self, muted: bool) -> None:
        if muted == self.muted:
            return
        self.muted = muted
        self.conference.note_hearings()
        self.conference.fire("participant-mute" if muted else "participant-unmute", self)

    def announce(self, url: str, method: str) -> None:
        """Play a document to this leg only, over whatever it hears."""
        if self.announcement is not None:
            self.announcement.stop()
        track = self._track(url, method, "once")

        def ended() -> None:
            if self.announcement is track:
                self.announcement = None
            if self.joined:
                self.conference.fire("announcement-end", self, [("AnnounceUrl", url)])
            self.call.note_hearing()

        track.on_end = ended
        track.on_failure = lambda code, message: track.say_error()
        self.announcement = track
        track.start()

    def silence_tracks(self) -> None:
        """Stop everything that plays to this leg because of the room."""
        self.stop_waiting()
        self._stop_hold_track()
        if self.announcement is not None:
            self.announcement.stop()
            self.announcement = None

    def _stop_hold_track(self) -> None:
        if self.hold_track is not None:
            self.hold_track.stop()
            self.hold_track = None

    def _track(self, url: str | None, method: str, at_end: str) -> Soundtrack:
        call = self.call
        return Soundtrack(
            call.platform,
            url=url,
            method=method,
            params=lambda: standard_params(call),
            changed=call.note_hearing,
            cookies=call.cookies,
            at_end=at_end,
            warn=call.warn,
        )
