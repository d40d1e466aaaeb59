"""Two legs joined by Dial: they hear each other until one of them goes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .calls import Call


class Bridge:
    """The talk of two legs; both of their courses wait for it to be ``over``."""

    def __init__(self, first: Call, second: Call) -> None:
        self.legs = (first, second)
        self.began = first.platform.clock.now()
        self._ended: asyncio.Future[Call | None] = asyncio.get_running_loop().create_future()
        for leg in self.legs:
            leg.bridge = self
            leg.sound = None
        self._note()

    def other(self, leg: Call) -> Call:
        return self.legs[1] if leg is self.legs[0] else self.legs[0]

    async def over(self) -> Call | None:
        """Wait for the end: the leg that left first, or None if something else ended it (a time limit)."""
        # Shielded, since a course that is aborted must not take the other leg's course with it.
        return await asyncio.shield(self._ended)

    def end(self, left: Call | None = None) -> None:
        """Part the two; safe to repeat."""
        for leg in self.legs:
            if leg.bridge is self:
                leg.bridge = None
        if not self._ended.done():
            self._ended.set_result(left)
        self._note()

    def _note(self) -> None:
        for leg in self.legs:
            leg.note_hearing()
