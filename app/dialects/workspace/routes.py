"""The API's blueprint: authentication before everything else, and the endpoint groups."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, request

from app.dialects.workspace import auth, calls, devices, errors, me

if TYPE_CHECKING:
    from app.control.services import Services

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def blueprint(services: Services) -> Blueprint:
    """Return everything below ``/api/v2``, except the notifications, which are served beside Flask.

    Every request is authenticated before its path is looked at; a path or method that is not served is 404 with statusCode 6.
    """
    routes = Blueprint("workspace", __name__, url_prefix="/api/v2")
    routes.before_request(lambda: _authenticate(services))
    routes.before_request(lambda: services.replays.begin(f"workspace {g.workspace_caller.user.id}"))
    routes.after_request(lambda response: _session_headers(services, response))
    errors.register(routes)
    calls.add(routes, services)
    me.add(routes, services)
    devices.add(routes, services)

    @routes.route("/", defaults={"rest": ""}, methods=_METHODS)
    @routes.route("/<path:rest>", methods=_METHODS)
    def unknown(rest: str) -> Response:
        raise errors.Refusal(errors.NOT_FOUND, "There is no such resource")

    return routes


def _authenticate(services: Services) -> None:
    """Know the caller, and give her an HTTP session if she has none. Raises Refusal 20, or 3 for a missing or wrong CSRF token."""
    found = auth.caller(services.directory, {name.lower(): value for name, value in request.headers.items()})
    if found is None:
        raise errors.Refusal(errors.NOT_AUTHENTICATED, "Access denied")
    if services.settings.workspace_csrf and request.method not in ("GET", "HEAD", "OPTIONS"):
        _check_csrf(found)
    g.workspace_opened = found.token is None
    token = found.token or services.directory.open_login(auth.REALM, found.user, auth.SESSION_SECONDS)
    g.workspace_caller = auth.Caller(found.user, token)


def _check_csrf(found: auth.Caller) -> None:
    sent = request.headers.get(auth.CSRF_HEADER, "")
    if found.token is None or not hmac.compare_digest(sent.encode(), auth.csrf_token(found.token).encode()):
        raise errors.Refusal(errors.FORBIDDEN, "Missing or invalid Csrf token")


def _session_headers(services: Services, response: Response) -> Response:
    """Hand out what belongs to the HTTP session: its cookie when it is new, and with every GET the CSRF token."""
    response.headers["Cache-Control"] = "no-store"
    caller: auth.Caller | None = g.get("workspace_caller")
    if caller is None or caller.token is None:
        return response
    if g.get("workspace_closed"):
        response.delete_cookie(auth.COOKIE, path="/", httponly=True, samesite="Lax")
        return response
    if g.workspace_opened:
        response.set_cookie(
            auth.COOKIE, caller.token, path="/", httponly=True, samesite="Lax", secure=request.is_secure
        )
    if services.settings.workspace_csrf and request.method == "GET":
        response.headers["X-CSRF-HEADER"] = auth.CSRF_HEADER
        response.headers[auth.CSRF_HEADER] = auth.csrf_token(caller.token)
    return response
