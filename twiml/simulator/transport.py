"""HTTP exchanges with the controller: signed, retried as their URL says, and logged attempt by attempt."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin

import aiohttp
from multidict import MultiDict
from twilio.request_validator import RequestValidator
from yarl import URL

from .delivery import CEILING_MS, BadUrl, Delivery, Target, parse_target, with_query
from .identifiers import Params
from .log import ExchangeLog

MAX_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {"Accept": "*/*", "Cache-Control": "max-age=259200", "User-Agent": "TwilioProxy/1.1"}


class FetchFailed(Exception):
    """No usable answer came from ``url``. ``code`` is Twilio's debugger code."""

    def __init__(self, code: int, url: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.url = url


@dataclass(frozen=True)
class Reply:
    """The answer to a request: ``url`` is where it came from after redirects, without Twilio's own parameters."""

    url: str
    status: int
    content_type: str
    body: bytes


@dataclass
class _Trouble(Exception):
    """One attempt that ended without an answer; ``reason`` is a word of the retry policy or empty."""

    code: int
    reason: str
    message: str


@dataclass
class Request:
    """One request as configured: ``kind`` is webhook or media; ``cookies`` are kept for one call."""

    url: str
    method: str = "POST"
    params: Params = field(default_factory=list)
    kind: str = "webhook"
    cookies: aiohttp.CookieJar | None = None


class Transport:
    """The platform's HTTP client. Every attempt ends in the log, with status None when no answer came."""

    def __init__(self, log: ExchangeLog, auth_token: str) -> None:
        self._log = log
        self._signer = RequestValidator(auth_token)
        # A fresh connection each time: one that the other side is just closing would look like a lost webhook.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True), cookie_jar=aiohttp.DummyCookieJar()
        )

    async def close(self) -> None:
        await self._session.close()

    def note_lost(self, request: Request) -> None:
        """Log a request that got lost on its way as it would have been sent."""
        url = request.url.partition("#")[0]
        if request.method.upper() == "GET":
            url = with_query(url, urlencode(request.params))
        self._log.add(request.kind, request.method.upper(), url, request.params, {}, None, "")

    async def exchange(self, request: Request, token: str) -> Reply:
        """One exchange with its redirects, each hop signed for its own URL and all with the same idempotency ``token``.

        Raises FetchFailed when no answer can be had, whatever its status, within 15 seconds.
        """
        method, url, params = request.method.upper(), request.url, request.params
        deadline = time.monotonic() + CEILING_MS / 1000
        for _ in range(MAX_REDIRECTS + 1):
            hop = Request(url, method, params, request.kind, request.cookies)
            reply, location = await self._with_retries(hop, token, deadline)
            if location is None:
                return reply
            url = _redirect_target(url, location)
            if reply.status in (301, 302, 303) and method == "POST":
                method = "GET"
        raise FetchFailed(11215, request.url, "too many redirects")

    async def _with_retries(self, request: Request, token: str, deadline: float) -> tuple[Reply, str | None]:
        try:
            target = parse_target(request.url)
        except BadUrl as error:
            raise FetchFailed(error.code, request.url, str(error)) from None
        limits = target.delivery
        deadline = min(deadline, time.monotonic() + limits.total_ms / 1000)
        for attempt in range(limits.retries + 1):
            last = attempt == limits.retries
            try:
                reply, location = await self._attempt(request, target, token, deadline)
            except _Trouble as trouble:
                if last or not limits.retries_on(trouble.reason) or time.monotonic() >= deadline:
                    raise FetchFailed(trouble.code, request.url, trouble.message) from None
                continue
            if last or not limits.retries_on(f"{reply.status // 100}xx") or reply.status < 400:
                return reply, location
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, request: Request, target: Target, token: str, deadline: float) -> tuple[Reply, str | None]:
        """One HTTP request, logged whatever becomes of it."""
        form = urlencode(request.params)
        url, signed, body, signed_params = target.request_url, target.signed_url, None, MultiDict[str]()
        if request.method == "GET":
            url, signed = with_query(url, form), with_query(signed, form)
        else:
            body, signed_params = form.encode(), MultiDict(request.params)
        headers = dict(_HEADERS)
        if request.kind == "webhook":
            headers["I-Twilio-Idempotency-Token"] = token
            headers["X-Twilio-Signature"] = self._signer.compute_signature(signed, signed_params)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        if request.cookies is not None and (kept := request.cookies.filter_cookies(URL(url, encoded=True))):
            headers["Cookie"] = "; ".join(f"{name}={morsel.value}" for name, morsel in kept.items())
        began = time.time()
        reply: Reply | None = None
        try:
            reply, location = await self._send(request, url, headers, body, target, deadline)
            return Reply(request.url, reply.status, reply.content_type, reply.body), location
        finally:
            status = None if reply is None else reply.status
            text = "" if reply is None else _text(reply)
            logged = list(URL(url, encoded=True).query.items()) if request.method == "GET" else request.params
            self._log.add(request.kind, request.method, url, logged, headers, status, text, began)

    async def _send(
        self,
        request: Request,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        target: Target,
        deadline: float,
    ) -> tuple[Reply, str | None]:
        auth = aiohttp.BasicAuth(*target.userinfo) if target.userinfo else None
        try:
            async with self._session.request(
                request.method,
                URL(url, encoded=True),
                data=body,
                headers=headers,
                auth=auth,
                allow_redirects=False,
                timeout=_timeout(target.delivery, deadline),
            ) as response:
                content = await response.read()
                if request.cookies is not None:
                    request.cookies.update_cookies(response.cookies, response.url)
                location = response.headers.get("Location", "") if response.status in _REDIRECTS else None
                content_type = response.headers.get("Content-Type", "")
                return Reply(url, response.status, content_type, content), location
        except aiohttp.ClientConnectorDNSError:
            raise _Trouble(11210, "ct", "host not found") from None
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError):
            raise _Trouble(11202, "ct", "connection failed") from None
        except TimeoutError:
            raise _Trouble(11201, "rt", "no answer in time") from None
        except (aiohttp.ClientError, ConnectionError, UnicodeError):
            raise _Trouble(11205, "", "connection broken") from None


def _redirect_target(url: str, location: str) -> str:
    """Where a redirect leads. Raises FetchFailed (11216)."""
    try:
        target = urljoin(url.partition("#")[0], location)
    except ValueError:
        target = ""
    if not location or not target:
        raise FetchFailed(11216, url, "redirect without a valid target")
    return target


def _timeout(limits: Delivery, deadline: float) -> aiohttp.ClientTimeout:
    left = max(0.001, deadline - time.monotonic())
    return aiohttp.ClientTimeout(
        total=left, sock_connect=min(limits.connect_ms / 1000, left), sock_read=min(limits.read_ms / 1000, left)
    )


def _text(reply: Reply) -> str:
    """The reply for the log: documents as they are, sound only by its size."""
    if reply.content_type.startswith("audio/"):
        return f"<{len(reply.body)} bytes of {reply.content_type}>"
    return reply.body.decode("utf-8", errors="replace")
