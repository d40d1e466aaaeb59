"""Contracts as XML, in the form of .NET's data contract serializer, which clients of this API parse strictly.

Order of elements: see ``shapes``. Nulls are written as ``i:nil``. An element of another namespace than its surroundings either carries
its own default namespace (inherited members), or, for the contents of lists, maps and objects, the member declares a prefix
``d<depth>p1`` in which ``depth`` counts elements from the root = 1.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.dialects.evo_voice.shapes import Member, Shape, shape_of

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
# Characters that no XML 1.0 document may hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class _Place:
    """Where in the document we are: the element's depth and the prefixes in scope ("" = the default namespace)."""

    depth: int
    prefixes: Mapping[str, str]

    def tag(self, name: str, namespace: str) -> str | None:
        """Return the element's qualified name, or None when its namespace has no prefix here."""
        if namespace not in self.prefixes:
            return None
        prefix = self.prefixes[namespace]
        return f"{prefix}:{name}" if prefix else name

    def inside(self, **changes: Any) -> _Place:
        return dataclasses.replace(self, depth=self.depth + 1, **changes)


def to_xml(value: Any) -> str:
    """Return the XML document of a contract, or of a batch (a sequence) of contracts of one kind."""
    if isinstance(value, list):
        shape = shape_of(type(value[0]))
        name, body = f"ArrayOf{shape.name}", _items(value, shape.namespace, _Place(1, {shape.namespace: ""}))
        return f"{DECLARATION}{_root(name, shape.namespace, body)}"
    shape = shape_of(type(value))
    return (
        f"{DECLARATION}{_root(shape.name, shape.namespace, _members(value, shape, _Place(1, {shape.namespace: ''})))}"
    )


def _root(name: str, namespace: str, body: str) -> str:
    return _element(f'{name} xmlns:i="{INSTANCE}" xmlns="{namespace}"', name, body)


def _members(value: Any, shape: Shape, place: _Place) -> str:
    return "".join(_member(getattr(value, member.attribute), member, place) for member in shape.sorted)


def _member(value: Any, member: Member, place: _Place) -> str:
    name = place.tag(member.name, member.namespace)
    if name is None:
        # An inherited member: it brings its namespace along as the default one.
        declared = f'xmlns="{member.namespace}"'
        if value is None:
            return f'<{member.name} i:nil="true" {declared} />'
        return _element(f"{member.name} {declared}", member.name, text(value))
    inner, declared = place.inside(), ""
    if member.content_namespace not in place.prefixes:
        prefix = f"d{inner.depth}p1"
        declared = f' xmlns:{prefix}="{member.content_namespace}"'
        inner = dataclasses.replace(inner, prefixes={**place.prefixes, member.content_namespace: prefix})
    if value is None:
        return f'<{name}{declared} i:nil="true" />'
    return _element(name + declared, name, _content(value, member, inner))


def _content(value: Any, member: Member, place: _Place) -> str:
    if isinstance(value, dict):
        return "".join(_pair(key, item, place) for key, item in value.items())
    if isinstance(value, tuple):
        return _items(value, member.content_namespace, place)
    if dataclasses.is_dataclass(value):
        return _members(value, shape_of(type(value)), place)
    return text(value)


def _items(values: Sequence[Any], namespace: str, place: _Place) -> str:
    parts = []
    for value in values:
        is_contract = dataclasses.is_dataclass(value)
        bare = shape_of(type(value)).name if is_contract else "string" if type(value) is str else type(value).__name__
        name = place.tag(bare, namespace) or bare
        body = _members(value, shape_of(type(value)), place.inside()) if is_contract else text(value)
        parts.append(_element(name, name, body))
    return "".join(parts)


def _pair(key: str, value: str, place: _Place) -> str:
    prefix = next(prefix for namespace, prefix in place.prefixes.items() if namespace.endswith("/Arrays"))
    inside = _element(f"{prefix}:Key", f"{prefix}:Key", text(key)) + _element(
        f"{prefix}:Value", f"{prefix}:Value", text(value)
    )
    return _element(f"{prefix}:KeyValueOfstringstring", f"{prefix}:KeyValueOfstringstring", inside)


def _element(start: str, name: str, body: str) -> str:
    return f"<{start}>{body}</{name}>" if body else f"<{start} />"


def text(value: Any) -> str:
    """Return a scalar as XML text. Characters that XML cannot hold become U+FFFD; a carriage return stays one by being escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    escaped = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _FORBIDDEN.sub("\ufffd", escaped).replace("\r", "&#xD;")
