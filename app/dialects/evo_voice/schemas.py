"""Reading request members with marshmallow: one schema for each request contract, made from the contract itself.

The same value is judged differently by where it came from. Text (query, path, form) that cannot be read is an error that names the
field; a bad value inside a JSON body is dropped in silence and the member keeps its default; unknown members are ignored everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from app.dialects.evo_voice.shapes import Member, shape_of

_INT32 = 2**31


def _whole_text(text: str) -> str:
    """Replace what JSON can spell but not every store can keep: halves of surrogate pairs, and NUL."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


class _Value(fields.Field):
    """A member's value. ``name`` in messages is the member as JSON writes it."""

    def invalid(self, value: Any) -> ValidationError:
        """Return the error about a value that cannot be read."""
        return ValidationError(f"'{value}' is an Invalid value for '{self.data_key}'")


class Text(_Value):
    """A string. A number, or anything else JSON holds, is taken as its own text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return _whole_text(
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        )


class Flag(_Value):
    """true or false; of several, comma-separated, the first."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        known = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
        first = str(value).partition(",")[0].strip().lower()
        if first not in known:
            raise self.invalid(value)
        return known[first]


class Whole(_Value):
    """A 32-bit whole number."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        text = str(value).strip()
        digits = text.removeprefix("-")
        if isinstance(value, bool) or not digits.isascii() or not digits.isdigit() or len(digits) > 10:
            raise self.invalid(value)
        number = int(text)
        if not -_INT32 <= number < _INT32:
            raise self.invalid(value)
        return number


class Name(_Value):
    """A member of an enumeration: its name in any case, or its ordinal as number or text."""

    def __init__(self, kind: type[Enum], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Enum:
        members = list(self.kind)
        text = str(value).strip()
        for ordinal, member in enumerate(members):
            if not isinstance(value, bool) and text.lower() in (str(member.value).lower(), str(ordinal)):
                return member
        raise self.invalid(value)


class Texts(_Value):
    """A list of strings: a JSON list, or text ``a,b`` or ``[a,b]``."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[str, ...]:
        if isinstance(value, list):
            return tuple(_whole_text(str(item)) for item in value if item is not None)
        text = str(value).strip()
        if text.startswith("[") and text.endswith("]"):
            text = text[1:-1]
        return tuple(part for part in (piece.strip().strip('"') for piece in text.split(",")) if part)


@cache
def schema_of(contract: type) -> Schema:
    """Return the marshmallow schema of a request contract; it loads JSON names into the contract's attributes."""
    members = shape_of(contract).declared
    schema = Schema.from_dict(
        {member.attribute: _field(member) for member in members}, name=f"{contract.__name__}Schema"
    )
    return schema(unknown=EXCLUDE)


def _field(member: Member) -> fields.Field:
    if member.kind is tuple:
        return Texts(data_key=member.json_name, allow_none=True)
    if issubclass(member.kind, Enum):
        return Name(member.kind, data_key=member.json_name, allow_none=True)
    kinds: dict[type, type[_Value]] = {str: Text, bool: Flag, int: Whole}
    return kinds[member.kind](data_key=member.json_name, allow_none=True)


def read(contract: type, body: Mapping[str, Any], text: Mapping[str, str]) -> Any:
    """Return the request: ``body`` leniently, then ``text`` over it strictly. Keys match in any case.

    Raises ValidationError for a bad text value; its messages name the fields as the client wrote them.
    """
    schema = schema_of(contract)
    known = {member.json_name.lower(): member.json_name for member in shape_of(contract).declared}
    from_body = {known[key.lower()]: value for key, value in body.items() if key.lower() in known}
    for bad in schema.validate(from_body):
        del from_body[bad]
    from_text = {known[key.lower()]: value for key, value in text.items() if key.lower() in known and value != ""}
    loaded = schema.load({**from_body, **from_text})
    return contract(**{name: value for name, value in loaded.items() if value is not None})
