"""What plays to somebody who waits: wait, hold, queue documents and announcements, run beside the leg's own TwiML."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..identifiers import Params
from ..transport import FetchFailed
from .documents import ROOM, Context, TwimlError
from .media import APPLICATION_ERROR, say_seconds
from .runner import Ending, Runner, Source

if TYPE_CHECKING:
    import aiohttp

    from ..calls import Call
    from ..platform import Platform

# Twilio's classical playlist. It is named but never requested: the simulator talks to nobody it was not told of.
DEFAULT_MUSIC = "play: http://com.twilio.sounds.music.s3.amazonaws.com/ClockworkWaltz.mp3"


class Soundtrack:
    """``now`` is what sounds: kept over loops and re-fetches, None when nothing does.

    ``url`` None plays Twilio's default music for ever, an empty string is silence. ``at_end`` says what happens when
    the document has run out: ``once`` and ``silence`` leave silence, ``repeat`` requests it again.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        url: str | None,
        method: str,
        params: Callable[[], Params],
        changed: Callable[[], None],
        at_end: str,
        warn: Callable[[int, str], None],
        context: Context = ROOM,
        cookies: aiohttp.CookieJar | None = None,
        call: Call | None = None,
    ) -> None:
        self._platform, self._url, self._method, self._at_end = platform, url, method, at_end
        self._params, self._changed, self._warn, self._cookies = params, changed, warn, cookies
        self._context, self._call = context, call
        self._task: asyncio.Task[None] | None = None
        self.now: str | None = None
        # What happens instead of the default: music when the document cannot be fetched, silence when it is wrong.
        self.on_failure: Callable[[int, str], None] | None = None
        self.on_error: Callable[[TwimlError], None] | None = None
        self.on_end: Callable[[], None] | None = None
        self.on_ending: Callable[[Ending], None] | None = None

    def start(self) -> None:
        """Begin to play; the default music and silence need no request."""
        if self._url is None:
            self._set(DEFAULT_MUSIC)
        elif self._url:
            self._task = asyncio.get_running_loop().create_task(self._play(self._url))

    def stop(self) -> None:
        """Nothing sounds any more, and nothing will. A track may stop itself from within its own document."""
        task, self._task = self._task, None
        self.now = None
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def say_error(self) -> None:
        """Say that an application error has occurred in place of a document that failed, then end."""
        self._set(f"say: {APPLICATION_ERROR}")
        self._task = asyncio.get_running_loop().create_task(self._finish_after(say_seconds(APPLICATION_ERROR)))

    async def _finish_after(self, seconds: float) -> None:
        await self._platform.clock.sleep(seconds)
        self._ended()

    async def _play(self, url: str) -> None:
        runner = Runner(
            self._platform,
            self._context,
            params=self._params,
            set_sound=self._set_while_playing,
            warn=self._warn,
            cookies=self._cookies,
            call=self._call,
        )
        try:
            ending = await runner.run(Source(url, self._method))
            while ending is Ending.DOCUMENT_END and self._at_end == "repeat":
                if not runner.sounded:
                    self._set_while_playing(None)
                ending = await runner.run(Source(url, self._method))
        except FetchFailed as failure:
            self._warn(failure.code, str(failure))
            self._failed(failure)
        except TwimlError as error:
            self._warn(error.code, str(error))
            self._set(None)
            if self.on_error is not None:
                self.on_error(error)
        else:
            if ending is not Ending.DOCUMENT_END and self.on_ending is not None:
                self.on_ending(ending)
            else:
                self._ended()

    def _failed(self, failure: FetchFailed) -> None:
        if self.on_failure is not None:
            self.on_failure(failure.code, str(failure))
        else:
            self._set(DEFAULT_MUSIC)

    def _ended(self) -> None:
        self._set(None)
        if self.on_end is not None:
            self.on_end()

    def _set_while_playing(self, sound: str | None) -> None:
        if self._task is not None:
            self._set(sound)

    def _set(self, sound: str | None) -> None:
        self.now = sound
        self._changed()
