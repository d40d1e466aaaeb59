"""What is believed of a request's headers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.notices.requests import BodyTooLarge, ClientGone, base_url, has_cookie, headers_of, origin_allowed, read_body

FORWARDED = {
    "host": "127.0.0.1:8000",
    "x-forwarded-proto": "https, http",
    "x-forwarded-host": "calls.example.com, inner",
}


def scope(scheme: str = "http", headers: tuple[tuple[bytes, bytes], ...] = ()) -> dict[str, Any]:
    return {"type": "http", "scheme": scheme, "server": ("10.0.0.5", 8000), "headers": headers}


def test_without_a_trusted_proxy_nobody_chooses_the_address_but_the_host_header() -> None:
    assert base_url(scope(), FORWARDED, trusted_proxy=False) == "http://127.0.0.1:8000"


def test_a_trusted_proxy_says_what_the_client_asked_for() -> None:
    assert base_url(scope(), FORWARDED, trusted_proxy=True) == "https://calls.example.com"


def test_a_proxy_that_says_nothing_changes_nothing() -> None:
    assert base_url(scope("https"), {"host": "calls.example.com"}, trusted_proxy=True) == "https://calls.example.com"


@pytest.mark.parametrize("host", ["", "a b", "x/../y", 'h"><script>', "x" * 300])
def test_a_host_that_cannot_be_one_is_replaced_by_our_own_address(host: str) -> None:
    assert base_url(scope(), {"host": host}, trusted_proxy=False) == "http://10.0.0.5:8000"


def test_a_websocket_has_the_address_of_the_page_beside_it() -> None:
    assert base_url(scope("wss"), {"host": "calls.example.com"}, trusted_proxy=False) == "https://calls.example.com"


def test_repeated_headers_are_joined() -> None:
    raw = ((b"Cookie", b"a=1"), (b"cookie", b"b=2"), (b"X-A", b"1"), (b"x-a", b"2"))
    assert headers_of(scope(headers=raw)) == {"cookie": "a=1; b=2", "x-a": "1, 2"}


@pytest.mark.parametrize(
    ("cookie", "there"), [("BAYEUX_BROWSER=x", True), ("a=1; BAYEUX_BROWSER=x", True), ("", False), ('"[]', False)]
)
def test_a_cookie_is_found_and_a_broken_header_has_none(cookie: str, there: bool) -> None:
    assert has_cookie({"cookie": cookie}, "BAYEUX_BROWSER") is there


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(None, True), ("http://us", True), ("https://listed", True), ("http://us.evil", False), ("null", False)],
)
def test_pages_of_other_origins_are_kept_out(origin: str | None, allowed: bool) -> None:
    headers = {} if origin is None else {"origin": origin}
    assert origin_allowed(headers, "http://us", frozenset({"https://listed"})) is allowed


def read(*events: dict[str, Any], limit: int = 4, **headers: str) -> bytes:
    waiting = list(events)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    return asyncio.run(read_body(receive, headers, limit))


def chunk(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_is_put_together_up_to_the_limit() -> None:
    assert read(chunk(b"ab", True), chunk(b"cd", False)) == b"abcd"
    with pytest.raises(BodyTooLarge):
        read(chunk(b"ab", True), chunk(b"cde", True))


def test_a_body_announced_as_too_large_is_not_read_at_all() -> None:
    with pytest.raises(BodyTooLarge):
        read(**{"content-length": "5"})


def test_a_client_that_hangs_up_has_sent_no_request() -> None:
    with pytest.raises(ClientGone):
        read(chunk(b"ab", True), {"type": "http.disconnect"})
