"""A provider whose every answer a test can choose: it does what it is asked, refuses, or does it and says nothing."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from app.core.facts import ParticipantSeen
from app.provider.errors import Meaning, ProviderError
from app.provider.port import Created


@dataclass(frozen=True)
class Trouble:
    """What becomes of one request: an error of this meaning; ``took_effect`` = it was done all the same."""

    meaning: Meaning
    took_effect: bool = False
    code: int | None = None
    text: str = "as the test says"
    retry_after: float | None = None


@dataclass
class Dialled:
    """A leg the provider has been asked to dial."""

    call_sid: str
    conference: str
    label: str
    to: str
    caller: str
    timeout: int
    status: str = "ringing"
    muted: bool = False
    over: bool = False


@dataclass
class ScriptedProvider:
    """The provider port in memory. ``asked`` lists the modifying requests that arrived, as (method, CallSid or label).

    ``troubles[method]`` are the fates of that method's next requests, None = done; when they are used up everything is done.
    Customers' calls, which nobody here dials, are taken for granted.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    dialled: list[Dialled] = field(default_factory=list)
    troubles: dict[str, deque[Trouble | None]] = field(default_factory=lambda: defaultdict(deque))
    held: set[str] = field(default_factory=set)
    urls: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()

    def will(self, method: str, *troubles: Trouble | None) -> None:
        """Choose what becomes of the next requests of a method."""
        self.troubles[method].extend(troubles)

    def count(self, method: str) -> int:
        """How often a method was asked for."""
        return sum(1 for name, _ in self.asked if name == method)

    def create_participant(
        self, conference: str, *, label: str, to: str, caller: str, timeout: int,
        progress_url: str, wait_url: str, conference_url: str,
    ) -> Created:  # fmt: skip
        leg = Dialled(f"CA{next(self._numbers):032x}", conference, label, to, caller, timeout)
        self.urls += [progress_url, wait_url, conference_url]
        self._do("create_participant", label, lambda: self.dialled.append(leg))
        return Created(leg.call_sid, sid_of(conference))

    def find_participant(self, conference: str, conference_sid: str | None, label: str) -> Created | None:
        found = next((leg for leg in self.dialled if leg.label == label and not leg.over), None)
        return Created(found.call_sid, sid_of(conference)) if found else None

    def set_hold(
        self, conference_sid: str, call_sid: str, held: bool, hold_url: str, heard_by: str | None = None
    ) -> None:
        self.urls.append(hold_url)
        change = self.held.add if held else self.held.discard
        self._do("set_hold", call_sid, lambda: change(call_sid))

    def open_up(self, conference_sid: str, call_sid: str) -> None:
        self._do("open_up", call_sid, lambda: None)

    def set_mute(self, conference_sid: str, call_sid: str, muted: bool) -> None:
        self._do("set_mute", call_sid, lambda: None)

    def announce(self, conference_sid: str, call_sid: str, url: str) -> None:
        self.urls.append(url)
        self._do("announce", call_sid, lambda: None)

    def remove(self, conference_sid: str, call_sid: str) -> None:
        self._do("remove", call_sid, lambda: self._end(call_sid))

    def hang_up(self, call_sid: str) -> None:
        self._do("hang_up", call_sid, lambda: self._end(call_sid))

    def redirect(self, call_sid: str, url: str) -> None:
        self.urls.append(url)
        self._do("redirect", call_sid, lambda: self.held.discard(call_sid))

    def dequeue(self, queue_sid: str, call_sid: str, url: str) -> None:
        self.urls.append(url)
        self._do("dequeue", call_sid, lambda: None)

    def participants(self, conference_sid: str) -> Sequence[ParticipantSeen]:
        legs = [leg for leg in self.dialled if sid_of(leg.conference) == conference_sid and not leg.over]
        known = {leg.call_sid for leg in legs}
        return [
            *(
                ParticipantSeen(leg.call_sid, leg.label, leg.call_sid in self.held, leg.muted, leg.status)
                for leg in legs
            ),
            *(ParticipantSeen(call_sid, None, True, False, "connected") for call_sid in self.held - known),
        ]

    def call_status(self, call_sid: str) -> str:
        return self.statuses.get(call_sid, "in-progress")

    def conference_sid(self, conference: str) -> str | None:
        return sid_of(conference)

    def set_line(self, number: str, voice_url: str, status_url: str) -> bool:
        return True

    def _end(self, call_sid: str) -> None:
        for leg in self.dialled:
            leg.over = leg.over or leg.call_sid == call_sid

    def _do(self, method: str, whom: str, effect: Callable[[], object]) -> None:
        with self._lock:
            self.asked.append((method, whom))
            trouble = self.troubles[method].popleft() if self.troubles[method] else None
            if trouble is None or trouble.took_effect:
                effect()
            if trouble is not None:
                raise ProviderError(trouble.meaning, trouble.text, trouble.code, retry_after=trouble.retry_after)


def sid_of(conference: str) -> str:
    """The ConferenceSid that belongs to a conference's friendly name."""
    return "CF" + conference.removeprefix("hookflash-").ljust(32, "0")
