"""Dial: what is common to all its nouns, and the request of its action."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ..calls import MAX_CALL_SECONDS, Call
from ..identifiers import Params, word
from ..progress import standard_params
from ..transport import Request
from . import attributes
from .documents import Document, TwimlError
from .runner import Ending, Flow, Runner, Source

MOST_TARGETS = 10
_NOUNS = ("Number", "Client", "Sip", "Conference", "Queue")


@dataclass(frozen=True)
class DialOutcome:
    """How a Dial ended, as its action is told."""

    status: str
    bridged: bool = False
    child: Call | None = None
    seconds: int | None = None
    more: tuple[tuple[str, str], ...] = ()

    def params(self) -> Params:
        """A conference gives no DialCallSid and no DialCallDuration; a redirected child no duration."""
        params: Params = [("DialCallStatus", self.status), ("DialBridged", word(self.bridged))]
        if self.child is not None:
            params.append(("DialCallSid", self.child.sid))
        if self.seconds is not None:
            params.append(("DialCallDuration", str(self.seconds)))
        return [*params, *self.more]


class OpenDial:
    """A Dial that is going on. ``so_far`` says how it has ended for its action if the caller goes at this moment."""

    def __init__(self, call: Call, action: tuple[str, str] | None) -> None:
        self._call, self._action = call, action
        self.so_far: Callable[[], DialOutcome] = lambda: DialOutcome("canceled")

    def caller_gone(self) -> None:
        """The call is over: its action is requested at once, and what that answers cannot matter any more."""
        if self._action is None:
            return
        url, method = self._action
        params = standard_params(self._call) + self.so_far().params()
        self._call.platform.webhooks.in_background(Request(url, method, params, cookies=self._call.cookies))


@contextmanager
def _going_on(call: Call, open_dial: OpenDial) -> Iterator[None]:
    call.dial = open_dial
    try:
        yield
    finally:
        if call.dial is open_dial:
            call.dial = None


@contextmanager
def ways_out(run: Runner, dial: Element, leave: Callable[[], None]) -> Iterator[None]:
    """While connected, the time limit of a Dial and (with hangupOnStar) the star key make the caller ``leave``."""
    limit = attributes.number(run, dial, "timeLimit", MAX_CALL_SECONDS, 13216, low=1)
    timer = run.leg.after(limit, leave)
    if attributes.flag(run, dial, "hangupOnStar", False, 13213):
        run.leg.on_digit = lambda key: leave() if key == "*" else None
    try:
        yield
    finally:
        timer.cancel()
        run.leg.on_digit = None


async def dial(run: Runner, element: Element, document: Document) -> Flow:
    """Connect the call to others. With an action that is what comes next, without one the next verb is."""
    from .dial_conference import dial_conference
    from .dial_phones import dial_phones
    from .dial_queue import dial_queue

    raw_action = element.get("action")
    url = document.resolve(raw_action) if raw_action else None
    method = attributes.method(run, element, "method", 13210)
    action = (url, method) if url is not None else None
    nouns = nouns_of(element)
    open_dial = OpenDial(run.leg, action)
    with _going_on(run.leg, open_dial):
        if nouns[0].tag == "Conference":
            outcome = await dial_conference(run, element, nouns[0], document, open_dial)
        elif nouns[0].tag == "Queue":
            outcome = await dial_queue(run, element, nouns[0], document, open_dial)
        else:
            outcome = await dial_phones(run, element, nouns, document, open_dial)
    if isinstance(outcome, Ending):
        return outcome
    return Source(*action, outcome.params()) if action is not None else None


def nouns_of(element: Element) -> list[Element]:
    """The targets of a Dial, text being a number. Raises TwimlError (13000) for none, too many or a forbidden mix."""
    nouns = list(element)
    for noun in nouns:
        if noun.tag not in _NOUNS:
            raise TwimlError(13000, f"{noun.tag} may not be used in Dial")
    if not nouns and attributes.text_of(element):
        number = Element("Number")
        number.text = attributes.text_of(element)
        nouns = [number]
    if not nouns:
        raise TwimlError(13000, "Dial without a target")
    if len(nouns) > 1 and any(noun.tag in ("Conference", "Queue") for noun in nouns):
        raise TwimlError(13000, "Conference and Queue stand alone in Dial")
    if len(nouns) > MOST_TARGETS:
        raise TwimlError(13000, "Dial with more than ten targets")
    return nouns
