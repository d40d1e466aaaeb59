"""The JSON-RPC envelope: strict reading of a request, and the shapes of the two kinds of answer.

The order of checks is that of the API: is it JSON, is it a batch, is the envelope right, is there an id.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from app.dialects.call_api.errors import RpcError, TooDeep

DEEPEST = 64  # no request of the API nests deeper than three objects; the parser must not be led into its own limits
_LONGEST_INTEGER = 400  # digits; a longer one names nothing and costs time to read
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
# The texts to speak have an error of their own for what is not UTF-8; anywhere else such a request is not JSON.
_SPOKEN = re.compile(r"(contact|to|employee|operator)_message")

JsonId = str | int | float


@dataclass(frozen=True)
class OutOfRange:
    """A JSON number beyond what a machine number holds, such as 1e400: of no type that any parameter takes. ``text`` as sent."""

    text: str


@dataclass(frozen=True)
class RpcRequest:
    """A request whose envelope is right. ``params`` are unchecked."""

    id: JsonId
    method: str
    params: dict[str, Any]


def parse(body: bytes) -> Any:
    """Return what a body holds. Raises RpcError(parse_error), or TooDeep.

    Bytes that are not UTF-8 survive inside strings as lone surrogates, so that ``read`` can tell where they stand.
    """
    _refuse_depth(body)
    try:
        return json.loads(
            body.decode("utf-8", "surrogateescape"),
            parse_constant=_refuse_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        raise RpcError("parse_error") from error


def id_of(document: Any) -> JsonId | None:
    """Return the id to answer with: the request's own, or None when there is none that could be read."""
    found = document.get("id") if isinstance(document, dict) else None
    return found if _is_id(found) else None


def read(document: Any) -> RpcRequest:
    """Return a parsed document as a request.

    Raises RpcError: batch_opreations_not_supported for an array, parse_error for text that is not UTF-8 outside a message,
    invalid_request for a wrong envelope, notifications_not_supported when there is no id.
    """
    if isinstance(document, list):
        raise RpcError("batch_opreations_not_supported")
    if not isinstance(document, dict):
        raise RpcError("invalid_request")
    _refuse_encoding(document)
    if document.get("jsonrpc") != "2.0" or not isinstance(document.get("method"), str):
        raise RpcError("invalid_request")
    if not isinstance(document.get("params"), dict) or ("id" in document and not _is_id(document["id"])):
        raise RpcError("invalid_request")
    if "id" not in document:
        raise RpcError("notifications_not_supported")
    return RpcRequest(document["id"], document["method"], document["params"])


def is_utf8(text: str) -> bool:
    """Return whether a text can be written in UTF-8: it holds no stray byte and no half of a surrogate pair."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def success(request_id: JsonId, data: Any, metadata: dict[str, Any]) -> str:
    """Return the answer to a request that was carried out."""
    return _dump({"jsonrpc": "2.0", "id": request_id, "result": {"data": data, "metadata": metadata}})


def failure(request_id: JsonId | None, error: RpcError, metadata: dict[str, Any] | None) -> str:
    """Return the answer to a request that was not. ``metadata`` None = the account is not known, or not to be told about."""
    body = error.body()
    if metadata is not None:
        body["data"]["metadata"] = metadata
    return _dump({"jsonrpc": "2.0", "id": request_id, "error": body})


def _is_id(value: Any) -> bool:
    if isinstance(value, str):
        return is_utf8(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refuse_depth(body: bytes) -> None:
    depth = 0
    for bracket in re.findall(rb"[\[\]{}]", _STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise TooDeep


def _refuse_encoding(document: dict[str, Any]) -> None:
    """Raise parse_error for a string that is not UTF-8, unless it is the value of a message of the parameters."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*path, key), item) for key, item in value.items())
            waiting.extend(((*path, "key"), key) for key in value)
        elif isinstance(value, list):
            waiting.extend(((*path, "item"), item) for item in value)
        elif isinstance(value, str) and not is_utf8(value) and not _is_spoken(path):
            raise RpcError("parse_error")


def _is_spoken(path: tuple[str, ...]) -> bool:
    return len(path) == 3 and path[0] == "params" and _SPOKEN.fullmatch(path[1]) is not None and path[2] == "value"


def _refuse_constant(_name: str) -> NoReturn:
    # NaN and Infinity are Python's, not JSON's.
    raise RpcError("parse_error")


def _float(text: str) -> float | OutOfRange:
    value = float(text)
    return value if math.isfinite(value) else OutOfRange(text)


def _integer(text: str) -> int | OutOfRange:
    return int(text) if len(text) <= _LONGEST_INTEGER else OutOfRange(text)


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, default=_as_sent, allow_nan=False, separators=(",", ":"))


def _as_sent(value: Any) -> str:
    """Render what an error echoes and JSON has no better form for."""
    if isinstance(value, OutOfRange):
        return value.text
    raise TypeError(f"not JSON: {type(value).__name__}")
