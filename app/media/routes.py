"""``/media/<id>.wav``, for the melodies of the house also ``/media/<name>.wav``: public, as the provider fetches without credentials."""

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Engine
from werkzeug.wrappers import Response as AnyResponse

from app.media import library

_FOR_A_YEAR = "public, max-age=31536000, immutable"


def blueprint(engine: Engine) -> Blueprint:
    """Return the routes of the public media files."""
    routes = Blueprint("media", __name__)

    @routes.get("/media/<name>")
    def file(name: str) -> AnyResponse:
        stem, _, ending = name.partition(".")
        if not (stem.isascii() and stem.isprintable() and ending in ("", "wav")):
            abort(404)
        with engine.connect().execution_options(read_only=True) as connection:
            found = _find(connection, stem)
        if found is None:
            abort(404)
        response = Response(found.content, content_type=found.content_type)
        response.set_etag(found.etag)
        response.headers["Cache-Control"] = _FOR_A_YEAR
        # Answers 304 to If-None-Match and 206 to Range.
        return response.make_conditional(request, accept_ranges=True, complete_length=len(found.content))

    return routes


def _find(connection: Connection, stem: str) -> library.MediaFile | None:
    if not stem.isdigit():
        return library.find_ours(connection, stem)
    return library.find(connection, int(stem)) if len(stem) < 10 else None
