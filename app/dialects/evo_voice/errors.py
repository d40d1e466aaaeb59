"""How errors look to Evo Voice clients: one table from what the product can raise to status, code and reason phrase.

The reason phrase matters: the published clients show it when a reply has no body they understand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import ValidationError

from app.core import errors as core
from app.dialects.evo_voice.contracts import ErrorResponse, ResponseError, ResponseStatus


class EvoError(Exception):
    """An error in Evo's own shape. ``phrase`` is the reason phrase (default: the code); ``fields`` = (code, field, message) each."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        phrase: str | None = None,
        fields: tuple[tuple[str, str, str], ...] = (),
        meta: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.phrase = phrase or code
        self.fields = fields
        self.meta = dict(meta) if meta else None
        self.headers = dict(headers or {})

    def body(self) -> ErrorResponse:
        """Return the error's contract."""
        errors = tuple(
            ResponseError(error_code=code, field_name=name, message=text) for code, name, text in self.fields
        )
        return ErrorResponse(
            response_status=ResponseStatus(error_code=self.code, message=self.message, errors=errors, meta=self.meta)
        )


class NotLoggedIn(Exception):
    """Nobody is logged in: 401 with an empty body."""


class RoleMissing(Exception):
    """The login lacks the role: 403 ``Invalid Role`` as plain text."""


class Unmatched(Exception):
    """No route has this path and verb: 404 as plain text, also for a wrong verb on a known path."""


@dataclass(frozen=True)
class _Row:
    status: int
    code: str


# The nearest row up the class's ancestry counts; every class has its own, which a test asserts.
TABLE: dict[type[core.HookflashError], _Row] = {
    core.HookflashError: _Row(400, "BadRequest"),
    core.InvalidInput: _Row(400, "ArgumentException"),
    core.NotFound: _Row(404, "NotFound"),
    core.SessionNotFound: _Row(404, "NotFound"),
    core.LegNotFound: _Row(400, "ArgumentException"),
    core.MediaNotFound: _Row(404, "NotFound"),
    core.TextTooLong: _Row(400, "ArgumentException"),
    core.DestinationInvalid: _Row(400, "BadRequest"),
    core.WrongState: _Row(409, "Conflict"),
    core.SessionEnded: _Row(409, "Conflict"),
    core.NotPermitted: _Row(403, "Forbidden"),
    core.KeyReused: _Row(409, "Conflict"),
    core.KeyInUse: _Row(409, "Conflict"),
    core.KeyOutcomeUnknown: _Row(409, "Conflict"),
    core.LimitExceeded: _Row(429, "TooManyRequests"),
    core.NotAuthenticated: _Row(401, "Unauthorized"),
    # A fault of the telephone provider is an exception like any other to this API: 500, with the exception's name.
    core.ProviderRefused: _Row(500, "TwilioException"),
    core.ProviderUnavailable: _Row(500, "TwilioException"),
    core.TakenOver: _Row(500, "TwilioException"),
    core.StoreUnavailable: _Row(503, "ServiceUnavailable"),
}


def of_core(error: core.HookflashError) -> EvoError:
    """Return a core error in Evo's shape. A ``field`` in its details is named in ``errors``."""
    row = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    field = error.details.get("field")
    fields = ((row.code, str(field), str(error)),) if field is not None else ()
    return EvoError(row.status, row.code, str(error), fields=fields)


def of_binding(error: ValidationError, operation: str) -> EvoError:
    """Return what a value in query, path or form that cannot be read is answered with."""
    messages = error.messages_dict
    fields = [("SerializationException", str(name), str(text)) for name, texts in messages.items() for text in texts]
    return EvoError(
        400,
        "SerializationException",
        f"Unable to bind to request '{operation}'",
        phrase="Bad Request",
        fields=tuple(fields),
    )


def undecodable(content_type: str, operation: str, why: str) -> EvoError:
    """Return what a body that cannot be read at all is answered with."""
    text = f"Could not deserialize '{content_type}' request using {operation}'\nError: {why}"
    return EvoError(400, "SerializationException", text, phrase="Bad Request")


def argument(field: str, message: str, code: str = "ArgumentException") -> EvoError:
    """Return the error of one argument that cannot be meant; ``field`` is the contract's name of it, such as ``CallSid``."""
    return EvoError(400, code, message, fields=((code, field, message),))


def no_session(session_id: str | None) -> EvoError:
    """Return the answer about a session that does not exist, or not for this login."""
    return EvoError(404, "NotFound", f"Session {session_id or ''} does not exist".replace("  ", " "))


def too_large() -> EvoError:
    """Return the answer to a body over the limit."""
    return EvoError(413, "RequestEntityTooLarge", "The request body is larger than 1 MiB")


def unexpected() -> EvoError:
    """Return the answer when something broke on our side; what it was is in the log only."""
    return EvoError(500, "InternalServerError", "The server could not carry the request out")
