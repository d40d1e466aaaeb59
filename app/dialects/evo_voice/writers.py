"""Contracts as text: JSON, XML, JSV (JSON without quotes) and CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

from app.dialects.evo_voice.shapes import shape_of
from app.dialects.evo_voice.writer_xml import to_xml

CONTENT_TYPES = {
    "json": "application/json; charset=utf-8",  # only JSON carries a charset
    "xml": "application/xml",
    "jsv": "text/jsv",
    "csv": "text/csv",
}


def plain(value: Any) -> Any:
    """Return a contract (or a list of them) as plain JSON values: declaration order, None members left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = ((member.json_name, getattr(value, member.attribute)) for member in shape_of(type(value)).declared)
        return {name: plain(member) for name, member in members if member is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def to_json(value: Any) -> str:
    """Return compact JSON."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def to_jsv(value: Any) -> str:
    """Return JSV: like JSON, quoting only text that holds one of its own marks."""
    return _jsv(plain(value))


def _jsv(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_jsv(key)}:{_jsv(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_jsv(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if not text or any(mark in text for mark in '{}[],:"\n\r') else text


def to_csv(value: Any) -> str:
    """Return CSV with a header row: one row for each item of a list, or one for a single object. Nested values are JSV."""
    items = value if isinstance(value, list) else getattr(value, "items", getattr(value, "sessions", (value,)))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if items:
        members = shape_of(type(items[0])).declared
        writer.writerow(member.json_name for member in members)
        for item in items:
            values = (getattr(item, member.attribute) for member in members)
            writer.writerow("" if one is None else one if isinstance(one, str) else _jsv(plain(one)) for one in values)
    return out.getvalue()


WRITERS: dict[str, Callable[[Any], str]] = {"json": to_json, "xml": to_xml, "jsv": to_jsv, "csv": to_csv}
