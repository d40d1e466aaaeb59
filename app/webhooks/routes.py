"""The webhooks' routes. Each takes a fact in and answers from the store; the provider is asked nothing on the way."""

from flask import Blueprint, Response, request

from app.control.addresses import PREFIX
from app.control.services import Services
from app.core.errors import SessionNotFound
from app.webhooks import calls, conferences, queues
from app.webhooks.answers import document, noted
from app.webhooks.guard import signature_guard
from app.webhooks.sounds import sound_of
from twiml import message

_BOTH = ["GET", "POST"]


def blueprint(services: Services) -> Blueprint:
    """Return every route under ``/webhooks/twilio``, all behind the signature."""
    routes = Blueprint("webhooks", __name__, url_prefix=PREFIX)
    routes.before_request(signature_guard(services.settings))
    routes.register_error_handler(SessionNotFound, lambda _: _unknown_session(services))

    calls.add_to(routes, services)
    conferences.add_to(routes, services)
    queues.add_to(routes, services)

    @routes.route("/<path:rest>", methods=_BOTH)
    def nothing_here(rest: str) -> Response:
        return Response(f"No webhook {rest!r}.", 404, content_type="text/plain")

    return routes


def _unknown_session(services: Services) -> Response:
    # A session of another store or long pruned: Twilio is not to raise an alarm for it, and nobody is to be moved.
    if request.path.endswith(("/conference", "/progress")):
        return noted()
    what = request.path.split("/")
    if what[-1] in ("wait", "hold") or "announcements" in what:
        # Heard in a conference, where no document can hang anybody up: whoever still is there is not to hear nothing.
        return document(message.looping(sound_of(None, services.control.addresses)))
    return document(message.hang_up())
