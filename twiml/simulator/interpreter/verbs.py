"""The verbs that are understood, by name."""

from __future__ import annotations

from . import flow, speech
from .dial import dial
from .enqueue import enqueue
from .gather import gather
from .runner import Runner, Verb

VERBS: dict[str, Verb] = {
    "Say": speech.say,
    "Play": speech.play,
    "Pause": speech.pause,
    "Gather": gather,
    "Redirect": flow.redirect,
    "Hangup": flow.hangup,
    "Reject": flow.reject,
    "Leave": flow.leave,
    "Dial": dial,
    "Enqueue": enqueue,
}


def install() -> None:
    """Give every runner its verbs. They are set from here because verbs run documents of their own."""
    Runner.verbs = VERBS
