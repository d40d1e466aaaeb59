"""What each operation takes: a required parameter that is absent or null is missing (1), one of the wrong kind invalid (2), an unknown one
ignored. An optional one that is null counts as absent."""

from __future__ import annotations

import json
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from app.dialects.workspace.errors import REQUIRED

LARGEST_USER_DATA = 64 * 1024  # bytes of JSON; the telephony servers behind this API have limits of that order
_ABSENT = {"required": REQUIRED, "null": REQUIRED}


class Parameters(Schema):
    """Base of all operations; by itself the schema of an operation without parameters."""

    class Meta:
        unknown = EXCLUDE


class _Text(fields.String):
    """A string that is not empty; numbers are not taken for strings."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            error_messages=_ABSENT, validate=[validate.Length(min=1, max=1024), *options.pop("validate", [])], **options
        )


class _UserData(fields.Field):
    """Key-value data attached to a call: strings, numbers, booleans, or objects and lists of them. Never null, which no message of this API
    holds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages=_ABSENT, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("not an object")
        if "" in value or _has_null(value):
            raise ValidationError("an empty key or a null")
        if too_large(value):
            raise ValidationError("larger than 64 KiB")
        return value


def too_large(user_data: dict[str, Any]) -> bool:
    """Return whether attached data is over the limit."""
    return len(json.dumps(user_data, ensure_ascii=False).encode()) > LARGEST_USER_DATA


def _has_null(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(_has_null(item) for item in inner)


class Destination(Parameters):
    """Whom to dial: an extension, an E.164 number with or without ``+``, or ``client:<name>``."""

    phone_number = _Text(data_key="phoneNumber", required=True)


class DestinationParameters(Parameters):
    """Bring somebody in. ``location`` names a switch of the vendor's and means nothing here."""

    destination = fields.Nested(Destination, required=True, error_messages={**_ABSENT, "type": "not an object"})
    location = _Text(allow_none=True)
    user_data = _UserData(data_key="userData", load_default=dict, allow_none=True)

    @post_load
    def flatten(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Hand on the number itself."""
        return {**values, "destination": values["destination"]["phone_number"], "user_data": values["user_data"] or {}}


class CompleteParameters(Parameters):
    """Complete a consult; there is only one, so naming it is a check and no choice."""

    consult_call_uri = _Text(data_key="consultCallUri", allow_none=True)


class SwapParameters(Parameters):
    """Swap with the other call of the pair."""

    other_call_uri = _Text(data_key="otherCallUri", required=True)


class RemoveParameters(Parameters):
    """Remove a party, by its ``phoneNumber`` as the call's participants list it."""

    participant = _Text(required=True)


class DtmfParameters(Parameters):
    """Keys to press. The API's page speaks of digits only; ``*`` and ``#`` are keys as well and are taken too."""

    digits = _Text(
        required=True, validate=[validate.Regexp(r"[0-9*#]+\Z", error="only 0-9, * and #"), validate.Length(max=100)]
    )


class UserDataParameters(Parameters):
    """Attach or update data."""

    user_data = _UserData(data_key="userData", required=True)


class DeletePairParameters(Parameters):
    """Drop one key."""

    key = _Text(required=True)


class DispositionParameters(Parameters):
    """Say how a call came out. ``callUri`` and ``callUuid`` may be left out; given, they name the call of the path."""

    disposition = _Text(required=True)
    disposition_key = _Text(data_key="dispositionKey", load_default=None, allow_none=True)
    call_uri = _Text(data_key="callUri", allow_none=True)
    call_uuid = _Text(data_key="callUuid", allow_none=True)

    @post_load
    def default_key(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Name the key that a disposition has unless another is chosen."""
        return {**values, "disposition_key": values["disposition_key"] or "DispositionCode"}


class StartSessionParameters(Parameters):
    """Log an agent in. ``place``, ``loginCode`` and ``queue`` choose among a switch's resources, of which an agent here has one each."""

    channels = fields.List(
        _Text(),
        required=True,
        error_messages={**_ABSENT, "invalid": "not a list"},
        validate=validate.Length(min=1, max=20),
    )
    device_path = _Text(data_key="devicePath")
