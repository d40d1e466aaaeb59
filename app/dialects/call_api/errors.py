"""The errors of the Call API: its catalogue, the one table from our error classes to it, and their shape on the wire.

Clients switch on ``error.data.mnemonic``; codes name groups and are not unique. The texts are those of the original-language editions
and of the older English page, which agree with each other and with what public clients compare against.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.core import errors as core

# mnemonic -> (code, text with the placeholders that ``data.params`` holds)
CATALOGUE: dict[str, tuple[int, str]] = {
    "parse_error": (-32700, "Invalid JSON was received by the server."),
    "invalid_request": (-32600, "Invalid Request The JSON sent is not a valid Request object"),
    # Spelt so in every edition but the proof-read English one.
    "batch_opreations_not_supported": (-32099, "Batch operations not supported"),
    "notifications_not_supported": (-32099, "Notifications not supported"),
    "method_not_found": (-32601, "The method does not exist / is not available"),
    "auth_error": (-32001, "Login or password is wrong"),
    "access_token_invalid": (-32001, "Access token is invalid"),
    "access_token_expired": (-32001, "Access token has been expired"),
    "access_token_blocked": (-32001, "Access token has been blocked"),
    "component_disabled": (-32008, "Component {component_name} has been disabled"),
    "forbidden": (-32003, "Permission denied"),
    "limit_exceeded": (
        -32029,
        "Limit per {limit_type} has been exceeded. Value of current limit per {limit_type} is {limit_max_value}",
    ),
    "unexpected_parameters": (-32602, "Unexpected method parameter(s)"),
    "required_parameter_missed": (-32602, "The required parameter has been missed"),
    "data_type_error": (-32602, "Data supplied is of wrong type"),
    "invalid_parameter_value": (-32602, "Invalid parameter value"),
    "call_session_not_found": (-32602, "Call session not found"),
    "internal_error": (-32603, "Internal error, contact the support service"),
    "invalid_state": (-32004, "This method can not be called in this state"),
    "media_file_not_found": (-32602, "The media file with id {media_file_id} not found"),
    "tts_text_exceeded": (
        -32602,
        "The maximum length of Text-to-Speech message is {tts_message_max_length}. "
        "The length of your message is {sent_tts_message_length}",
    ),
    "character_encoding_not_allowed": (-32602, "The character encoding must be UTF-8"),
    "no_active_phone_number": (-32602, "The phone number does not exist or inactive"),
    "leg_not_found": (-32602, "The call's leg not found"),
}

# These never carry the account's limits, even when the account is known.
WITHOUT_LIMITS = frozenset(
    {
        "parse_error",
        "invalid_request",
        "method_not_found",
        "access_token_blocked",
        "access_token_invalid",
        "access_token_expired",
        "auth_error",
    }
)

# Our errors -> (mnemonic, {placeholder of the text: name in the error's details}).
TABLE: dict[type[core.HookflashError], tuple[str, dict[str, str]]] = {
    core.HookflashError: ("internal_error", {}),
    core.InvalidInput: ("invalid_parameter_value", {}),
    core.NotFound: ("call_session_not_found", {}),
    core.SessionNotFound: ("call_session_not_found", {}),
    core.LegNotFound: ("leg_not_found", {}),
    core.MediaNotFound: ("media_file_not_found", {"media_file_id": "media_id"}),
    core.TextTooLong: ("tts_text_exceeded", {"tts_message_max_length": "limit", "sent_tts_message_length": "length"}),
    core.DestinationInvalid: ("no_active_phone_number", {}),
    core.WrongState: ("invalid_state", {}),
    # A session that is over can no longer be named.
    core.SessionEnded: ("call_session_not_found", {}),
    core.NotPermitted: ("forbidden", {}),
    core.NotAuthenticated: ("access_token_invalid", {}),
    core.KeyReused: ("invalid_request", {}),
    core.KeyInUse: ("invalid_request", {}),
    core.KeyOutcomeUnknown: ("invalid_request", {}),
    core.LimitExceeded: ("limit_exceeded", {"limit_type": "limit_type", "limit_max_value": "limit"}),
    core.ProviderRefused: ("internal_error", {}),
    core.ProviderUnavailable: ("internal_error", {}),
    core.TakenOver: ("internal_error", {}),
    core.StoreUnavailable: ("internal_error", {}),
}

# The catalogue has nothing for these: they say what they are about beside its text.
_ABOUT_KEYS = (core.KeyReused, core.KeyInUse, core.KeyOutcomeUnknown)

# Keys and passwords are not repeated, not even to whom they came from: answers end up in logs.
SECRET = frozenset({"access_token", "password"})


class RpcError(Exception):
    """An answer that is an error. ``field`` is dotted for a member of an object; ``value`` is what was sent."""

    def __init__(self, mnemonic: str, *, field: str | None = None, value: Any = None, **params: Any) -> None:
        """``params`` fill the placeholders of the text. Raises KeyError for a mnemonic or placeholder that is missing."""
        self.code, text = CATALOGUE[mnemonic]
        self.mnemonic = mnemonic
        self.text = text.format_map(params)
        self.field = field
        self.value = None if field in SECRET else value
        self.params = params
        super().__init__(mnemonic)

    def body(self) -> dict[str, Any]:
        """Return the ``error`` member, without metadata. No params read ``{"object": null}``, as in the API's own sample."""
        return {
            "code": self.code,
            "message": self.text,
            "data": {
                "mnemonic": self.mnemonic,
                "field": self.field,
                "value": self.value,
                "params": self.params or {"object": None},
                "extended_helper": None,
            },
        }


class TooDeep(RpcError):
    """JSON nested beyond any use: refused before it is read, with HTTP status 400."""

    def __init__(self) -> None:
        super().__init__("parse_error")


def translated(error: core.HookflashError, field: str | None = None, value: Any = None) -> RpcError:
    """Return one of our errors in the dialect's shape. ``field`` and ``value``: the parameter it is about, when it is about one."""
    mnemonic, placeholders = TABLE[type(error)]
    params = {name: error.details[detail] for name, detail in placeholders.items()}
    if isinstance(error, _ABOUT_KEYS):
        field, params = "Idempotency-Key", {"reason": str(error)}
    return RpcError(mnemonic, field=field, value=value, **params)


@contextmanager
def about(field: str, value: Any) -> Iterator[None]:
    """Let a refusal of what a parameter names be reported as being about this parameter. Failures are not its fault and pass by."""
    try:
        yield
    except (core.NotFound, core.InvalidInput, core.TextTooLong, core.DestinationInvalid) as error:
        raise translated(error, field, value) from error
