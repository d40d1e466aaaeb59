"""A small web server that plays the application: answers scripted TwiML and remembers what Twilio's side asked."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import Headers, MultiDict

from tests.support.waiting import until

Params = MultiDict[str, str]


@dataclass(frozen=True)
class Received:
    """One request as it came in.

    `url` is what was asked for, byte for byte (no fragment); `query` and `form` keep repeated names and empty values;
    `number` counts the requests of this receiver from 0.
    """

    number: int
    method: str
    url: str
    path: str
    query: Params
    form: Params
    headers: Headers

    @property
    def params(self) -> Params:
        """Twilio's parameters: the form of a POST, the query of a GET."""
        return self.form if self.method == "POST" else self.query

    def is_signed_with(self, auth_token: str) -> bool:
        """Twilio: X-Twilio-Signature covers the full URL and, for a POST, the sorted form fields."""
        signature = self.headers.get("X-Twilio-Signature", "")
        return bool(RequestValidator(auth_token).validate(self.url, self.form, signature))


@dataclass(frozen=True)
class Reply:
    """What to answer; `delay` in real seconds before the first byte; `hang_up` closes the connection unanswered."""

    body: str | bytes = ""
    status: int = 200
    content_type: str = "text/xml"
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


Script = str | Reply | Callable[[Received], "str | Reply"]

NOTHING = Reply(status=204)


class WebhookReceiver:
    """Answers on 127.0.0.1. A path that was not scripted answers 204, as a status callback should be."""

    def __init__(self, port: int = 0) -> None:
        self._scripts: dict[str, Script] = {}
        self._received: list[Received] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stops at once, also while a scripted delay runs."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str) -> str:
        """The full URL of `path` (which may carry a query or a fragment)."""
        return self.base_url + path

    def on(self, path: str, script: Script) -> str:
        """Scripts `path` (no query) and returns its URL. A text is a TwiML document; a callable is asked each time."""
        with self._lock:
            self._scripts[path] = script
        return self.url(path)

    def in_turn(self, path: str, *scripts: str | Reply) -> str:
        """Scripts `path` to answer these one after the other; the last one stays."""
        left = list(scripts)

        def next_answer(_: Received) -> str | Reply:
            with self._lock:
                return left.pop(0) if len(left) > 1 else left[0]

        return self.on(path, next_answer)

    def forget(self) -> None:
        """Drops scripts and received requests."""
        with self._lock:
            self._scripts.clear()
            self._received.clear()

    def received(self, path: str | None = None, **params: str) -> list[Received]:
        """What came in so far in order of arrival, of one path if given, with these parameter values."""
        with self._lock:
            everything = list(self._received)
        return [
            request
            for request in everything
            if (path is None or request.path == path)
            and all(request.params.get(name) == value for name, value in params.items())
        ]

    def wait_for(self, path: str, count: int = 1, within: float = 5.0, **params: str) -> list[Received]:
        """Waits until at least `count` such requests came in, and returns all of them."""

        def enough() -> list[Received]:
            matching = self.received(path, **params)
            assert len(matching) >= count, f"{len(matching)} of {count}; came in: {self._summary()}"
            return matching

        return until(enough, within, f"{count} x {path} {params}")

    def wait_for_one(self, path: str, within: float = 5.0, **params: str) -> Received:
        """Waits for such a request and returns the first."""
        return self.wait_for(path, 1, within, **params)[0]

    def _summary(self) -> str:
        with self._lock:
            lines = [f"{r.method} {r.path} {dict(r.params)}" for r in self._received]
        return "\n  ".join(["", *lines]) or "nothing"

    def _take(self, method: str, target: str, body: str, headers: Headers) -> Reply:
        url = self.base_url + target
        parts = urlsplit(url)
        with self._lock:
            request = Received(
                number=len(self._received),
                method=method,
                url=url,
                path=parts.path,
                query=MultiDict(parse_qsl(parts.query, keep_blank_values=True)),
                form=MultiDict(parse_qsl(body, keep_blank_values=True)),
                headers=headers,
            )
            self._received.append(request)
            script = self._scripts.get(parts.path, NOTHING)
        answer = script(request) if callable(script) else script
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        if reply.delay:
            self._stopping.wait(reply.delay)
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that lost patience and closed its connection is part of some tests; all else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler_for(receiver: WebhookReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            reply = receiver._take(self.command, self.path, body, Headers(self.headers.items()))
            if reply.hang_up:
                self.close_connection = True
                return
            content = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if reply.status != 204:
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: the tests read `received()`."""

    return Handler


@contextmanager
def receiving(port: int = 0) -> Iterator[WebhookReceiver]:
    """A started receiver, stopped on exit."""
    receiver = WebhookReceiver(port)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
