"""Waiting in tests: look again until it is so, and say readably what was missing when it never was."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_AGAIN_AFTER = 0.02


def until(condition: Callable[[], T], within: float = 5.0, what: str = "") -> T:
    """Calls `condition` until its value is true and returns that value.

    `within` is in seconds of real time. An AssertionError raised by the condition counts as "not yet". When time runs
    out, fails with `what` (or the condition's source) and the last value or assertion seen.
    """
    deadline = time.monotonic() + within
    while True:
        seen: object
        try:
            value = condition()
            if value:
                return value
            seen = value
        except AssertionError as not_yet:
            seen = not_yet
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {within} s: {what or _source(condition)}\nlast seen: {seen!r}")
        time.sleep(LOOK_AGAIN_AFTER)


def always(condition: Callable[[], object], during: float = 0.3, what: str = "") -> None:
    """Fails as soon as `condition` is false in the next `during` seconds: for what must *not* happen."""
    deadline = time.monotonic() + during
    while True:
        value = condition()
        if not value:
            raise AssertionError(f"stopped being so: {what or _source(condition)}\nlast seen: {value!r}")
        if time.monotonic() >= deadline:
            return
        time.sleep(LOOK_AGAIN_AFTER)


def _source(condition: Callable[[], object]) -> str:
    try:
        return inspect.getsource(condition).strip()
    except (OSError, TypeError):
        return repr(condition)
