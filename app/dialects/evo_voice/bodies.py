"""Request bodies as plain members: JSON, XML and JSV in, a mapping of names to values out. Hostile input is a clear 400."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from app.core.nesting import deeper_than
from app.dialects.evo_voice.shapes import Member, Shape, shape_of
from app.dialects.evo_voice.writer_xml import INSTANCE

MOST_BYTES = 1024 * 1024
DEEPEST = 64  # the contracts nest two levels deep; whoever nests far deeper wants to exhaust us


class Unreadable(Exception):
    """The body cannot be read; the text says why, without quoting it."""


def from_json(data: bytes) -> Any:
    """Parse JSON. Raises Unreadable for bad UTF-8, bad syntax or too deep nesting."""
    try:
        value = json.loads(data)
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    except ValueError:
        raise Unreadable("not valid JSON") from None
    if deeper_than(value, DEEPEST):
        raise Unreadable("nested too deeply")
    return value


class _Builder(TreeBuilder):
    """Builds the tree, but never a deeper one than DEEPEST."""

    def __init__(self) -> None:
        super().__init__()
        self._open = 0

    def start(self, tag: str, attrs: Any, /) -> Element:
        self._open += 1
        if self._open > DEEPEST:
            raise Unreadable("nested too deeply")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._open -= 1
        return super().end(tag)


def from_xml(data: bytes, contract: type) -> dict[str, Any]:
    """Parse one contract's XML. Raises Unreadable, also for another root element, another namespace, a DTD, or an unknown enum name."""
    shape = shape_of(contract)
    root = _parse(data)
    if root.tag != f"{{{shape.namespace}}}{shape.name}":
        raise Unreadable(f"expected the element {shape.name} of the namespace {shape.namespace}")
    return _members(root, shape)


def batch_from_xml(data: bytes, contract: type) -> list[dict[str, Any]]:
    """Parse ``<ArrayOf…>`` of a contract. Raises Unreadable."""
    shape = shape_of(contract)
    root = _parse(data)
    if root.tag != f"{{{shape.namespace}}}ArrayOf{shape.name}":
        raise Unreadable(f"expected the element ArrayOf{shape.name} of the namespace {shape.namespace}")
    return [_members(item, shape) for item in root if item.tag == f"{{{shape.namespace}}}{shape.name}"]


def _parse(data: bytes) -> Element:
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True)
    try:
        parser.feed(data)
        root = parser.close()
    except DefusedXmlException:
        raise Unreadable("document types and entities are not allowed") from None
    except (ParseError, ValueError, LookupError):
        # ValueError and LookupError: a declared encoding that does not exist or does not fit.
        raise Unreadable("not well-formed XML") from None
    if not isinstance(root, Element):
        raise Unreadable("not well-formed XML")
    return root


def _members(root: Element, shape: Shape) -> dict[str, Any]:
    """Read known elements in whatever order they come; the original loses those out of order, which helps nobody."""
    known = {f"{{{member.namespace}}}{member.name}": member for member in shape.declared}
    found = {}
    for element in root:
        member = known.get(element.tag)
        if member is not None and element.get(f"{{{INSTANCE}}}nil") not in ("true", "1"):
            found[member.json_name] = _value(element, member)
    return found


def _value(element: Element, member: Member) -> Any:
    if member.kind is tuple:
        return [item.text or "" for item in element]
    text = element.text or ""
    if member.kind is str:
        return text
    text = text.strip()
    if member.kind is int and not text.removeprefix("-").isdecimal():
        raise Unreadable(f"{member.name} is not a number")
    if member.kind is bool and text not in ("true", "false", "1", "0"):
        raise Unreadable(f"{member.name} is neither true nor false")
    if issubclass(member.kind, Enum) and text not in [str(option) for option in member.kind]:
        raise Unreadable(f"{member.name} has a value that does not exist")
    return text


def from_jsv(data: bytes) -> dict[str, Any]:
    """Parse a flat JSV object such as ``{callSid:CA1,reason:Transferring}``; nested values stay text. Raises Unreadable."""
    try:
        text = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8") from None
    if not (text.startswith("{") and text.endswith("}")):
        raise Unreadable("not a JSV object")
    pairs = (piece.partition(":") for piece in _split(text[1:-1]))
    return {_unquoted(name): _unquoted(value) for name, colon, value in pairs if colon}


def _split(text: str) -> list[str]:
    """Split at the commas that stand outside quotes and brackets."""
    pieces, start, depth, quoted = [], 0, 0, False
    for index, mark in enumerate(text):
        if mark == '"':
            quoted = not quoted
        elif not quoted:
            depth += (mark in "{[") - (mark in "}]")
            if mark == "," and depth == 0:
                pieces.append(text[start:index])
                start = index + 1
    return [*pieces, text[start:]]


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text


def as_members(value: Any) -> Mapping[str, Any]:
    """Return a parsed JSON body as members. Raises Unreadable when it is not an object; null counts as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable("expected an object")
    return value
