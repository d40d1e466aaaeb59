"""Reading a request's body: a JSON object, whatever its content type says, and nothing that could not be stored or sent again."""

from __future__ import annotations

import json
import math
from typing import Any

from flask import Request

from app.core.nesting import deeper_than
from app.dialects.workspace.errors import INVALID, MISSING, Refusal

LARGEST = 1024 * 1024  # bytes
_DEEPEST = 32  # levels; the deepest request that any published client sends has four


def operation(request: Request) -> tuple[str, dict[str, Any]]:
    """Return an operation object's name and its parameters. Raises Refusal: 1 without a name, 2 for what is not JSON.

    Raises werkzeug's RequestEntityTooLarge for a body over 1 MiB.
    """
    request.max_content_length = LARGEST
    body = _parsed(request.get_data(cache=False))
    name = body.pop("operationName", None)
    if name is None:
        raise Refusal(MISSING, "The parameter 'operationName' is required")
    if not isinstance(name, str):
        raise Refusal(INVALID, "The parameter 'operationName' is invalid: not a string")
    return name, body


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_number)
        # A lone surrogate is legal in JSON's notation and nowhere else.
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Refusal(INVALID, "The body is not valid JSON") from error
    if not isinstance(body, dict):
        raise Refusal(INVALID, "The body is not a JSON object")
    if deeper_than(body, _DEEPEST):
        raise Refusal(INVALID, "The body is nested too deeply")
    return body


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value
