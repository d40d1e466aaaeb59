"""``POST /v4.0``: every method at one address. Whatever is answered to a JSON-RPC request, the HTTP status is 200."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from app.core.errors import HookflashError
from app.dialects.call_api import auth, envelope, points, schemas
from app.dialects.call_api.errors import WITHOUT_LIMITS, RpcError, TooDeep, translated
from app.dialects.call_api.methods import METHODS, Call, Method

if TYPE_CHECKING:
    from app.control.services import Services

LARGEST_BODY = 1024 * 1024  # bytes
_OTHER_VERBS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]
_LOGIN = "login.user"
KEY_FROM = "Idempotency-Key-From"

log = logging.getLogger(__name__)


def blueprint(services: Services) -> Blueprint:
    """Return the dialect's routes, to be registered at the root."""
    routes = Blueprint("call_api", __name__)

    @routes.post("/v4.0", strict_slashes=False, provide_automatic_options=False)
    def answer() -> Response:
        """Take one request: who asks, what, do it, tell."""
        rpc = _read_request()
        if rpc.method == _LOGIN:
            return _log_in(services, rpc)
        method = _method(rpc.method)
        call = _admitted(services, method, rpc.params)
        given_before = services.replays.begin(call.caller.purse, _key(rpc), verb="GET" if method.reads else None)
        if given_before is not None:
            return given_before
        data = method.run(call)
        return _reply(
            envelope.success(rpc.id, data, points.metadata(points.spend(services, call.caller, method.points)))
        )

    @routes.route("/v4.0", methods=_OTHER_VERBS, strict_slashes=False, provide_automatic_options=False)
    def wrong_verb() -> Response:
        """Everything is asked by POST."""
        response = _reply(envelope.failure(None, RpcError("invalid_request"), None), 405)
        response.headers["Allow"] = "POST"
        return response

    @routes.route("/v4.0/<path:rest>", methods=["POST", *_OTHER_VERBS], provide_automatic_options=False)
    def wrong_path(rest: str) -> Response:
        """Methods are named in the body, not in the address."""
        return _reply(envelope.failure(None, RpcError("method_not_found"), None), 404)

    _answer_errors(routes)
    return routes


def _read_request() -> envelope.RpcRequest:
    request.max_content_length = LARGEST_BODY
    document = envelope.parse(request.get_data())
    # What has been learnt so far is kept for an error reply: the id to echo, and what the account has left.
    g.rpc_id = envelope.id_of(document)
    return envelope.read(document)


def _key(rpc: envelope.RpcRequest) -> str | None:
    """Return the request's id where the client asks for it to be the idempotency key; ids are not unique unless a client says so."""
    return f"id {rpc.id}" if request.headers.get(KEY_FROM, "").lower() == "id" else None


def _method(name: str) -> Method:
    if name not in METHODS:
        raise RpcError("method_not_found")
    return METHODS[name]


def _admitted(services: Services, method: Method, params: dict[str, Any]) -> Call:
    """Return a request that may be carried out: key, package and points are looked at before the parameters are."""
    token, others = auth.take_token(params)
    caller = auth.authenticate(services, token)
    limits = points.look(services, caller)
    g.rpc_metadata = points.metadata(limits)
    auth.demand_component(caller, method.component)
    points.demand(limits, method.points)
    return Call(services, caller, token, schemas.load(method.schema, others))


def _log_in(services: Services, rpc: envelope.RpcRequest) -> Response:
    caller, data = auth.open_session(services, schemas.load(schemas.Login(), rpc.params))
    return _reply(envelope.success(rpc.id, data, points.metadata(points.look(services, caller))))


def _answer_errors(routes: Blueprint) -> None:
    """Answer everything that is raised below the routes in the dialect's own shape."""

    @routes.errorhandler(RpcError)
    def rpc_error(error: RpcError) -> Response:
        return _refusal(error, 400 if isinstance(error, TooDeep) else 200)

    @routes.errorhandler(HookflashError)
    def core_error(error: HookflashError) -> Response:
        refused = translated(error)
        if refused.mnemonic == "internal_error":
            g.replay_failed = True  # an answer of HTTP 200 all the same: it is not to be given again
            # The provider's or the store's failure, which has a name: where it was met says nothing more.
            log.warning("call api request failed", extra={"error_id": error.error_id})
        return _refusal(refused)

    @routes.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        # The body is over the limit, or broke off: there is no request to answer.
        return _refusal(RpcError("parse_error"), error.code or 400)

    @routes.errorhandler(Exception)
    def mistake_of_ours(error: Exception) -> Response:
        g.replay_failed = True
        log.error("call api request failed unexpectedly", exc_info=error)
        return _refusal(RpcError("internal_error"))


def _refusal(error: RpcError, status: int = 200) -> Response:
    metadata = None if error.mnemonic in WITHOUT_LIMITS else g.get("rpc_metadata")
    return _reply(envelope.failure(g.get("rpc_id"), error, metadata), status)


def _reply(body: str, status: int = 200) -> Response:
    return Response(body, status, mimetype="application/json")
