"""Ringing a phone: from the slot in the dialling rate to the answer, or to what comes instead."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from .progress import tell_progress

if TYPE_CHECKING:
    from .calls import Call
    from .clock import VirtualClock

# Twilio lets a phone ring about five seconds longer than it was asked to.
RING_BUFFER = 5.0
_REFUSALS = {"busy": ("busy", 486), "reject": ("busy", 486)}


class DiallingRate:
    """Calls per second: at most ``rate`` API-created legs start within any second, the rest wait as queued."""

    def __init__(self, clock: VirtualClock, rate: int) -> None:
        self._clock, self._rate = clock, rate
        self._starts: deque[float] = deque(maxlen=rate)

    def next_slot(self) -> float:
        """Take the next slot and say how many simulated seconds away it is."""
        now = self._clock.now()
        start = now
        if len(self._starts) == self._rate:
            start = max(now, self._starts[0] + 1.0)
        self._starts.append(start)
        return start - now

    def reset(self) -> None:
        self._starts.clear()


def dial_in_turn(call: Call, timeout: float) -> None:
    """Start a leg created by REST when the dialling rate allows; legs of Dial need not ask."""
    wait = call.platform.dialling_rate.next_slot()
    call.queue_time_ms = round(wait * 1000)
    call.after(wait, lambda: alert(call, timeout))


def alert(call: Call, timeout: float) -> None:
    """Ring the far end for ``timeout`` seconds and the buffer; its phone reacts as its owner has chosen."""
    phone = call.platform.phones[call.phone]
    tell_progress(call, "initiated")
    if phone.on_ring == "fail" and phone.after == 0:
        call.end("failed", 404)
        return
    call.start_ringing()
    call.after(timeout + RING_BUFFER, lambda: call.end("no-answer", 487))
    if phone.on_ring == "answer":
        call.after(phone.after, call.answer)
    elif phone.on_ring in _REFUSALS:
        status, code = _REFUSALS[phone.on_ring]
        call.after(phone.after, lambda: call.end(status, code))
    elif phone.on_ring == "fail":
        call.after(phone.after, lambda: call.end("failed", 404))
