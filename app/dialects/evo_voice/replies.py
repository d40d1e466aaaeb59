"""Putting an answer or an error on the wire in the format the client chose."""

from __future__ import annotations

import re
from typing import Any

from flask import Request, Response

from app.dialects.evo_voice import formats, operations
from app.dialects.evo_voice.errors import EvoError
from app.dialects.evo_voice.identity import CHALLENGE
from app.dialects.evo_voice.writers import CONTENT_TYPES, WRITERS, to_json

_CALLBACK = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
_POWERED_BY = "ServiceStack/6 (Hookflash)"


def callback_of(request: Request) -> str | None:
    """Return the JSONP function's name, if one is asked for and is a name: anything else would be script of somebody's making."""
    name = request.args.get("callback", "")
    return name if _CALLBACK.fullmatch(name) else None


def format_of(request: Request) -> str:
    """Return the reply's format."""
    return formats.choose(
        callback=callback_of(request),
        query=request.args.get("format"),
        path=operations.forced_format(request.path),
        accept=[one for one in request.headers.get("Accept", "").split(",") if one.strip()],
        content_type=request.headers.get("Content-Type", ""),
    )


def answer(request: Request, value: Any, operation: str) -> Response:
    """Return 200 with the value, or 204 when there is none."""
    if value is None:
        return dressed(Response(status="204 No Content"))
    response = _written(request, value)
    if response.mimetype == "text/csv":
        response.headers["Content-Disposition"] = f"attachment; filename={operation}.csv"
    return response


def error(request: Request, problem: EvoError) -> Response:
    """Return an error with its body; within JSONP a script can read it only when the status is 200."""
    response = _written(request, problem.body())
    response.headers.update(problem.headers)
    if callback_of(request) is None:
        response.status = f"{problem.status} {problem.phrase}"
    return response


def not_logged_in(request: Request) -> Response:
    """Return 401 without a body and with the challenge."""
    if callback_of(request) is not None:
        return error(request, EvoError(401, "Unauthorized", "Unauthorized"))
    return dressed(Response(status="401 Unauthorized", headers=CHALLENGE, content_type="text/plain"))


def role_missing(request: Request) -> Response:
    """Return 403 as plain text; the clients go by its reason phrase."""
    lines = ("Forbidden", "", f"Request.HttpMethod: {request.method}", f"Request.PathInfo: {request.path}")
    response = Response("\n".join(lines), content_type="text/plain")
    response.status = "403 Invalid Role"
    return dressed(response)


def unmatched() -> Response:
    """Return the 404 of a path or verb that has no route."""
    response = Response("404", content_type="text/plain")
    response.status = "404 Not Found"
    return dressed(response)


def dressed(response: Response) -> Response:
    """Add what every reply of this API carries."""
    response.headers["Vary"] = "Accept"
    response.headers["X-Powered-By"] = _POWERED_BY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _written(request: Request, value: Any) -> Response:
    callback = callback_of(request)
    if callback is not None:
        return dressed(Response(f"{callback}({to_json(value)})", content_type="text/javascript"))
    chosen = format_of(request)
    return dressed(Response(WRITERS[chosen](value), content_type=CONTENT_TYPES[chosen]))
