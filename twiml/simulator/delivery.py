"""Connection overrides: how long one webhook may take and when it is tried again.

Twilio reads them from the fragment of a configured URL, as in ``https://host/path#rc=2&rp=5xx,rt``.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from .identifiers import whole_number

CEILING_MS = 15_000
_RANGES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
_REASONS = frozenset({"4xx", "5xx", "ct", "rt", "all"})
_LEFT_AS_IT_IS = "%/:?#[]@!$&'()*+,;=-._~"


class BadUrl(ValueError):
    """A URL that cannot be requested, or overrides that are not understood. ``code`` is Twilio's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Delivery:
    """The limits of one webhook: times in milliseconds, ``retries`` after the first attempt, ``reasons`` to retry."""

    connect_ms: int = 5_000
    read_ms: int = 15_000
    total_ms: int = CEILING_MS
    retries: int = 1
    reasons: frozenset[str] = frozenset({"ct"})

    def retries_on(self, reason: str) -> bool:
        return reason in self.reasons or "all" in self.reasons


def parse_delivery(fragment: str) -> Delivery:
    """The overrides in ``fragment``. Raises BadUrl (11243) if one is out of its range or has an unknown value."""
    values: dict[str, int] = {}
    reasons = Delivery().reasons
    for name, value in parse_qsl(fragment, keep_blank_values=True):
        if name == "rp":
            reasons = frozenset(value.split(","))
            if not reasons <= _REASONS:
                raise BadUrl(11243, f"unknown retry policy {value!r}")
        elif name in _RANGES:
            low, high = _RANGES[name]
            given = whole_number(value)
            if given is None or not low <= given <= high:
                raise BadUrl(11243, f"{name} must be between {low} and {high}")
            values[name] = given
    return Delivery(
        values.get("ct", 5_000), values.get("rt", 15_000), values.get("tt", CEILING_MS), values.get("rc", 1), reasons
    )


@dataclass(frozen=True)
class Target:
    """A configured URL taken apart: what is requested, at which host, what is signed, who is allowed to log in, and the
    limits."""

    host: str
    request_url: str
    signed_url: str
    userinfo: tuple[str, str] | None
    delivery: Delivery


def parse_target(url: str) -> Target:
    """Take a configured URL apart. Raises BadUrl when it is not an absolute http or https URL.

    The signature covers the URL without fragment and user info; Twilio drops the port of an https URL and keeps that
    of an http URL. Characters that no request line can carry are percent-encoded before both.
    """
    try:
        parts = urlsplit(quote(url.strip(), safe=_LEFT_AS_IT_IS))
        port = parts.port
    except ValueError:
        raise BadUrl(11100, "invalid URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadUrl(11100, "invalid URL: an absolute http or https URL is needed")
    host = parts.netloc.rpartition("@")[2]
    signed_host = host.removesuffix(f":{port}") if parts.scheme == "https" and port is not None else host
    path = parts.path or "/"
    userinfo = (parts.username or "", parts.password or "") if "@" in parts.netloc else None
    return Target(
        parts.hostname,
        urlunsplit((parts.scheme, host, path, parts.query, "")),
        urlunsplit((parts.scheme, signed_host, path, parts.query, "")),
        userinfo,
        parse_delivery(parts.fragment),
    )


def with_query(url: str, encoded: str) -> str:
    """``url`` with a form added behind the query it already has, as Twilio does for GET."""
    if not encoded:
        return url
    return f"{url}{'&' if '?' in url else '?'}{encoded}"
