"""Which format a reply is written in. Pure: what the client sent in, a format's name out. There is never a 406."""

from __future__ import annotations

from collections.abc import Sequence

FORMATS = ("json", "xml", "jsv", "csv")
# The server's own preference, in order. Pages for browsers are not made: text/html is answered with JSON.
_PREFERRED = (
    ("application/json", "json"),
    ("text/html", "json"),
    ("application/xml", "xml"),
    ("application/jsv", "jsv"),
)
_FURTHER = (("text/xml", "xml"), ("text/jsv", "jsv"), ("text/csv", "csv"))
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_BODIES = {
    "application/json": "json",
    "text/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/jsv": "jsv",
    "text/jsv": "jsv",
    _FORMS[0]: "form",
    _FORMS[1]: "form",
}


def media_type(header: str) -> str:
    """Return a content type without its parameters, in lower case."""
    return header.partition(";")[0].strip().lower()


def body_format(content_type: str) -> str | None:
    """Return how a body of this content type is read: json, xml, jsv, form, or None for one that is not read."""
    return _BODIES.get(media_type(content_type))


def choose(
    *, callback: str | None, query: str | None, path: str | None, accept: Sequence[str], content_type: str
) -> str:
    """Choose the reply's format: ``?callback``, then ``?format``, then the path (prefix or suffix), then ``Accept``, then JSON."""
    if callback:
        return "json"
    if query and query.lower() in FORMATS:
        return query.lower()
    return path or _accepted([media_type(one) for one in accept], media_type(content_type))


def _accepted(accept: Sequence[str], sent: str) -> str:
    """Choose by ``Accept``. q-values do not count: the server's own order decides, unless the body's type is among the accepted."""
    wanted = [(name, chosen) for name, chosen in _PREFERRED if any(one.startswith(name) for one in accept)]
    for name, chosen in wanted:
        if name == sent:
            return chosen
    if wanted:
        return wanted[0][1]
    if "*/*" in accept:
        same = body_format(sent)
        return same if same in FORMATS else "json"
    for one in accept:
        for name, chosen in _FURTHER:
            if one.startswith(name):
                return chosen
    return "json"
