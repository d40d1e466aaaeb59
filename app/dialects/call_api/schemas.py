"""The parameters of each method, as marshmallow schemas whose messages are mnemonics of the error catalogue.

The API reports one error a reply. Of several it is the first in its order of checks (unknown key, missing key, type, value), and within
one check the first in the order of the parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.dialects.call_api.envelope import is_utf8
from app.dialects.call_api.errors import SECRET, RpcError

# Not text in XML, which is what texts to speak become, nor in every store.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_OBJECT = "_schema"
_BAD_VALUE = "invalid_parameter_value"
_ORDER = (
    "unexpected_parameters",
    "required_parameter_missed",
    "data_type_error",
    _BAD_VALUE,
    "character_encoding_not_allowed",
)
_MESSAGES = {
    "required": "required_parameter_missed",
    "null": "data_type_error",
    "invalid": "data_type_error",
    "type": "data_type_error",
}


class Text(fields.String):
    """A JSON string that is not empty and can be spoken and stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages=_MESSAGES, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not is_utf8(text):
            raise ValidationError("character_encoding_not_allowed")
        if not text.strip() or _UNSPEAKABLE.search(text):
            raise ValidationError(_BAD_VALUE)
        return text


class Identifier(fields.Field):
    """A JSON number without a fraction. A string of digits or a boolean is of the wrong type."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages=_MESSAGES, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid")
        if value != int(value):
            raise ValidationError(_BAD_VALUE)
        return int(value)


class Parameters(Schema):
    """What all methods share: a key that is not in the method's table is refused, not ignored."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unexpected_parameters", "type": "data_type_error"}


def one_of(*choices: str) -> validate.OneOf:
    """Return a check for an enumeration."""
    return validate.OneOf(choices, error=_BAD_VALUE)


def matching(pattern: str) -> validate.Regexp:
    """Return a check for a text that is this pattern from end to end."""
    return validate.Regexp(rf"(?:{pattern})\Z", error=_BAD_VALUE)


class MessageParameters(Parameters):
    """What somebody hears: ``media`` with a file's id as a string, or ``tts`` with a text."""

    type = Text(required=True, validate=one_of("media", "tts"))
    value = Text(required=True)


def message(**kwargs: Any) -> fields.Nested:
    """Return a message object as a parameter."""
    return fields.Nested(MessageParameters, error_messages=_MESSAGES, **kwargs)


class Login(Parameters):
    """login.user, the one method without a key."""

    login = Text(required=True)
    password = Text(required=True)


class NoParameters(Parameters):
    """Methods that take nothing beside the key."""


class OfSession(Parameters):
    """Methods that take a session and nothing else."""

    call_session_id = Identifier(required=True)


class HoldCall(OfSession):
    """hold.call: the message is required."""

    contact_message = message(required=True)


class MakeCall(OfSession):
    """make.call: an extension, a SIP number or E.164 without ``+``; digits alone."""

    to = Text(required=True, validate=matching("[0-9]{1,15}"))
    to_message = message(allow_none=True)


class DisconnectLeg(OfSession):
    """disconnect.leg."""

    leg_id = Identifier(required=True)


class SendDtmf(OfSession):
    """send.dtmf: one key a request."""

    dtmf_string = Text(required=True, validate=matching("[0-9*#]"))


class ListCalls(Parameters):
    """list.calls: two optional filters."""

    direction = Text(allow_none=True, validate=one_of("in", "out"))
    virtual_phone_number = Text(allow_none=True, validate=matching("[0-9]{1,15}"))


def load(schema: Schema, params: dict[str, Any]) -> dict[str, Any]:
    """Return checked parameters. Raises RpcError about the first that is wrong."""
    for holder in ("", *(name for name, value in params.items() if isinstance(value, dict))):
        given = params[holder] if holder else params
        if _OBJECT in given:
            # A key like any other to the client, but to marshmallow the name of the object itself.
            path = f"{holder}.{_OBJECT}" if holder else _OBJECT
            raise RpcError("unexpected_parameters", field=path, value=_printable(given[_OBJECT]))
    try:
        loaded: dict[str, Any] = schema.load(params)
    except ValidationError as invalid:
        raise first_error(invalid, params) from invalid
    return loaded


def first_error(invalid: ValidationError, params: dict[str, Any]) -> RpcError:
    """Return the error that the API would report of all that marshmallow found. Every message must be a mnemonic of ``_ORDER``."""
    found = list(_flattened(invalid.messages_dict))
    # min keeps the first of equals, and marshmallow reports fields in the order of their declaration, unknown ones last.
    path, mnemonic = min(found, key=lambda item: _ORDER.index(item[1]))
    value: Any = params
    for name in path:
        value = value.get(name)
    return RpcError(mnemonic, field=".".join(path), value=_printable(value))


def _flattened(messages: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, below in messages.items():
        # An object that is not one at all is reported under this name.
        here = path if name == _OBJECT else (*path, name)
        if isinstance(below, dict):
            yield from _flattened(below, here)
        else:
            yield here, below[0]


def _printable(value: Any) -> Any:
    """Return what was sent, with a replacement character for what no answer could hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {name: None if name in SECRET else _printable(item) for name, item in value.items()}
    return value
