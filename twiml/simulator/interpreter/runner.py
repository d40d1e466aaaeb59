"""Runs documents one after the other, verb by verb, for whoever listens."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ..identifiers import Params
from ..transport import Request
from .documents import CALL, Context, Document, TwimlError, document_of, parse_twiml
from .vocabulary import unknown_attributes

if TYPE_CHECKING:
    import aiohttp

    from ..calls import Call
    from ..platform import Platform

# A document that leads to itself without lasting must not be fetched as fast as the network allows.
LEAST_SECONDS_BETWEEN_ROUNDS = 1.0
# A call may well be sent through several documents in no time; what waits or is held goes round in circles sooner.
QUICK_ROUNDS = 10


class Ending(enum.Enum):
    """How a run of documents ended when no verb said to hang up or to leave, and when one did."""

    DOCUMENT_END = "end"
    HANGUP = "hangup"
    LEAVE = "leave"


@dataclass(frozen=True)
class Source:
    """Where the next document comes from: a URL with parameters of its own, or TwiML given by REST."""

    url: str | None = None
    method: str = "POST"
    params: Params = field(default_factory=list)
    twiml: str | None = None


Flow = Source | Ending | None
"""What a verb leads to: another document, an ending, or (None) the next verb."""

Verb = Callable[["Runner", Element, Document], Awaitable[Flow]]


class Runner:
    """``listener`` supplies the standard parameters and takes what is played; verbs that move a call need ``call``."""

    verbs: dict[str, Verb] = {}

    def __init__(
        self,
        platform: Platform,
        context: Context,
        *,
        params: Callable[[], Params],
        set_sound: Callable[[str | None], None],
        warn: Callable[[int, str], None],
        cookies: aiohttp.CookieJar | None = None,
        call: Call | None = None,
    ) -> None:
        self.platform, self.context, self.call = platform, context, call
        self.clock = platform.clock
        self.params, self.set_sound, self.warn, self.cookies = params, set_sound, warn, cookies
        self.first_verb = True
        self.sounded = False
        self.url: str | None = None
        self._last_url: str | None = None
        self._last_fetch = float("-inf")
        self._quick_rounds = 0

    @property
    def leg(self) -> Call:
        """The call this document is run for."""
        assert self.call is not None, "this context runs no verbs that move a call"
        return self.call

    async def run(self, source: Source) -> Ending:
        """Run ``source`` and what it leads to. Raises FetchFailed or TwimlError when a document cannot be had or run."""
        while True:
            flow = await self.perform(await self.load(source))
            if not isinstance(flow, Source):
                return flow
            source = flow

    async def load(self, source: Source) -> Document:
        """Fetch and parse one document; simulated time waits for it while it is being moved."""
        self.url = source.url
        if source.twiml is not None:
            return parse_twiml(source.twiml, None)
        assert source.url is not None
        await self._not_too_fast(source.url)
        request = Request(source.url, source.method, self.params() + source.params, cookies=self.cookies)
        with self.clock.fetching():
            reply = await self.platform.webhooks.fetch(request)
        return document_of(reply)

    async def perform(self, document: Document) -> Source | Ending:
        """Run the verbs of one document in order."""
        self.sounded = False
        for element in document.verbs:
            flow = await self._perform_verb(element, document)
            self.first_verb = False
            if flow is not None:
                if isinstance(flow, Source) and not self.sounded:
                    self.set_sound(None)
                return flow
        return Ending.DOCUMENT_END

    async def _perform_verb(self, element: Element, document: Document) -> Flow:
        verb = self.verbs.get(element.tag)
        if self.context.allowed is not None and element.tag not in self.context.allowed:
            raise TwimlError(self.context.illegal, f"{element.tag} may not be used here")
        if verb is None:
            self.warn(12200, f"unknown verb {element.tag!r}")
            return None
        for name in unknown_attributes(element):
            self.warn(12200, f"unknown attribute {name}")
        if self.call is not None and self.context is CALL:
            self._answer_before(element)
        return await verb(self, element, document)

    def _answer_before(self, element: Element) -> None:
        """An incoming call is answered by the first verb that needs it; Reject and Redirect do not, nor does a Dial
        that answers on bridge when it comes first."""
        if element.tag in ("Reject", "Redirect"):
            return
        if element.tag == "Dial" and self.first_verb and element.get("answerOnBridge") == "true":
            return
        self.leg.answer()

    async def _not_too_fast(self, url: str) -> None:
        since = self.clock.now() - self._last_fetch
        if since < LEAST_SECONDS_BETWEEN_ROUNDS:
            self._quick_rounds += 1
            same_wait_document = url == self._last_url and self.context is not CALL
            if same_wait_document or self._quick_rounds > QUICK_ROUNDS:
                await self.clock.sleep(LEAST_SECONDS_BETWEEN_ROUNDS - since)
        else:
            self._quick_rounds = 0
        self._last_url, self._last_fetch = url, self.clock.now()
