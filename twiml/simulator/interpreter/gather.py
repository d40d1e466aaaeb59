"""Gather: collects keys while it speaks and for a while after."""

from __future__ import annotations

import asyncio
from xml.etree.ElementTree import Element

from ..clock import VirtualClock
from . import attributes
from .documents import Document, TwimlError
from .runner import Flow, Runner, Source

_PROMPTS = frozenset({"Say", "Play", "Pause"})
_NO_KEY = ""


class Keypad:
    """Keys pressed by the person at the far end, one after the other."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._pressed: asyncio.Queue[str] = asyncio.Queue()

    def press(self, key: str) -> None:
        self._pressed.put_nowait(key)

    async def next(self, seconds: float | None = None) -> str:
        """The next key; an empty string when none comes within ``seconds``."""
        if seconds is None or not self._pressed.empty():
            return await self._pressed.get()
        give_up = self._clock.call_later(seconds, lambda: self._pressed.put_nowait(_NO_KEY))
        try:
            return await self._pressed.get()
        finally:
            give_up.cancel()


async def gather(run: Runner, element: Element, document: Document) -> Flow:
    """Collect keys until the finish key, the number of digits, or a pause; then request the action with them.

    Without input the next verb follows, unless ``actionOnEmptyResult``. A key stops what is being said.
    """
    for child in element:
        if child.tag not in _PROMPTS or (child.tag == "Play" and child.get("digits") is not None):
            raise TwimlError(13320, f"{child.tag} may not be used in Gather")
    raw_action = element.get("action")
    action = document.resolve(raw_action) if raw_action else document.url
    if action is None:
        raise TwimlError(11100, "Gather without an action in TwiML that came without a URL")
    method = attributes.method(run, element, "method", 13312)
    keypad = Keypad(run.clock)
    if "dtmf" in element.get("input", "dtmf").split():
        run.leg.on_digit = keypad.press
    try:
        digits = await _collect(run, element, document, keypad)
    finally:
        run.leg.on_digit = None
    if not digits and not attributes.flag(run, element, "actionOnEmptyResult", False, 13310):
        return None
    return Source(action, method, [("Digits", digits)])


async def _collect(run: Runner, element: Element, document: Document, keypad: Keypad) -> str:
    finish = element.get("finishOnKey", "#")
    most = int(attributes.number(run, element, "numDigits", 0, 13314, low=1))
    timeout = attributes.number(run, element, "timeout", 5, 13313, low=0, high=600)
    digits = ""
    key = await _key_during_prompts(run, element, document, keypad) or await keypad.next(timeout)
    while key != _NO_KEY and key not in finish:
        digits += key
        if most and len(digits) == most:
            break
        key = await keypad.next(timeout)
    return digits


async def _key_during_prompts(run: Runner, element: Element, document: Document, keypad: Keypad) -> str:
    """Speak the prompts until they end (no key) or a key is pressed."""

    async def prompts() -> None:
        for child in element:
            await run.verbs[child.tag](run, child, document)

    speaking = asyncio.ensure_future(prompts())
    listening = asyncio.ensure_future(keypad.next())
    try:
        await asyncio.wait({speaking, listening}, return_when=asyncio.FIRST_COMPLETED)
        if speaking.done():
            speaking.result()
        return listening.result() if listening.done() else _NO_KEY
    finally:
        speaking.cancel()
        listening.cancel()
        run.set_sound(None)
