"""Queue in Dial: connect to whoever waits longest, or wait until somebody does."""

from __future__ import annotations

import asyncio
from xml.etree.ElementTree import Element

from ..bridges import Bridge
from ..calls import Call
from ..queues import Member, Queue, QueueExit
from ..ringing import RING_BUFFER
from . import attributes
from .dial import DialOutcome, OpenDial, ways_out
from .documents import Document
from .runner import Runner, Source


class QueueDial:
    """One Dial that wants a caller. ``result`` resolves with the bridge, or None when its time is over."""

    for_queue = True

    def __init__(self, call: Call, queue: Queue, whisper: Source | None) -> None:
        self.call, self.queue, self.whisper = call, queue, whisper
        self.member: Member | None = None
        self.result: asyncio.Future[Bridge | None] = asyncio.get_running_loop().create_future()

    def take(self, member: Member) -> None:
        """Fetch a caller; it hears the whisper document first."""
        self.member = member
        member.dial = self
        member.leave(QueueExit("bridged", self))

    def connect(self, member: Member) -> Bridge:
        """The caller is ready: join the two."""
        self.call.ringing = None
        self.call.answer()
        bridge = Bridge(self.call, member.call)
        if not self.result.done():
            self.result.set_result(bridge)
        return bridge

    def lost(self) -> None:
        """The caller went before the bridge: the next one, please."""
        self.member = None
        if not self.result.done():
            self.queue.dials.insert(0, self)
            self.queue.serve()

    def so_far(self) -> DialOutcome:
        """How it has ended if the one who dials goes now."""
        bridge = self.result.result() if self.result.done() else None
        if bridge is None or self.member is None:
            return DialOutcome("canceled")
        return _talked(self.call, bridge, self.member)

    def abandon(self) -> None:
        if self in self.queue.dials:
            self.queue.dials.remove(self)
        if self.call.ringing is self:
            self.call.ringing = None
        if not self.result.done():
            self.result.set_result(None)


async def dial_queue(run: Runner, dial: Element, noun: Element, document: Document, open_dial: OpenDial) -> DialOutcome:
    """A queue that does not exist is an error told to the action; an empty one is waited for until the time-out."""
    call = run.leg
    queue = run.platform.queues.named(attributes.text_of(noun))
    if queue is None:
        run.warn(14210, "no such queue")
        return DialOutcome("failed")
    url = noun.get("url")
    whisper = Source(document.resolve(url), attributes.method(run, noun, "method", 14211)) if url else None
    request = QueueDial(call, queue, whisper)
    call.ringing = request
    open_dial.so_far = request.so_far
    queue.dials.append(request)
    timer = call.after(attributes.number(run, dial, "timeout", 30, 13212, low=1) + RING_BUFFER, request.abandon)
    queue.serve()
    call.note_hearing()
    try:
        bridge = await request.result
    finally:
        timer.cancel()
    if bridge is None or request.member is None:
        call.note_hearing()
        return DialOutcome("no-answer")
    return await _talk(run, dial, bridge, request.member)


async def _talk(run: Runner, dial: Element, bridge: Bridge, member: Member) -> DialOutcome:
    with ways_out(run, dial, bridge.end):
        await bridge.over()
    return _talked(run.leg, bridge, member)


def _talked(call: Call, bridge: Bridge, member: Member) -> DialOutcome:
    seconds = max(0, round(call.platform.clock.now() - bridge.began))
    more = (("QueueSid", member.queue.sid), ("QueueTime", str(member.waited)), ("DequeingCallSid", call.sid))
    return DialOutcome("completed", bridged=True, child=member.call, seconds=seconds, more=more)
