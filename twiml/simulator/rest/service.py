"""The HTTP side of the REST API: credentials, routing, faults, errors, the log."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hmac
import json
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from aiohttp import web

from ..identifiers import Params, new_sid
from ..platform import Platform
from .errors import RestError
from .forms import Form
from .requests import Answer, Handler, RestRequest
from .routes import find_route

# How long a client is left without an answer under the fault rest_timeout: longer than any client waits.
LONGER_THAN_PATIENCE = 60.0
_CHANGING = ("POST", "DELETE")


class RestService:
    """Answers every path below /2010-04-01. The effect of a request is complete before its answer is sent."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._concurrent = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        began, clock = time.time(), time.monotonic()
        self._concurrent += 1
        try:
            body = (await request.read()).decode("utf-8", errors="replace")
            status, answer = self._answer(request, body)
            if self._platform.policy.rest_reply_delay_ms:
                await asyncio.sleep(self._platform.policy.rest_reply_delay_ms / 1000)
            text = "" if answer is None else json.dumps(answer)
            self._log(request, body, status or None, text, began)
            if not status:
                return await self._never_answer(request)
            return web.Response(
                status=status,
                text=text,
                content_type="application/json",
                headers={
                    "Twilio-Request-Id": new_sid("RQ"),
                    "Twilio-Concurrent-Requests": str(self._concurrent),
                    "Twilio-Request-Duration": f"{time.monotonic() - clock:.3f}",
                    "X-Home-Region": "us1",
                    "X-Api-Domain": "api.twilio.com",
                },
            )
        finally:
            self._concurrent -= 1

    def _answer(self, request: web.Request, body: str) -> Answer:
        """The answer, errors included; status 0 stands for none at all."""
        try:
            self._check_credentials(request)
            handler_request, handler = self._route(request, body)
            if request.method in _CHANGING:
                return self._with_faults(lambda: handler(handler_request))
            return handler(handler_request)
        except RestError as error:
            return error.status, error.body()

    def _check_credentials(self, request: web.Request) -> None:
        """Before anything else: what may not be seen does not exist."""
        account = self._platform.account
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            given = b""
        if scheme.lower() != "basic" or not hmac.compare_digest(given, f"{account.sid}:{account.auth_token}".encode()):
            raise RestError(401, 20003, "Authenticate")

    def _route(self, request: web.Request, body: str) -> tuple[RestRequest, Handler]:
        path = request.raw_path.partition("?")[0]
        found = find_route(path, self._platform.account.sid)
        if found is None:
            raise RestError(404, 20404, f"The requested resource {path} was not found")
        route, keys = found
        handler = route.methods.get(request.method)
        if handler is None:
            raise RestError(405, 20004, "Method not allowed")
        return RestRequest(self._platform, path, keys, Form(_fields(request, body)), Form(_query(request))), handler

    def _with_faults(self, act: Callable[[], Answer]) -> Answer:
        """A request that fails by itself answers its own error; faults strike those that would succeed, but a refusal
        for too many requests comes before all."""
        faults = self._platform.faults
        if faults.strikes(faults.rest_429):
            raise RestError(429, 20429, "Too Many Requests")
        silent = faults.strikes(faults.rest_timeout)
        if silent and faults.strikes(0.5):
            return 0, None  # the request got lost on its way here
        answer = act()
        if silent:
            return 0, None
        if faults.strikes(faults.rest_500_after_effect):
            raise RestError(500, 20500, "An internal server error has occurred")
        return answer

    async def _never_answer(self, request: web.Request) -> web.StreamResponse:
        """Keep the connection open beyond all patience, then close it without a byte."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._platform.unanswered.wait(), LONGER_THAN_PATIENCE)
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=500)

    def _log(self, request: web.Request, body: str, status: int | None, text: str, began: float) -> None:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "authorization"}
        params = _query(request) if request.method == "GET" else _fields(request, body)
        url = f"{request.scheme}://{request.host}{request.raw_path}"
        self._platform.log.add("rest", request.method, url, params, headers, status, text, began)


def _fields(request: web.Request, body: str) -> Params:
    """The fields of a form body; other content types have none."""
    if request.content_type != "application/x-www-form-urlencoded":
        return []
    return parse_qsl(body, keep_blank_values=True)


def _query(request: web.Request) -> Params:
    return parse_qsl(request.raw_path.partition("?")[2], keep_blank_values=True)
