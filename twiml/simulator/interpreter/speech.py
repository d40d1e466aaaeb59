"""Say, Play and Pause."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ..transport import FetchFailed, Request
from . import attributes
from .documents import Document
from .media import Media, digits_seconds, is_audio, length_of, say_seconds
from .runner import Flow, Runner

MOST_LOOPS = 1000
DIGITS = frozenset("0123456789ABCD#*wW")


def _loops(run: Runner, element: Element, code: int) -> int:
    """How often to repeat: 0 stands for as long as Twilio goes on, a thousand times."""
    times = int(attributes.number(run, element, "loop", 1, code))
    return min(times, MOST_LOOPS) if times else MOST_LOOPS


async def say(run: Runner, element: Element, document: Document) -> Flow:
    """Speak a text: characters / 15 seconds, at least one."""
    text = attributes.text_of(element)
    if not text:
        return None
    run.sounded = True
    run.set_sound(f"say: {text}")
    await run.clock.sleep(say_seconds(text) * _loops(run, element, 13510))
    return None


async def play(run: Runner, element: Element, document: Document) -> Flow:
    """Play a file or keypad tones. The file is fetched each time the verb is run."""
    digits = element.get("digits")
    if digits is not None:
        return await _play_digits(run, digits, _loops(run, element, 13410))
    url = attributes.text_of(element)
    if not url:
        run.warn(13420, "Play without a URL")
        return None
    url = document.resolve(url)
    media = document.media or await _fetch_media(run, url)
    if media is None or not media.seconds:
        return None
    run.sounded = True
    run.set_sound(f"play: {url}")
    await run.clock.sleep(media.seconds * _loops(run, element, 13410))
    return None


async def _play_digits(run: Runner, digits: str, times: int) -> Flow:
    if not digits or not set(digits) <= DIGITS:
        run.warn(13430, f"invalid digits {digits!r}")
        return None
    run.sounded = True
    run.set_sound(f"play: {digits}")
    await run.clock.sleep(digits_seconds(digits) * times)
    return None


async def _fetch_media(run: Runner, url: str) -> Media | None:
    """A media request carries no parameters and no signature; a file that cannot be had is passed over."""
    try:
        with run.clock.fetching():
            reply = await run.platform.webhooks.fetch(Request(url, "GET", kind="media"))
    except FetchFailed as failure:
        run.warn(failure.code, str(failure))
        return None
    kind = reply.content_type.partition(";")[0].strip().lower()
    if not is_audio(kind):
        run.warn(13420, f"invalid content type {kind!r} of {url}")
        return None
    return length_of(kind, reply.body)


async def pause(run: Runner, element: Element, document: Document) -> Flow:
    """Wait in silence, one second unless ``length`` says otherwise."""
    run.set_sound(None)
    await run.clock.sleep(attributes.number(run, element, "length", 1, 13910))
    return None
