"""The course of one call: its TwiML, the fallback when that fails, and what comes when nothing is left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from ..progress import standard_params
from ..transport import FetchFailed
from .documents import CALL, TwimlError
from .media import APPLICATION_ERROR, say_seconds
from .runner import Ending, Runner, Source

if TYPE_CHECKING:
    from ..calls import Call

_log = logging.getLogger(__name__)


class Script:
    """Runs one course at a time for a call; starting another aborts the one that runs.

    A course that breaks by a fault of the simulator ends its call with the error message, not in silence.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, call: Call) -> Script:
        """The script of a call, made at first use."""
        if call.script is None:
            call.script = cls(call)
        return call.script

    def start(self, course: Coroutine[None, None, None]) -> None:
        self.stop()
        self._task = asyncio.get_running_loop().create_task(course)
        self._task.add_done_callback(self._done)

    def stop(self) -> None:
        """Abort what runs. A course that ends its own call is left to return by itself."""
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or (fault := task.exception()) is None:
            return
        call = self._call
        _log.error("the course of call %s broke", call.sid, exc_info=fault)
        call.warn(12400, "internal failure")
        if task is self._task and call.live:
            call.leave_place("participant_hung_up", "system-error")
            self.start(self._end_with_apology())

    def run_twiml(self, source: Source) -> None:
        """Run TwiML from its first document to its end, then hang up."""
        self.start(self._twiml(source))

    async def _twiml(self, source: Source) -> None:
        call = self._call
        run = Runner(
            call.platform,
            CALL,
            params=lambda: standard_params(call),
            set_sound=call.set_sound,
            warn=call.warn,
            cookies=call.cookies,
            call=call,
        )
        ending = await self._with_fallback(run, source)
        if ending is not Ending.HANGUP:
            call.answer()
        call.set_sound(None)
        call.hang_up()

    async def _with_fallback(self, run: Runner, source: Source) -> Ending:
        """Run ``source``; when a document cannot be had or run, the fallback URL once, else the error message."""
        call = self._call
        try:
            return await run.run(source)
        except (FetchFailed, TwimlError) as error:
            failure = error
        call.warn(failure.code, str(failure), run.url or "")
        if call.fallback is not None:
            url, method = call.fallback
            params = [("ErrorCode", str(failure.code)), ("ErrorUrl", run.url or "")]
            try:
                return await run.run(Source(url, method, params))
            except (FetchFailed, TwimlError) as error:
                call.warn(error.code, str(error), run.url or "")
        await self._apologise()
        return Ending.HANGUP

    async def _apologise(self) -> None:
        call = self._call
        call.answer()
        call.set_sound(f"say: {APPLICATION_ERROR}")
        await call.platform.clock.sleep(say_seconds(APPLICATION_ERROR))

    async def _end_with_apology(self) -> None:
        await self._apologise()
        self._call.set_sound(None)
        self._call.hang_up()
