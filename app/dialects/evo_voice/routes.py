"""Where Evo Voice requests come in: the way of every request, from its path to its reply.

The paths of this API match in any letter case and end in format suffixes, which Flask's own rules cannot say; so the blueprint takes
all of Evo's prefixes, and ``operations`` knows what is behind them. Longer rules of others, such as ``/api/v2/…``, win over these.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import BaseConverter

from app.control.services import Services
from app.core.errors import HookflashError
from app.dialects.evo_voice import binding, errors, identity, operations, replies
from app.dialects.evo_voice.bodies import MOST_BYTES
from app.dialects.evo_voice.call import Call
from app.dialects.evo_voice.formats import FORMATS

_VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class _Prefix(BaseConverter):
    """The first segment of every path that is Evo's alone, in any letter case; alone it may have a format's suffix."""

    regex = rf"(?i:(?:sessions|auth)(?:\.(?:{'|'.join(FORMATS)}))?|{'|'.join(FORMATS)})"


class _ApiPrefix(BaseConverter):
    """``api``, in any letter case."""

    regex = "(?i:api)"


class _NoVersion(BaseConverter):
    """What may follow ``/api/`` here: ``v2`` and the like are another API's."""

    regex = r"(?!v\d+(?:/|$))[^/]+"


class _Rest(BaseConverter):
    """Everything that follows, whatever it is."""

    regex = "(?s:.+)"
    part_isolating = False


log = logging.getLogger(__name__)


def blueprint(services: Services) -> Blueprint:
    """Return the Evo Voice API as a blueprint for the root of the application."""
    evo = Blueprint("evo_voice", __name__)

    def serve(**path: str) -> Response:
        return _serve(services)

    converters = {"evo": _Prefix, "evo_api": _ApiPrefix, "evo_name": _NoVersion, "evo_rest": _Rest}
    evo.record_once(lambda state: state.app.url_map.converters.update(converters))
    starts = ("/<evo:first>", "/<evo_api:first>/<evo_name:name>")
    rules = [rule for start in starts for rule in (start, f"{start}/", f"{start}/<evo_rest:rest>")]
    for rule in (*rules, "/<evo_api:first>", "/<evo_api:first>/"):
        evo.add_url_rule(rule, "serve", serve, methods=_VERBS, provide_automatic_options=False)
    _register_errors(evo)
    return evo


def _serve(services: Services) -> Response:
    """Match, bind, authenticate, check the role, call the operation, render. Binding comes first: a bad value is 400 for anybody.

    A request with an idempotency key that has been answered gets that answer again instead.
    """
    request.max_content_length = MOST_BYTES
    verb = binding.verb_of(request)
    target = operations.resolve(request.path, verb)
    if target.batch and request.method != "POST":
        raise errors.EvoError(405, "NotImplementedException", "A batch is posted")
    bound = binding.bind_batch(request, target) if target.batch else [binding.bind(request, target, verb)]
    call = Call(
        services,
        verb,
        request.is_secure,
        user=identity.identify(request, services),
        tokens=tuple(identity.tokens(request)),
    )
    _authorise(target.operation, call)
    if call.user is not None and not target.operation.public:
        given_before = services.replays.begin(f"evo {call.user.id}", verb="GET" if target.operation.reads else verb)
        if given_before is not None:
            return given_before
    value = _batch(target, call, bound) if target.batch else target.operation.handler(call, bound[0])
    response = replies.answer(request, None if target.oneway else value, target.operation.name)
    for cookie in call.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def _authorise(operation: operations.Operation, call: Call) -> None:
    """Raise NotLoggedIn or RoleMissing: first who it is, then what they may."""
    if operation.public:
        return
    user = call.login
    if operation.roles and not set(operation.roles) & set(user.roles):
        raise errors.RoleMissing


def _batch(target: operations.Target, call: Call, bound: list[Any]) -> list[Any] | None:
    """Run a batch in order. The first failure ends it and is the answer; what was done before it stays done."""
    results = []
    for index, one in enumerate(bound):
        try:
            results.append(target.operation.handler(call, one))
        except (errors.EvoError, HookflashError) as failure:
            problem = failure if isinstance(failure, errors.EvoError) else errors.of_core(failure)
            problem.meta = {**(problem.meta or {}), "AutoBatchIndex": str(index)}
            problem.headers["X-AutoBatch-Completed"] = str(index)
            raise problem from failure
    return [result for result in results if result is not None] or None


def _register_errors(evo: Blueprint) -> None:
    """Give every error under Evo's prefixes Evo's own shape."""
    evo.register_error_handler(errors.EvoError, lambda error: replies.error(request, error))
    evo.register_error_handler(HookflashError, lambda error: replies.error(request, errors.of_core(error)))
    evo.register_error_handler(errors.NotLoggedIn, lambda error: replies.not_logged_in(request))
    evo.register_error_handler(errors.RoleMissing, lambda error: replies.role_missing(request))
    evo.register_error_handler(errors.Unmatched, lambda error: replies.unmatched())
    evo.register_error_handler(RequestEntityTooLarge, lambda error: replies.error(request, errors.too_large()))
    evo.register_error_handler(HTTPException, _http_error)
    evo.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    return replies.error(request, errors.EvoError(status, error.name.replace(" ", ""), error.description or error.name))


def _unexpected(error: Exception) -> Response:
    # Whatever it is, it goes to the log whole; the client learns only that it was our fault.
    log.error("an Evo Voice request failed", exc_info=error)
    return replies.error(request, errors.unexpected())
