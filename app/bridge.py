"""Flask beside held connections: a WSGI application served through ASGI, each request by one thread of a small pool.

A request is read whole before a thread takes it, and its reply is handed back whole. So there is one change of threads each way, where a
general adapter needs several for every request and pays more for them than Flask takes to answer; and a client that sends its body
slowly holds up nobody. It suits an application whose bodies are small and which streams nothing, as ours is.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Environ = dict[str, Any]
WsgiApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Reply(NamedTuple):
    """A whole reply: status code, headers as ASGI wants them, body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class ThreadBridge:
    """An ASGI application (HTTP only) that answers by a WSGI application in at most ``threads`` threads.

    Of a body longer than ``most_bytes`` one byte more than that is passed on: enough for the application to refuse it.
    """

    def __init__(self, application: WsgiApplication, threads: int, most_bytes: int) -> None:
        self._application = application
        self.most_bytes = most_bytes
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; of a client that hangs up before it has sent it all, nothing is heard."""
        body = await read_body(receive, self.most_bytes)
        if body is not None:
            await send_reply(await self.reply(scope, body), send)

    async def reply(self, scope: Scope, body: bytes) -> Reply:
        """Return the reply to a request that has been read."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._answer, scope, body)

    def _answer(self, scope: Scope, body: bytes) -> Reply:
        return answer(self._application, environ_of(scope, body))


async def read_body(receive: Receive, most_bytes: int) -> bytes | None:
    """Return a request's whole body, cut off one byte after ``most_bytes``; None if the client hung up before it had sent it."""
    parts: list[bytes] = []
    room = most_bytes + 1
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")[:room]
        room -= len(part)
        parts.append(part)
        if not room or not message.get("more_body", False):
            return b"".join(parts)


async def send_reply(reply: Reply, send: Send) -> None:
    """Send a whole reply."""
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    await send({"type": "http.response.body", "body": reply.body})


def answer(application: WsgiApplication, environ: Environ) -> Reply:
    """Return what a WSGI application answers."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], None]:
        started[:] = [(status, headers)]
        return written.append

    chunks = application(environ, start_response)
    try:
        written.extend(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = started[0]
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Reply(int(status[:3]), encoded, b"".join(written))


def environ_of(scope: Scope, body: bytes) -> Environ:
    """Return the WSGI environment of a request. ``asgi.scope`` in it is the request as it came."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "asgi.scope": scope,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # Python's WSGI carries bytes as if they were Latin-1.
        "PATH_INFO": scope["path"].encode(errors="surrogateescape").decode("latin-1"),
        "QUERY_STRING": _ascii(scope.get("query_string", b"")),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{name}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None:
        # Flask takes a body without a length for empty; of a chunked one it is known now.
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _ascii(query: bytes) -> str:
    """Percent-encode stray bytes of a query string: it is to be ASCII, and a client that sends others is to get an answer."""
    return query.decode() if query.isascii() else "".join(chr(b) if b < 128 else f"%{b:02X}" for b in query)
