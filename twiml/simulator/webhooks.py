"""Requests to the controller as the platform makes them: callbacks that nothing waits for, documents that a leg needs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from .faults import Faults
from .identifiers import Params
from .transport import FetchFailed, Reply, Request, Transport


class Webhooks:
    """Puts requests on their way, under the faults that are in force when they leave."""

    def __init__(self, transport: Transport, faults: Callable[[], Faults]) -> None:
        self._transport = transport
        self._faults = faults
        self._callbacks: set[asyncio.Task[None]] = set()
        self._exchanges: set[asyncio.Task[Reply]] = set()

    async def close(self) -> None:
        for task in [*self._callbacks, *self._exchanges]:
            task.cancel()
        await self._transport.close()

    @property
    def pending(self) -> set[asyncio.Task[None]]:
        """Callbacks that are still on their way."""
        return set(self._callbacks)

    def callback(self, url: str, method: str, params: Params, on_trouble: Callable[[str], None] | None = None) -> None:
        """Send a status or conference callback from a task of its own: it waits for nothing and nothing waits for it.

        Delivery is at least once unless it is lost, and in any order. ``on_trouble`` learns why Twilio would raise a
        debugger warning.
        """
        faults = self._faults()
        request = Request(url, method, params)
        lost = faults.strikes(faults.drop)
        wait = faults.delay() + (faults.overtaken() if faults.strikes(faults.reorder) else 0.0)
        again = faults.strikes(faults.duplicate)
        task = asyncio.get_running_loop().create_task(self._deliver(request, lost, wait, again, on_trouble))
        self._callbacks.add(task)
        task.add_done_callback(self._callbacks.discard)

    def in_background(self, request: Request) -> None:
        """Send a TwiML request whose answer cannot matter any more, such as the action of a call that has ended."""

        async def send() -> None:
            try:
                await self.fetch(request)
            except FetchFailed:
                return  # the attempt is in the log; nobody is left to hear of it

        task = asyncio.get_running_loop().create_task(send())
        self._callbacks.add(task)
        task.add_done_callback(self._callbacks.discard)

    async def _deliver(
        self, request: Request, lost: bool, wait: float, again: bool, on_trouble: Callable[[str], None] | None
    ) -> None:
        if lost:
            self._transport.note_lost(request)
            return
        token = secrets.token_hex(16)
        await asyncio.sleep(wait)
        for _ in range(2 if again else 1):
            try:
                reply = await self._transport.exchange(request, token)
            except FetchFailed as failure:
                trouble = str(failure)
            else:
                trouble = "" if 200 <= reply.status < 300 else f"Got HTTP {reply.status} response to {request.url}"
            if trouble and on_trouble is not None:
                on_trouble(trouble)

    async def fetch(self, request: Request) -> Reply:
        """Request a document or a media file; late by the delay in force. Raises FetchFailed unless the status is 2xx
        (redirects are followed, at most ten)."""
        delay = self._faults().delay()
        if delay:
            await asyncio.sleep(delay)
        exchange = asyncio.get_running_loop().create_task(self._transport.exchange(request, secrets.token_hex(16)))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchange_ended)
        # The leg may go on to other things meanwhile; a request that was sent is still answered and logged.
        reply = await asyncio.shield(exchange)
        if not 200 <= reply.status < 300:
            raise FetchFailed(11200, request.url, f"Got HTTP {reply.status} response to {request.url}")
        return reply

    def _exchange_ended(self, exchange: asyncio.Task[Reply]) -> None:
        self._exchanges.discard(exchange)
        if not exchange.cancelled():
            exchange.exception()  # whoever asked has been told, if anyone is left
