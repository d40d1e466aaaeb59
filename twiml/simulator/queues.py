"""Queues: callers wait in order, hear their wait document, and leave one by one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .identifiers import Params, new_sid
from .progress import standard_params
from .transport import Request

if TYPE_CHECKING:
    from .calls import Call
    from .interpreter.dial_queue import QueueDial
    from .interpreter.soundtrack import Soundtrack
    from .platform import Platform

DEFAULT_SIZE = 1000
MAX_SIZE = 5000
MAX_NAME = 64


@dataclass
class QueueExit:
    """How a member stopped waiting: the QueueResult, or the Dial that fetched it."""

    result: str
    dial: QueueDial | None = None


class Member:
    """One waiting call. ``exit`` resolves when it stops waiting of its own or is fetched by a Dial."""

    def __init__(self, call: Call, queue: Queue, track: Soundtrack, action: tuple[str, str] | None) -> None:
        self.call, self.queue, self.track, self.action = call, queue, track, action
        self.enqueued = call.platform.clock.now()
        self.waited = 0
        self.whispered = False
        self.bridged = False
        self.dial: QueueDial | None = None
        self.exit: asyncio.Future[QueueExit] = asyncio.get_running_loop().create_future()

    def wait_time(self) -> int:
        return max(0, int(self.call.platform.clock.now() - self.enqueued))

    def leave(self, queue_exit: QueueExit) -> None:
        """Stop waiting and let the call's own TwiML go on."""
        self.queue.take_out(self)
        if not self.exit.done():
            self.exit.set_result(queue_exit)

    def result_params(self, result: str) -> Params:
        """What the action of Enqueue is told beside the standard parameters."""
        return [("QueueResult", result), ("QueueSid", self.queue.sid), ("QueueTime", str(self.waited))]


class Queue:
    """A named queue; it stays, empty or not, until it is deleted."""

    def __init__(self, platform: Platform, friendly_name: str, max_size: int = DEFAULT_SIZE) -> None:
        self.platform, self.friendly_name, self.max_size = platform, friendly_name, max_size
        self.sid = new_sid("QU")
        self.created = self.updated = platform.clock.now()
        self.members: list[Member] = []
        self.dials: list[QueueDial] = []

    @property
    def full(self) -> bool:
        return len(self.members) >= self.max_size

    def average_wait(self) -> int:
        """Seconds, over those who wait now."""
        if not self.members:
            return 0
        return sum(member.wait_time() for member in self.members) // len(self.members)

    def position(self, member: Member) -> int:
        """1 for the one at the front; 0 for one who has left."""
        return self.members.index(member) + 1 if member in self.members else 0

    def find(self, key: str) -> Member | None:
        """A waiting member by Call SID, or the one at the ``Front``."""
        if key == "Front":
            return self.members[0] if self.members else None
        return next((member for member in self.members if member.call.sid == key), None)

    def add(self, member: Member) -> None:
        """Put a call at the end. A Dial that waits for somebody gets the first one in line."""
        self.members.append(member)
        member.call.member, member.call.sound = member, None
        self.updated = self.platform.clock.now()
        self.serve()

    def serve(self) -> None:
        """Give waiting callers to waiting Dials, first come, first served."""
        while self.dials and self.members:
            dial = self.dials.pop(0)
            dial.take(self.members[0])

    def take_out(self, member: Member) -> None:
        """The member waits no longer; its wait document stops."""
        if member in self.members:
            member.waited = member.wait_time()
            self.members.remove(member)
            self.updated = self.platform.clock.now()
        member.track.stop()

    def remove(self, member: Member, result: str) -> None:
        """The call went elsewhere: it hung up (``hangup``) or was given new TwiML (``redirected``).

        Its action is requested at once, and what that answers cannot matter any more.
        """
        self.take_out(member)
        call = member.call
        call.member = None
        if member.dial is not None and not member.bridged:
            member.dial.lost()
        if result == "redirected" and member.bridged:
            result = "redirected-from-bridged"
        elif result == "hangup" and member.bridged:
            result = "bridged"
        if member.action is not None:
            url, method = member.action
            params = standard_params(call) + member.result_params(result)
            self.platform.webhooks.in_background(Request(url, method, params, cookies=call.cookies))


class Queues:
    """All queues by SID; names are unique."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.by_sid: dict[str, Queue] = {}

    def named(self, name: str) -> Queue | None:
        return next((queue for queue in self.by_sid.values() if queue.friendly_name == name), None)

    def open(self, name: str, max_size: int = DEFAULT_SIZE) -> Queue:
        """The queue with this name, made if there is none."""
        queue = self.named(name)
        if queue is None:
            queue = Queue(self._platform, name, max_size)
            self.by_sid[queue.sid] = queue
        return queue
