"""Recordings of single calls and of whole conferences. Nothing is recorded; their states and callbacks are real."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .identifiers import Params, new_sid, rfc2822

if TYPE_CHECKING:
    from .calls import Call
    from .conferences import Conference
    from .platform import Platform

CALL_EVENTS = ("in-progress", "completed", "absent")
# Twilio makes a stopped recording available a moment later.
SECONDS_TO_PROCESS = 1.0


@dataclass(frozen=True)
class RecordingCallback:
    """Where a recording's states are told; without a list of events its completion only."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(eq=False)
class Recording:
    """One recording. ``status`` is in-progress, paused, stopped, processing or completed.

    ``call`` is the recorded leg, or the one that brought the setting into the recorded ``conference``.
    """

    platform: Platform
    call: Call
    source: str
    conference: Conference | None = None
    channels: int = 1
    track: str = "both"
    callback: RecordingCallback | None = None
    sid: str = field(default_factory=lambda: new_sid("RE"))
    status: str = "in-progress"
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.created = self.updated = self._running_since = self.platform.clock.now()
        self._tell("in-progress")

    @property
    def going_on(self) -> bool:
        return self.status in ("in-progress", "paused")

    def duration(self) -> int:
        """Whole seconds recorded so far; a pause that is skipped does not count."""
        running = self.platform.clock.now() - self._running_since if self.status == "in-progress" else 0.0
        return int(self.seconds + running)

    def change(self, status: str) -> None:
        """Pause (``paused``), go on (``in-progress``) or end (``stopped``) a recording that is going on."""
        now = self.platform.clock.now()
        if self.status == "in-progress":
            self.seconds += now - self._running_since
        self._running_since, self.updated, self.status = now, now, status
        if status == "stopped":
            self.platform.clock.call_later(SECONDS_TO_PROCESS, self._complete)

    def stop(self) -> None:
        """End it because what it records has ended; safe to repeat."""
        if self.going_on:
            self.change("stopped")

    def _complete(self) -> None:
        self.status, self.updated = "completed", self.platform.clock.now()
        self._tell("completed")

    def _tell(self, event: str) -> None:
        if self.callback is None or event not in self.callback.events:
            return
        account = self.platform.account
        owner = ("CallSid", self.call.sid) if self.conference is None else ("ConferenceSid", self.conference.sid)
        params: Params = [
            ("AccountSid", account.sid),
            owner,
            ("RecordingSid", self.sid),
            ("RecordingUrl", f"https://api.twilio.com/2010-04-01/Accounts/{account.sid}/Recordings/{self.sid}"),
            ("RecordingStatus", event),
            ("RecordingChannels", str(self.channels)),
            ("RecordingStartTime", rfc2822(self.created)),
            ("RecordingSource", self.source),
            ("RecordingTrack", self.track),
        ]
        if event == "completed":
            params.append(("RecordingDuration", str(self.duration())))
        self.platform.webhooks.callback(self.callback.url, self.callback.method, params)


class Recordings:
    """All recordings since the last reset, oldest first."""

    def __init__(self) -> None:
        self.by_sid: dict[str, Recording] = {}

    def start(self, recording: Recording) -> Recording:
        """Keep a recording; it stops when its call or its conference ends."""
        self.by_sid[recording.sid] = recording
        if recording.conference is None:
            recording.call.on_over.append(recording.stop)
        else:
            recording.conference.on_over.append(recording.stop)
        return recording

    def of_call(self, call: Call) -> list[Recording]:
        return [one for one in self.by_sid.values() if one.call is call and one.conference is None]

    def of_conference(self, room: Conference) -> list[Recording]:
        return [one for one in self.by_sid.values() if one.conference is room]

    def clear(self) -> None:
        self.by_sid.clear()
