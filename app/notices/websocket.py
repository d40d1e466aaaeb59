"""The WebSocket transport: the same messages in frames; events may be pushed while a connect is held."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from app.core.errors import StoreUnavailable
from app.notices.desk import Identity
from app.notices.envelope import MalformedEnvelope, Message, unwrap, wrap
from app.notices.http import LARGEST_BODY, Authenticate
from app.notices.protocol import CONNECT, is_handshake
from app.notices.requests import Receive, Scope, Send, base_url, headers_of, origin_allowed
from app.notices.service import Line, Service
from app.notices.threads import Threads

_GOING_AWAY, _BAD_DATA, _POLICY, _TOO_BIG, _TRY_AGAIN_LATER = 1001, 1007, 1008, 1009, 1013
_MOST_WAITING = 4


class WebSocket:
    """Serves Bayeux over WebSockets. A closed socket does not end a session: it goes on over the next one or over long polling."""

    def __init__(
        self,
        service: Service,
        threads: Threads,
        authenticate: Authenticate,
        trusted_proxy: bool,
        allowed_origins: frozenset[str],
    ) -> None:
        self._service = service
        self._threads = threads
        self._authenticate = authenticate
        self._trusted_proxy = trusted_proxy
        self._allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket. Only the upgrade carries an origin and credentials. The origin is judged there; whose the credentials are
        is asked there and again for each frame, since a log-in may end or run out while its socket stands."""
        await receive()
        headers = headers_of(scope)
        own = base_url(scope, headers, self._trusted_proxy)

        async def authenticate() -> Identity | None:
            return await self._threads.run(self._authenticate, headers)

        try:
            identity = await authenticate()
        except StoreUnavailable:
            await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER})
            return
        if identity is None or not origin_allowed(headers, own, self._allowed_origins):
            await send({"type": "websocket.close", "code": _POLICY})
            return
        await send({"type": "websocket.accept"})
        await _Conversation(self._service, authenticate, own, send).run(receive)


class _Conversation:
    """One socket: its frames are answered in their order, while connects wait beside them."""

    def __init__(
        self, service: Service, authenticate: Callable[[], Awaitable[Identity | None]], own: str, send: Send
    ) -> None:
        self._service = service
        self._authenticate = authenticate
        self._own = own
        self._raw_send = send
        self._sending = asyncio.Lock()
        self._line = Line()
        self._waiting: set[asyncio.Task[None]] = set()

    async def run(self, receive: Receive) -> None:
        """Serve until the client closes the socket, breaks the rules, or the server stops.

        Whatever fails while a message is answered ends the socket and reaches the server, which logs it; the client comes back.
        """
        async with asyncio.TaskGroup() as self._tasks:
            reading = self._tasks.create_task(self._read(receive))
            stopping = self._tasks.create_task(self._service.stopped.wait())
            try:
                await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
                code = _GOING_AWAY if stopping.done() else reading.result()
                if code is not None:
                    await asyncio.gather(*self._waiting)  # what the server's stop released is still to be written
                    await self._send({"type": "websocket.close", "code": code})
            finally:
                self._line.close()
                reading.cancel()
                stopping.cancel()

    async def _read(self, receive: Receive) -> int | None:
        """Return the code to close the socket with, or None once the client has closed it."""
        while not self._line.gone:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                self._line.close()
                break
            text = event.get("text")
            frame = text.encode("utf-8", "replace") if text is not None else event.get("bytes") or b""
            if len(frame) > LARGEST_BODY:
                return _TOO_BIG
            try:
                messages = unwrap(frame)
                shakes = is_handshake(messages)
            except MalformedEnvelope:
                return _BAD_DATA
            if shakes:
                identity = await self._authenticate()
                await self._write(await self._service.shake_hands(messages[0], identity, self._own))
                if identity is None:
                    return _POLICY
            else:
                await self._answer(messages)
        return None

    async def _answer(self, messages: Sequence[Message]) -> None:
        if messages[0].get("channel") == CONNECT and len(self._waiting) < _MOST_WAITING:
            task = self._tasks.create_task(self._serve(messages))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
        else:
            await self._serve(messages)

    async def _serve(self, messages: Sequence[Message]) -> None:
        identity = await self._authenticate()
        replies = await self._service.answer(messages, identity, self._own, self._line, self._write)
        if replies is not None:
            await self._write(replies)

    async def _write(self, messages: Sequence[Message]) -> bool:
        return await self._send({"type": "websocket.send", "text": wrap(messages).decode("ascii")})

    async def _send(self, event: dict[str, object]) -> bool:
        """Write one frame and tell whether that went well; if the client has left, the line is closed."""
        async with self._sending:
            try:
                await self._raw_send(event)
            except OSError:  # what ASGI servers raise for a closed connection
                self._line.close()
                return False
            return True
