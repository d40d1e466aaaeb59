"""What a WSGI application receives and a client gets back through the bridge from ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

from app.bridge import ThreadBridge

Seen = list[tuple[dict[str, Any], bytes]]
Start = Callable[[str, list[tuple[str, str]]], object]

GOES_ON = {"type": "http.request", "more_body": True}
ENDS = {"type": "http.request", "more_body": False}
HANGS_UP: dict[str, Any] = {"type": "http.disconnect"}


def given_application(seen: Seen) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        seen.append((environ, environ["wsgi.input"].read()))
        start_response("201 Created", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b"wel", b"come"]

    return application


def when_asked(
    *messages: dict[str, Any], headers: Iterable[tuple[bytes, bytes]] = (), query: bytes = b"", most_bytes: int = 100
) -> tuple[Seen, list[MutableMapping[str, Any]]]:
    """Send one request and return what the application saw and what the client was sent."""
    seen: Seen = []
    sent: list[MutableMapping[str, Any]] = []
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/café",
        "query_string": query,
        "http_version": "1.1",
        "headers": list(headers),
    }
    bridge = ThreadBridge(given_application(seen), threads=1, most_bytes=most_bytes)
    asyncio.run(bridge(scope, receive, send))
    return seen, sent


def test_the_client_gets_status_headers_and_the_whole_body() -> None:
    _, sent = when_asked(ENDS)

    assert sent[0]["status"] == 201
    assert sent[0]["headers"] == [(b"content-type", b"text/plain"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert b"".join(message["body"] for message in sent[1:]) == b"welcome"


def test_a_body_in_pieces_arrives_whole() -> None:
    [(environ, body)], _ = when_asked(
        {**GOES_ON, "body": b"one "}, {**ENDS, "body": b"two"}, headers=[(b"content-length", b"7")]
    )

    assert (body, environ["CONTENT_LENGTH"]) == (b"one two", "7")


def test_a_chunked_body_has_the_length_it_turned_out_to_have() -> None:
    [(environ, body)], _ = when_asked(
        {**GOES_ON, "body": b"one "}, {**ENDS, "body": b"two"}, headers=[(b"transfer-encoding", b"chunked")]
    )

    assert (body, environ["CONTENT_LENGTH"]) == (b"one two", "7")
    assert "HTTP_TRANSFER_ENCODING" not in environ


def test_of_a_body_over_the_limit_one_byte_more_is_passed_on_for_the_application_to_refuse() -> None:
    [(environ, body)], _ = when_asked(
        {**GOES_ON, "body": b"12345"},
        {**GOES_ON, "body": b"67890"},
        headers=[(b"transfer-encoding", b"chunked")],
        most_bytes=6,
    )

    assert (body, environ["CONTENT_LENGTH"]) == (b"1234567", "7")


def test_a_request_whose_client_hangs_up_half_way_reaches_nobody() -> None:
    assert when_asked({**GOES_ON, "body": b"half"}, HANGS_UP) == ([], [])


def test_stray_bytes_of_a_query_are_percent_encoded() -> None:
    [(environ, _)], _ = when_asked(ENDS, query=b"name=\xc3\xa9&x=%20")

    assert environ["QUERY_STRING"] == "name=%C3%A9&x=%20"


def test_a_path_carries_its_bytes_as_latin_1_and_repeated_headers_are_joined() -> None:
    [(environ, _)], _ = when_asked(ENDS, headers=[(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"2.2.2.2")])

    assert environ["PATH_INFO"].encode("latin-1").decode() == "/café"
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.1.1.1,2.2.2.2"
