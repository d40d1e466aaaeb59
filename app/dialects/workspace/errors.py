"""How this API says no: the codes of the published table, their HTTP statuses, and one table from our own errors to them.

A refusal is ``{"statusCode": n, "statusMessage": text}`` and nothing else. Clients read ``statusCode``; some take any HTTP status
outside 2xx for a failure, so the two always agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from app.core import errors as core

OK = 0
MISSING = 1  # a required parameter is missing
INVALID = 2  # a parameter is invalid, or the operation is, in the present state
FORBIDDEN = 3
INTERNAL = 4  # ours or a backend's: here the telephone provider's or the store's
NOT_PERMITTED = 5
NOT_FOUND = 6
PARTIAL = 7  # some parts of a request succeeded
OUT_OF_RANGE = 10
IN_USE = 19
NOT_AUTHENTICATED = 20

_HTTP = {OK: 200, PARTIAL: 200, MISSING: 400, INVALID: 400, OUT_OF_RANGE: 400, FORBIDDEN: 403, NOT_PERMITTED: 403}
_HTTP |= {NOT_AUTHENTICATED: 403, NOT_FOUND: 404, IN_USE: 409, INTERNAL: 500}

REQUIRED = "missing"  # marks, among the texts of a validation error, that a value is absent rather than wrong

TABLE: Mapping[type[core.HookflashError], int] = {
    core.HookflashError: INTERNAL,
    core.InvalidInput: INVALID,
    core.NotFound: NOT_FOUND,
    core.SessionNotFound: NOT_FOUND,
    core.LegNotFound: NOT_FOUND,
    core.MediaNotFound: NOT_FOUND,
    core.TextTooLong: OUT_OF_RANGE,
    core.DestinationInvalid: INVALID,
    core.WrongState: INVALID,
    core.SessionEnded: INVALID,
    core.NotPermitted: NOT_PERMITTED,
    core.NotAuthenticated: NOT_AUTHENTICATED,
    core.ProviderRefused: INTERNAL,
    core.ProviderUnavailable: INTERNAL,
    core.TakenOver: INTERNAL,
    core.StoreUnavailable: INTERNAL,
    core.LimitExceeded: FORBIDDEN,
    core.KeyReused: IN_USE,
    core.KeyInUse: IN_USE,
    core.KeyOutcomeUnknown: IN_USE,
}


class Refusal(Exception):
    """A refusal that only this API knows: one of its codes with a text for the client. Nothing has changed."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def http_status(code: int) -> int:
    """Return the HTTP status that goes with a statusCode (an integer from 0 to 20)."""
    return _HTTP[code]


def refusal(code: int, message: str) -> dict[str, Any]:
    """Return the body of a refusal."""
    return {"statusCode": code, "statusMessage": message}


def of_validation(error: ValidationError) -> Refusal:
    """Return what to say of parameters that do not fit: the first by name, missing before wrong."""
    messages = dict(_flat(error.messages_dict))
    missing = sorted(name for name, text in messages.items() if text == REQUIRED)
    if missing:
        return Refusal(MISSING, f"The parameter '{missing[0]}' is required")
    name = min(messages)
    return Refusal(INVALID, f"The parameter '{name}' is invalid: {messages[name]}")


def _flat(messages: Mapping[Any, Any], above: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in messages.items():
        name = above if key == "_schema" else f"{above}.{key}" if above else str(key)
        if isinstance(value, Mapping):
            found += _flat(value, name)
        else:
            found.append((name, str(value[0] if isinstance(value, list) else value)))
    return found


def register(blueprint: Blueprint) -> None:
    """Have every error that leaves a view of the blueprint answered in this API's shape."""

    @blueprint.errorhandler(Refusal)
    def refused(error: Refusal) -> tuple[Response, int]:
        return jsonify(refusal(error.code, error.message)), http_status(error.code)

    @blueprint.errorhandler(core.HookflashError)
    def failed(error: core.HookflashError) -> tuple[Response, int]:
        code = TABLE[type(error)]
        # A backend that is down has been seen answered with 503; other failures inside with 500.
        status = 503 if isinstance(error, core.StoreUnavailable) else http_status(code)
        return jsonify(refusal(code, str(error))), status

    @blueprint.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> tuple[Response, int]:
        return refused(of_validation(error))

    @blueprint.errorhandler(HTTPException)
    def below(error: HTTPException) -> tuple[Response, int]:
        # Flask logs an unforeseen exception before it comes here as a 500; its text is not for clients.
        status = error.code or 500
        code = NOT_FOUND if status == 404 else INTERNAL if status >= 500 else INVALID
        return jsonify(refusal(code, error.name)), status
