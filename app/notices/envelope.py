"""How Bayeux messages are wrapped in an HTTP body or a WebSocket frame."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from app.core.nesting import deeper_than

Message = dict[str, Any]

MOST_MESSAGES = 1000
_DEEPEST = 64


class MalformedEnvelope(ValueError):
    """The body is not what Bayeux allows; its text tells the client why and repeats nothing of the body."""


def unwrap(body: bytes, content_type: str = "") -> list[Message]:
    """Return the messages of a request, at least one; raise :class:`MalformedEnvelope` if there are none.

    Bayeux 1.0 allows a JSON array of messages and a form whose ``message`` fields hold an object or an array each;
    clients also send a bare object. Whatever is not declared a form is read as JSON, since clients send text/json or
    declare nothing.
    """
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        messages = [message for part in _form_parts(body) for message in _parse(part)]
    else:
        messages = _parse(_decoded(body))
    if not messages:
        raise MalformedEnvelope("no messages")
    if len(messages) > MOST_MESSAGES:
        raise MalformedEnvelope(f"more than {MOST_MESSAGES} messages")
    return messages


def wrap(messages: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the JSON array of ``messages``, as ASCII: half a surrogate pair that a client sent in an id must not break us."""
    return json.dumps(list(messages), separators=(",", ":")).encode("ascii")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedEnvelope("not UTF-8") from error


def _form_parts(body: bytes) -> list[str]:
    try:
        return parse_qs(_decoded(body), max_num_fields=MOST_MESSAGES, errors="strict").get("message", [])
    except ValueError as error:
        raise MalformedEnvelope("not a form") from error


def _parse(document: str) -> list[Message]:
    try:
        value = json.loads(document, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise MalformedEnvelope("not JSON") from error
    messages = value if isinstance(value, list) else [value]
    if not all(isinstance(message, dict) for message in messages):
        raise MalformedEnvelope("not an array of messages")
    if deeper_than(messages, _DEEPEST):
        raise MalformedEnvelope("nested too deeply")
    return messages


def _no_number(name: str) -> None:
    """Python reads NaN and Infinity, JSON knows neither; no client could read them back."""
    raise ValueError(name)
