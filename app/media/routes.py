"""``/media/<id>.wav``: the files, public, because the provider fetches them without credentials."""

from flask import Blueprint, Response, abort, request
from sqlalchemy import Engine
from werkzeug.wrappers import Response as AnyResponse

from app.media import library

_FOR_A_YEAR = "public, max-age=31536000, immutable"


def blueprint(engine: Engine) -> Blueprint:
    """Return the routes of the public media files."""
    routes = Blueprint("media", __name__)

    @routes.get("/media/<name>")
    def file(name: str) -> AnyResponse:
        stem, _, ending = name.partition(".")
        if not (stem.isascii() and stem.isdigit() and len(stem) < 10 and ending in ("", "wav")):
            abort(404)
        with engine.connect().execution_options(read_only=True) as connection:
            found = library.find(connection, int(stem))
        if found is None:
            abort(404)
        response = Response(found.content, content_type=found.content_type)
        response.set_etag(found.etag)
        response.headers["Cache-Control"] = _FOR_A_YEAR
        # Answers 304 to If-None-Match and 206 to Range.
        return response.make_conditional(request, accept_ranges=True, complete_length=len(found.content))

    return routes
