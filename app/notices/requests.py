"""What the server reads from an ASGI request before Bayeux begins."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_HOST = re.compile(r"[A-Za-z0-9._\-:\[\]]{1,200}")


class BodyTooLarge(Exception):
    """The body has more bytes than allowed; the rest of it was not read."""


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the request's headers by lower-case name; repeated ones are joined as HTTP allows."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in found:
            value = found[name] + ("; " if name == "cookie" else ", ") + value
        found[name] = value
    return found


def base_url(scope: Scope, headers: Mapping[str, str], trusted_proxy: bool) -> str:
    """Return scheme and host under which the client reached us, such as ``https://calls.example.com``.

    What a proxy says counts only if there is one to be trusted; otherwise any client could choose the addresses it is
    told.
    """
    scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme", "http"), scope.get("scheme", "http"))
    host = headers.get("host", "")
    if trusted_proxy:
        forwarded = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
        scheme = forwarded if forwarded in ("http", "https") else scheme
        host = headers.get("x-forwarded-host", "").partition(",")[0].strip() or host
    if not _HOST.fullmatch(host):
        server = scope.get("server") or ("localhost", None)
        host = f"{server[0]}:{server[1]}" if server[1] else str(server[0])
    return f"{scheme}://{host}"


def has_cookie(headers: Mapping[str, str], name: str) -> bool:
    """Tell whether the request carries the cookie; a header that cannot be read carries none."""
    try:
        return name in SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return False


def origin_allowed(headers: Mapping[str, str], own: str, others: frozenset[str]) -> bool:
    """Tell whether a page of the request's ``Origin`` may talk to us: ours, a listed one, or no page at all."""
    origin = headers.get("origin")
    return origin is None or origin == own or origin in others


async def read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    """Return the whole body; raise :class:`BodyTooLarge` beyond ``limit`` bytes, :class:`ClientGone` if it breaks off."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise BodyTooLarge
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ClientGone
        body += event.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge
        if not event.get("more_body", False):
            return bytes(body)
