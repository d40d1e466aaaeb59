"""The webhooks' routes. Each takes a fact in and answers from the store; the provider is asked nothing on the way."""

from flask import Blueprint, Response, request

from app.control.addresses import PREFIX
from app.control.services import Services
from app.core.errors import SessionNotFound
from app.webhooks import calls, conferences, queues
from app.webhooks.answers import document, noted
from app.webhooks.guard import signature_guard
from twiml import message

_BOTH = ["GET", "POST"]


def blueprint(services: Services) -> Blueprint:
    """Return every route under ``/webhooks/twilio``, all behind the signature."""
    routes = Blueprint("webhooks", __name__, url_prefix=PREFIX)
    routes.before_request(signature_guard(services.settings))
    routes.register_error_handler(SessionNotFound, _unknown_session)

    calls.add_to(routes, services)
    conferences.add_to(routes, services)
    queues.add_to(routes, services)

    @routes.route("/<path:rest>", methods=_BOTH)
    def nothing_here(rest: str) -> Response:
        return Response(f"No webhook {rest!r}.", 404, content_type="text/plain")

    return routes


def _unknown_session(_error: Exception) -> Response:
    # A session of another store or long pruned: Twilio is not to raise an alarm for it, and nobody is to be moved.
    return noted() if request.path.endswith(("/conference", "/progress")) else document(message.hang_up())
