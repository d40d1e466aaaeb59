"""Reason phrases of our own on the status line: ``403 Invalid Role``.

Evo Voice clients show the reason phrase when a reply has no body they understand. ASGI has no place for it, and gunicorn's ASGI worker
writes the standard phrase of each status. So the phrase travels through ASGI as a header, which the worker's protocol takes out again
and puts where it belongs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol

HEADER = "x-reason-phrase"
_STANDARD = {status.value: status.phrase.lower() for status in HTTPStatus}
Headers = list[tuple[str, str]]


def with_reasons(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Let a WSGI application's own reason phrases pass through ASGI; standard ones need no help."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: Headers, *exc_info: Any) -> Any:
            code, _, phrase = status.partition(" ")
            if phrase and phrase.isprintable() and phrase.isascii() and phrase.lower() != _STANDARD.get(int(code)):
                headers = [*headers, (HEADER, phrase)]
            return start_response(status, headers, *exc_info)

        return application(environ, start)

    return wrapped


class ReasonProtocol(ASGIProtocol):  # type: ignore[misc]  # gunicorn ships no type information
    """gunicorn's HTTP protocol, with the phrase from our header on the status line."""

    _response_buffer: bytes | None

    def _send_response_start(self, status: int, headers: Any, request: Any, close: bool = False) -> None:
        name = HEADER.encode()
        phrase = next((value for key, value in headers if key == name), None)
        super()._send_response_start(status, [pair for pair in headers if pair[0] != name], request, close)
        if phrase is not None:
            line, _, rest = (self._response_buffer or b"").partition(b"\r\n")
            self._response_buffer = b" ".join([*line.split(b" ", 2)[:2], phrase]) + b"\r\n" + rest


def serve_reasons(worker: Any) -> None:
    """Make a gunicorn worker speak ``ReasonProtocol``; to be called in ``post_worker_init``."""
    create_server = worker.loop.create_server

    def create(factory: Callable[[], Any], *args: Any, **options: Any) -> Any:
        return create_server(lambda: ReasonProtocol(worker), *args, **options)

    worker.loop.create_server = create
