"""Status callbacks, many at a time: the facts of all that are waiting share one transaction.

Of all webhooks these are the most by far, and they come in bursts. Each is read as it arrives; those that arrive while others are being
written wait, and are then written together, by one thread: they do not pay for a transaction each, nor push each other aside. Nobody
waits for company: a lone one is written at once. None is answered before its fact is committed.

Only the ordinary callback goes this way: signed, to an address of ours, well-formed, about a session that is there and that nobody else
is changing at this moment. Everything else is answered by Flask, one by one, as if this way did not exist.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from app.bridge import Receive, Reply, Scope, Send, ThreadBridge, read_body, send_reply
from app.control.control import Control
from app.control.intake import Arrival
from app.core.errors import StoreUnavailable
from app.webhooks.callbacks import Reader

# What comes in while a transaction is under way has not waited long when its turn comes.
_MOST_TOGETHER = 64
_NOTED = Reply(204, [], b"")


@dataclass
class _Company:
    """Facts that are to be written together; ``written`` tells of each whether it was."""

    arrivals: list[Arrival] = field(default_factory=list)
    written: asyncio.Task[list[bool]] | None = None


class Together:
    """An ASGI application for status callbacks, in front of ``single``, which answers what does not go this way."""

    def __init__(self, control: Control, reader: Reader, single: ThreadBridge) -> None:
        self._control = control
        self._reader = reader
        self._single = single
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="callbacks")
        # One company at a time: two that are written side by side cost more than they gain, on both stores.
        self._turn = asyncio.Lock()
        self._forming = _Company()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        body = await read_body(receive, self._single.most_bytes)
        if body is not None:
            await send_reply(await self._reply(scope, body), send)

    async def _reply(self, scope: Scope, body: bytes) -> Reply:
        said = self._reader.read(scope, body)
        try:
            if said is not None and (said.arrival is None or await self._taken_in(said.arrival)):
                return _NOTED
        except StoreUnavailable as error:
            return Reply(503, [(b"content-type", b"text/plain; charset=utf-8")], f"{error}.".encode())
        return await self._single.reply(scope, body)

    async def _taken_in(self, arrival: Arrival) -> bool:
        """Take a fact in with the others, and tell whether that is done; if not it is to go the ordinary way."""
        if len(self._forming.arrivals) >= _MOST_TOGETHER:
            self._forming = _Company()
        company = self._forming
        place = len(company.arrivals)
        company.arrivals.append(arrival)
        if company.written is None:
            company.written = asyncio.get_running_loop().create_task(self._write(company))
        # One client that hangs up is not to take the others' answers along.
        return (await asyncio.shield(company.written))[place]

    async def _write(self, company: _Company) -> list[bool]:
        async with self._turn:
            if company is self._forming:
                self._forming = _Company()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._control.take_in_together, company.arrivals)
