"""From an HTTP request to an operation's request contract.

On an operation's own routes the body is read first, by its content type, and then path, query and form values are laid over it in
this order: the query beats body and path, so whoever authorises must look at the bound value. On the predefined routes it is either
the query (verbs without a body), or query and form, or the body alone in the route's own format whatever its content type says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from app.dialects.evo_voice import bodies
from app.dialects.evo_voice.errors import EvoError, of_binding, too_large, undecodable
from app.dialects.evo_voice.formats import body_format
from app.dialects.evo_voice.operations import Target
from app.dialects.evo_voice.schemas import read

_CONTENT_TYPES = {"json": "application/json", "xml": "application/xml", "jsv": "text/jsv", "csv": "text/csv"}
_MOST_IN_BATCH = 1000
_BODYLESS = ("GET", "DELETE", "HEAD", "OPTIONS")
OVERRIDE = "X-Http-Method-Override"


def verb_of(request: Request) -> str:
    """Return the verb that counts: a header may replace it, and in a POST also a form or query value.

    Not in the query of a GET: then a mere link could end a call.
    """
    wanted = request.headers.get(OVERRIDE, "")
    if not wanted and request.method == "POST":
        wanted = request.values.get(OVERRIDE, "")
    verb = (wanted or request.method).strip().upper()
    return "GET" if verb == "HEAD" else verb


def bind(request: Request, target: Target, verb: str) -> Any:
    """Return the operation's request contract. Raises EvoError 400 for what cannot be read."""
    # Who sends no content type at all most likely means JSON.
    kind = body_format(request.headers.get("Content-Type") or "application/json")
    if not target.predefined:
        body = {} if kind == "form" else _body(request, target, kind)
        return _read(target, body, {**_lower(target.values), **_texts(request.args), **_texts(request.form)})
    if kind == "form" or verb in _BODYLESS:
        return _read(target, {}, {**_texts(request.args), **_texts(request.form)})
    return _read(target, _body(request, target, target.body), {})


def bind_batch(request: Request, target: Target) -> list[Any]:
    """Return the requests of a batch, whose body is an array. Raises EvoError 400."""
    try:
        if target.body == "xml":
            items: Any = bodies.batch_from_xml(_data(request), target.operation.contract)
        else:
            items = bodies.from_json(_data(request))
            if not isinstance(items, list):
                raise bodies.Unreadable("expected an array")
        if len(items) > _MOST_IN_BATCH:
            raise bodies.Unreadable(f"expected at most {_MOST_IN_BATCH} requests")
        return [_read(target, bodies.as_members(item), {}) for item in items]
    except bodies.Unreadable as why:
        raise _undecodable(target, target.body, why) from why


def _read(target: Target, body: Mapping[str, Any], text: Mapping[str, str]) -> Any:
    try:
        return read(target.operation.contract, body, text)
    except ValidationError as error:
        raise of_binding(error, target.operation.name) from error


def _body(request: Request, target: Target, kind: str | None) -> Mapping[str, Any]:
    data = _data(request)
    if not data:
        return {}
    try:
        if kind == "json":
            return bodies.as_members(bodies.from_json(data))
        if kind == "xml":
            return bodies.from_xml(data, target.operation.contract)
        return bodies.from_jsv(data) if kind == "jsv" else {}
    except bodies.Unreadable as why:
        raise _undecodable(target, kind, why) from why


def _data(request: Request) -> bytes:
    """Return the body. Raises EvoError 413: of a chunked body, whose length nobody has announced, the framework just cuts the rest off."""
    data = request.get_data()
    if request.content_length is None and len(data) >= bodies.MOST_BYTES:
        raise too_large()
    return data


def _undecodable(target: Target, kind: str | None, why: bodies.Unreadable) -> EvoError:
    contract = target.operation.contract
    full_name = f"{vars(contract)['NAMESPACE']}.{contract.__name__}"
    return undecodable(_CONTENT_TYPES[kind or "json"], full_name, str(why))


def _lower(values: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in values.items()}


def _texts(values: MultiDict[str, str]) -> dict[str, str]:
    """Return each name with its values, repeated ones joined by commas; empty ones do not count."""
    joined: dict[str, str] = {}
    for name, several in values.lists():
        text = ",".join(one for one in several if one)
        if text:
            joined[name.lower()] = text
    return joined
