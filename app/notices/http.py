"""The long-polling transport: one POST carries messages, its reply the answers and whatever events wait."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import StoreUnavailable
from app.notices.desk import Identity
from app.notices.envelope import MalformedEnvelope, unwrap, wrap
from app.notices.protocol import is_handshake
from app.notices.requests import (
    BodyTooLarge,
    ClientGone,
    Receive,
    Scope,
    Send,
    base_url,
    has_cookie,
    headers_of,
    origin_allowed,
    read_body,
)
from app.notices.service import Line, Service
from app.notices.threads import Threads

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
_BROWSER = "BAYEUX_BROWSER"

Header = tuple[bytes, bytes]
_ALLOW: Header = (b"allow", b"POST, OPTIONS")
_CLOSE: Header = (b"connection", b"close")
Authenticate = Callable[[Mapping[str, str]], Identity | None]


class LongPolling:
    """Serves Bayeux over HTTP. Refusals below Bayeux have the body ``{"statusCode", "statusMessage"}`` of the REST resources."""

    def __init__(
        self,
        service: Service,
        threads: Threads,
        authenticate: Authenticate,
        new_id: Callable[[], str],
        trusted_proxy: bool,
        allowed_origins: frozenset[str],
    ) -> None:
        self._service = service
        self._threads = threads
        self._authenticate = authenticate
        self._new_id = new_id
        self._trusted_proxy = trusted_proxy
        self._allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Routed on the messages, never on the path: clients append /handshake, /connect … as they like."""
        headers = headers_of(scope)
        own = base_url(scope, headers, self._trusted_proxy)
        response = _Response(send, self._service, self._cross_origin(headers, own))
        if scope["method"] == "OPTIONS":
            await response.write(204, b"", _ALLOW)
        elif scope["method"] != "POST":
            await response.refuse(405, 3, "Bayeux messages are sent by POST", _ALLOW)
        else:
            await self._post(headers, own, receive, response)

    async def _post(self, headers: Mapping[str, str], own: str, receive: Receive, response: _Response) -> None:
        try:
            messages = unwrap(await read_body(receive, headers, LARGEST_BODY), headers.get("content-type", ""))
            shakes = is_handshake(messages)
            identity = await self._threads.run(self._authenticate, headers)
            if not shakes:
                async with _watched(receive) as line:
                    replies = await self._service.answer(messages, identity, own, line)
                if replies is not None:
                    await response.write(200, wrap(replies))
            elif identity is None:
                await response.refuse(403, 20, "Access denied")
            else:
                replies = await self._service.shake_hands(messages[0], identity, own)
                await response.write(200, wrap(replies), *self._browser_cookie(headers, own))
        except ClientGone:
            return
        except BodyTooLarge:
            await response.refuse(413, 2, "The body is larger than 1 MiB", _CLOSE)
        except MalformedEnvelope as error:
            await response.refuse(400, 2, f"Not a Bayeux request: {error}")
        except (SQLAlchemyError, StoreUnavailable):
            log.exception("Notices: the store failed while a request was answered")
            await response.refuse(503, 4, "Notifications are not available right now")

    def _browser_cookie(self, headers: Mapping[str, str], own: str) -> list[Header]:
        """Clients expect this cookie of a handshake; nothing here depends on it, since a session is bound to its user."""
        if has_cookie(headers, _BROWSER):
            return []
        secure = "; Secure" if own.startswith("https:") else ""
        return [(b"set-cookie", f"{_BROWSER}={self._new_id()}; Path=/; HttpOnly{secure}".encode("ascii"))]

    def _cross_origin(self, headers: Mapping[str, str], own: str) -> list[Header]:
        origin = headers.get("origin")
        if origin is None or origin == own or not origin_allowed(headers, own, self._allowed_origins):
            return []
        return [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", b"POST"),
            (b"access-control-allow-headers", b"Content-Type, Authorization, X-CSRF-TOKEN"),
            (b"vary", b"Origin"),
        ]


class _Response:
    """Writes the one response of a request."""

    def __init__(self, send: Send, service: Service, shared: list[Header]) -> None:
        self._send = send
        self._service = service
        self._shared = shared

    async def refuse(self, status: int, code: int, text: str, *extra: Header) -> None:
        """Write a refusal that is no Bayeux reply."""
        await self.write(status, json.dumps({"statusCode": code, "statusMessage": text}).encode(), *extra)

    async def write(self, status: int, body: bytes, *extra: Header) -> None:
        """Write status, headers and body; a stopping server also asks the client to connect anew."""
        headers: list[Header] = [(b"cache-control", b"no-store"), *self._shared, *extra]
        if body:
            headers += [(b"content-type", b"application/json;charset=UTF-8"), (b"content-length", b"%d" % len(body))]
        if self._service.stopping and _CLOSE not in headers:
            headers.append(_CLOSE)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def _watched(receive: Receive) -> AsyncIterator[Line]:
    """Give a line that notices when the client hangs up while its request is worked on or held.

    Without this an event taken for a closed socket would be lost; the server otherwise learns of it only by writing.
    """
    line = Line()

    async def until_closed() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        line.close()

    watcher = asyncio.create_task(until_closed())
    try:
        yield line
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
