"""One leg: its status, its place in the world, and what may be done to it from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import aiohttp

from .hearing import Hearing, hearing_of
from .identifiers import Params, new_sid
from .progress import Subscription, tell_progress

if TYPE_CHECKING:
    from .bridges import Bridge
    from .clock import Timer
    from .interpreter.dial import OpenDial
    from .interpreter.dial_phones import Ringing
    from .interpreter.dial_queue import QueueDial
    from .interpreter.script import Script
    from .participants import Participant
    from .platform import Platform
    from .queues import Member

LIVE = frozenset({"queued", "ringing", "in-progress"})
MAX_CALL_SECONDS = 14_400


class Call:
    """A Twilio call. ``status`` is the resource's word; ``initiated`` is an event, never a status.

    At any time a live call is in at most one of: a conference (``participant``), a queue (``member``), a bridge, or
    ringing others (``ringing``). ``dial`` is the Dial that brought it there, if one did. ``sound`` is what its own
    document plays, as ``say: …`` or ``play: …``.
    """

    def __init__(
        self, platform: Platform, *, to: str, from_: str, direction: str, status: str, parent: Call | None = None
    ) -> None:
        self.platform = platform
        self.sid = new_sid("CA")
        self.to, self.from_, self.direction, self.status, self.parent = to, from_, direction, status, parent
        now = platform.clock.now()
        self.created, self.updated = now, now
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.changes: list[tuple[float, str]] = [(now, status)]
        self.sip_code: int | None = None
        self.caller_name: str | None = None
        self.extra_params: Params = []
        self.subscriptions: list[Subscription] = []
        self.fallback: tuple[str, str] | None = None
        self.time_limit = float(MAX_CALL_SECONDS)
        self.record_deleted = False
        self.queue_time_ms = 0
        self.cookies = aiohttp.CookieJar(unsafe=True)
        # Where it is
        self.participant: Participant | None = None
        self.member: Member | None = None
        self.bridge: Bridge | None = None
        self.ringing: Ringing | QueueDial | None = None
        self.dial: OpenDial | None = None
        self.script: Script | None = None
        self.sound: str | None = None
        self.heard: list[Hearing] = []
        # Who wants to know
        self.on_ringing: Callable[[], None] | None = None
        self.on_answered: Callable[[], None] | None = None
        self.on_over: list[Callable[[], None]] = []
        self.on_digit: Callable[[str], None] | None = None
        self._timers: list[Timer] = []
        self._limit: Timer | None = None

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def phone(self) -> str:
        """The address of the telephone at the far end of this leg."""
        return self.from_ if self.direction == "inbound" else self.to

    def duration(self) -> int:
        """Whole seconds from answer to end (or to now)."""
        if self.answered_at is None:
            return 0
        end = self.ended_at if self.ended_at is not None else self.platform.clock.now()
        return max(0, round(end - self.answered_at))

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something later, unless the call is over by then."""
        timer = self.platform.clock.call_later(seconds, act)
        self._timers.append(timer)
        return timer

    def warner(self, code: int) -> Callable[[str], None]:
        """A way to tell the debugger about this call later."""
        return lambda text: self.warn(code, text)

    def warn(self, code: int, text: str, url: str = "") -> None:
        self.platform.debugger.tell(self.platform.clock.now(), code, text, self.sid, url)

    def note_hearing(self) -> None:
        """Record what the leg hears, if that has changed."""
        hearing = hearing_of(self)
        if not self.heard or not hearing.same_as(self.heard[-1]):
            self.heard.append(hearing)

    def set_sound(self, sound: str | None) -> None:
        self.sound = sound
        self.note_hearing()

    def set_status(self, status: str) -> None:
        self.status = status
        self.updated = self.platform.clock.now()
        self.changes.append((self.updated, status))
        self.note_hearing()

    def start_ringing(self) -> None:
        """The far end is being alerted."""
        self.set_status("ringing")
        if self.on_ringing is not None:
            self.on_ringing()
        tell_progress(self, "ringing")

    def answer(self) -> None:
        """The far end picks up; nothing happens unless it was ringing."""
        if self.status != "ringing":
            return
        self._stop_timers()
        self.answered_at = self.platform.clock.now()
        self.set_status("in-progress")
        self.set_time_limit(self.time_limit)
        tell_progress(self, "answered")
        if self.on_answered is not None:
            self.on_answered()

    def set_time_limit(self, seconds: float) -> None:
        """Let the call last at most this long from its answer, whatever its limit was before."""
        self.time_limit = min(seconds, float(MAX_CALL_SECONDS))
        if self.answered_at is None:
            return
        if self._limit is not None:
            self._limit.cancel()
        left = self.answered_at + self.time_limit - self.platform.clock.now()
        self._limit = self.after(left, lambda: self.end("completed"))

    def end(self, status: str, sip_code: int | None = None) -> None:
        """The call is over, with a terminal status. It leaves wherever it was first; nothing happens when it had
        ended before. A call canceled while still queued tells nobody."""
        if not self.live:
            return
        was_queued = self.status == "queued" and self.answered_at is None and sip_code is None
        self._stop_timers()
        self.ended_at = self.platform.clock.now()
        self.sip_code = sip_code if sip_code is not None else (200 if self.answered_at is not None else 487)
        self.set_status(status)
        if self.dial is not None:
            self.dial.caller_gone()
        self.leave_place("participant_hung_up", "hangup")
        if self.script is not None:
            self.script.stop()
        for act in self.on_over:
            act()
        self.note_hearing()
        if not was_queued:
            tell_progress(self, "completed")

    def hang_up(self) -> None:
        """End it from the platform's side, in the way its state allows: one that was never answered is canceled."""
        self.end("completed" if self.status == "in-progress" else "canceled")

    def person_hangs_up(self) -> None:
        """The owner of the phone puts it down, or turns a ringing call away."""
        if self.status == "in-progress":
            self.end("completed")
        elif self.direction == "inbound":
            self.end("no-answer", 487)
        elif self.status == "ringing":
            self.end("busy", 486)
        else:
            self.end("canceled")

    def leave_place(self, room_reason: str, queue_result: str) -> None:
        """Leave the conference, queue, bridge or ringing the call is in, if any, with the reasons given."""
        self.sound = self.dial = None
        if self.participant is not None:
            self.participant.conference.remove(self.participant, room_reason)
        if self.member is not None:
            self.member.queue.remove(self.member, queue_result)
        if self.ringing is not None:
            self.ringing.abandon()
        if self.bridge is not None:
            self.bridge.end(self)

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
