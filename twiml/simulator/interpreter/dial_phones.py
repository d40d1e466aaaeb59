"""Number, Client and Sip in Dial: ring phones, bridge the first that answers."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ..addresses import is_client, is_number, normalise
from ..bridges import Bridge
from ..calls import Call
from ..progress import EVENTS, Subscription, standard_params
from ..ringing import alert
from ..transport import FetchFailed
from . import attributes
from .dial import DialOutcome, OpenDial, ways_out
from .documents import SCREENING, Document, TwimlError
from .runner import Ending, Runner, Source
from .script import Script

_SIP_CALLER = re.compile(r"[A-Za-z0-9+_.-]+")


@dataclass
class Target:
    """One phone to ring: ``screening`` is the document its owner hears before the bridge."""

    address: str
    screening: Source | None
    subscription: Subscription | None


class Ringing:
    """Phones that ring for one caller. ``result`` resolves with the bridge, or None when nobody could be had."""

    for_queue = False

    def __init__(self, parent: Call) -> None:
        self.parent = parent
        self.children: list[Call] = []
        self.result: asyncio.Future[Bridge | None] = asyncio.get_running_loop().create_future()

    def ring(self, target: Target, caller_id: str, timeout: float) -> None:
        """Ring one phone beside the others. Legs of Dial never wait for the dialling rate."""
        platform = self.parent.platform
        child = platform.new_call(
            to=target.address, from_=caller_id, direction="outbound-dial", status="queued", parent=self.parent
        )
        if target.subscription is not None:
            child.subscriptions.append(target.subscription)
        self.children.append(child)
        child.on_answered = lambda: Script.of(child).start(self._callee(child, target.screening))
        child.on_over.append(self._child_over)
        alert(child, timeout)

    def so_far(self) -> DialOutcome:
        """How the Dial has ended if the caller goes now."""
        bridge = self.result.result() if self.result.done() else None
        if bridge is None:
            return DialOutcome("canceled", child=self.children[-1])
        return _talked(self.parent, bridge, self.parent)

    def abandon(self) -> None:
        """The caller is gone: stop ringing."""
        self._cancel_all_but(None)
        if self.parent.ringing is self:
            self.parent.ringing = None
        if not self.result.done():
            self.result.set_result(None)

    async def _callee(self, child: Call, screening: Source | None) -> None:
        """The course of an answered leg: screening, the bridge, and the end of the call with it."""
        if screening is not None and not await _screened(child, screening):
            child.hang_up()
            return
        if self.result.done():
            child.hang_up()
            return
        self.parent.ringing = None
        self.parent.answer()
        bridge = Bridge(self.parent, child)
        self.result.set_result(bridge)
        self._cancel_all_but(child)
        await bridge.over()
        child.hang_up()

    def _cancel_all_but(self, chosen: Call | None) -> None:
        for child in self.children:
            if child is not chosen:
                child.hang_up()

    def _child_over(self) -> None:
        if not self.result.done() and not any(child.live for child in self.children):
            self.parent.ringing = None
            self.result.set_result(None)


async def _screened(child: Call, source: Source) -> bool:
    """Run the callee's document; False when it hung up or could not be run."""
    run = Runner(
        child.platform,
        SCREENING,
        params=lambda: standard_params(child),
        set_sound=child.set_sound,
        warn=child.warn,
        cookies=child.cookies,
        call=child,
    )
    try:
        return await run.run(source) is Ending.DOCUMENT_END
    except (FetchFailed, TwimlError) as error:
        child.warn(error.code, str(error), run.url or "")
        return False


async def dial_phones(
    run: Runner, dial: Element, nouns: list[Element], document: Document, open_dial: OpenDial
) -> DialOutcome:
    """Ring all targets at once, or one after the other when ``sequential``, and stay bridged until one side goes."""
    call = run.leg
    targets = [_target(run, noun, document) for noun in nouns]
    caller_id = dial.get("callerId") or call.from_
    if not all(_may_show(call, caller_id, target.address) for target in targets):
        run.warn(13214, "invalid callerId")
        return DialOutcome("failed")
    timeout = attributes.number(run, dial, "timeout", 30, 13212, low=1, high=600)
    rounds = [[target] for target in targets] if dial.get("sequential") == "true" else [targets]
    ringing = Ringing(call)
    bridge: Bridge | None = None
    for together in rounds:
        ringing = Ringing(call)
        call.ringing = ringing
        for target in together:
            ringing.ring(target, caller_id, timeout)
        open_dial.so_far = ringing.so_far
        call.note_hearing()
        bridge = await ringing.result
        call.note_hearing()
        if bridge is not None:
            return await _talk(run, dial, bridge)
    return DialOutcome(_why_nobody(ringing.children), child=ringing.children[-1])


async def _talk(run: Runner, dial: Element, bridge: Bridge) -> DialOutcome:
    with ways_out(run, dial, bridge.end):
        left = await bridge.over()
    return _talked(run.leg, bridge, left)


def _talked(call: Call, bridge: Bridge, left: Call | None) -> DialOutcome:
    """The outcome of a talk that ends now, ``left`` being the leg that left it first."""
    child = bridge.other(call)
    redirected = left is child and child.live
    seconds = None if redirected else max(0, round(call.platform.clock.now() - bridge.began))
    return DialOutcome("completed", bridged=True, child=child, seconds=seconds)


def _may_show(call: Call, caller_id: str, callee: str) -> bool:
    """Whether this may be shown as the caller: one of the call's two ends or a number of the account, to a telephone
    numbers alone; to a softphone also any client, to SIP any plain name."""
    own = caller_id in (call.from_, call.to) or call.platform.account.number(caller_id) is not None
    if is_number(callee):
        return own and is_number(caller_id)
    if is_client(callee):
        return own or is_client(caller_id)
    return own or _SIP_CALLER.fullmatch(caller_id) is not None


def _why_nobody(children: list[Call]) -> str:
    """The status of a Dial that reached nobody: that of the leg that ended last; a declined screening counts as none
    having answered."""
    status = max(children, key=lambda child: child.ended_at or 0.0).status
    return "no-answer" if status == "completed" else status


def _target(run: Runner, noun: Element, document: Document) -> Target:
    """Raises TwimlError (13223) for a number that nobody can have. The Parameters of a Client go to the called
    softphone, not to any webhook."""
    address: str | None
    if noun.tag == "Client":
        identity = noun.find("Identity")
        text = (noun.text or "").strip() if identity is None else attributes.text_of(identity)
        address = normalise(f"client:{text}")
    else:
        address = normalise(attributes.text_of(noun))
    if address is None:
        raise TwimlError(13223, "invalid address in Dial")
    url, callback = noun.get("url"), noun.get("statusCallback")
    screening = Source(document.resolve(url), attributes.method(run, noun, "method", 12200)) if url else None
    subscription = Subscription.of(
        document.resolve(callback) if callback else None,
        attributes.method(run, noun, "statusCallbackMethod", 12200),
        attributes.words(run, noun, "statusCallbackEvent", EVENTS, 12200),
    )
    return Target(address, screening, subscription)
