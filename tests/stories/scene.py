"""A call with named people, for stories: who does what, whom each of them hears, and that nothing is left over at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import requests

from tests.dialects.workspace.client import Desk
from tests.support.product import Product
from tests.support.twilio_side import Hearing
from tests.support.waiting import until

ALICE_LINE = "+15550001001"
QUEUE_LINE = "+15550001000"
PHONES = {
    "caller": "+15550100001",
    "alice": "client:alice",
    "bob": "client:bob",
    "carol": "client:carol",
    "friend": "+15550100009",
}
EXTENSIONS = {"alice": "1001", "bob": "1002", "carol": "1003", "friend": "+15550100009"}
# Nobody who waits is to hear nothing for longer, in seconds.
LONGEST_SILENCE = 3.0
_FINAL = ("completed", "busy", "no-answer", "failed", "canceled")


class Scene:
    """One call on a running product. People are named as in ``PHONES``; ``legs`` holds each one's newest CallSid."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.phones = product.simulator
        self.legs: dict[str, str] = {}
        self.session_id = ""
        self._desks: dict[str, Desk] = {}

    # What people do

    def call_in(self, line: str = ALICE_LINE) -> None:
        """The caller dials ``line``; the session is known when this returns."""
        self.legs["caller"] = self.phones.place_call(PHONES["caller"], line)
        self.session_id = until(lambda: next((one["id"] for one in self._mine()), ""), what="the session is opened")

    def rings(self, name: str, within: float = 8.0) -> None:
        """Wait until somebody's phone rings, and remember the call."""
        self.legs[name] = self.phones.ringing(PHONES[name], within)

    def answers(self, name: str) -> None:
        """Somebody's phone rings and is picked up."""
        self.rings(name)
        self.phones.answer(self.legs[name])

    def leaves(self, name: str) -> None:
        """Somebody hangs up; who is still being rung declines instead."""
        leg = self.legs[name]
        if name != "caller" and self.phones.call(leg).status == "ringing":
            self.phones.reject(leg)
        else:
            self.phones.hangup(leg)

    def evo(self, verb: str, path: str = "", who: str = "alice", **body: Any) -> dict[str, Any]:
        """A request to the session through the Evo Voice API; it succeeds."""
        answer = requests.request(
            verb, f"{self.product.url}/sessions/{self.session_id}{path}", json=body, auth=(who, "demo"), timeout=15
        )
        assert answer.ok, answer.text
        session: dict[str, Any] = answer.json() if answer.content else {}
        return session

    def desk(self, name: str) -> Desk:
        """Somebody's desktop on the workspace API."""
        if name not in self._desks:
            self._desks[name] = Desk(self.product.url, name)
        return self._desks[name]

    def works(self, name: str, operation: str, call_type: str = "Inbound", **parameters: Any) -> None:
        """An operation of the workspace API on somebody's call of this type; it is accepted."""
        desk = self.desk(name)
        desk.does(desk.call(call_type=call_type)["id"], operation, **parameters)

    def dials(self, name: str, operation: str, whom: str) -> None:
        """An operation of the workspace API that rings ``whom``, whose phone then rings."""
        self.works(name, operation, destination={"phoneNumber": EXTENSIONS[whom]})
        self.rings(whom)

    # What is so

    def sees(self, name: str, what: str, within: float = 8.0) -> None:
        """Wait until somebody ``is gone``, ``rings``, ``waits``, ``is told <text>`` or ``talks with <name>[, <name>…]``."""
        if what == "rings":
            self.rings(name, within)
            return
        until(lambda: self._is_so(name, what), within, f"{name} {what}: {self._experience(name)}")

    def _is_so(self, name: str, what: str) -> bool:
        call = self.phones.call(self.legs[name])
        if what == "is gone":
            return call.status in _FINAL
        if what == "waits":
            return call.hearing.kind in ("hold", "queue", "wait", "ringback") and call.hearing.now is not None
        if what.startswith("is told "):
            return any(what.removeprefix("is told ") in now for now in call.nows)
        others = what.removeprefix("talks with ").split(", ")
        return call.status == "in-progress" and call.hearing.others == {self.legs[other] for other in others}

    def _experience(self, name: str) -> str:
        call = self.phones.call(self.legs[name])
        return f"{call.status}, {[(one.kind, one.now) for one in call.heard]}, log {[e['message'] for e in self.session()['log']]}"

    def session(self) -> dict[str, Any]:
        """The session as Evo Voice shows it, live or ended."""
        answer = requests.get(f"{self.product.url}/sessions/{self.session_id}", auth=("admin", "demo"), timeout=15)
        assert answer.ok, answer.text
        session: dict[str, Any] = answer.json()
        return session

    def is_over(self) -> None:
        """Wait until the session has ended."""
        until(lambda: self.session()["ended"], 5.0, "the session has ended")

    def shows(self, call_state: str) -> None:
        """Wait until the session's callState is this one."""
        until(lambda: self.session()["callState"] == call_state, 5.0, f"the session is {call_state}")

    def nothing_is_left(self, within: float = 5.0) -> None:
        """Wait until no phone is on a call, no conference lives and nobody waits in a queue."""
        until(lambda: self._left_over() == [], within, f"nothing is left; there was {self._left_over()}")

    def _left_over(self) -> list[str]:
        calls = [f"{name}: {call}" for name, number in PHONES.items() for call in self.phones.phone(number)]
        rooms = [str(room) for room in self.phones.conferences()]
        return calls + rooms + [str(queue) for queue in self.phones.queues() if queue.members]

    def nobody_was_left_in_silence(self) -> None:
        """The caller never heard nothing for longer than ``LONGEST_SILENCE``, over the whole call."""
        gaps = list(silences(self.phones.call(self.legs["caller"]).heard))
        assert all(gap <= LONGEST_SILENCE for gap in gaps), self._experience("caller")

    def _mine(self) -> list[dict[str, Any]]:
        return [one for one in self.product.sessions() if one["callSid"] == self.legs["caller"]]


def silences(heard: tuple[Hearing, ...]) -> Iterator[float]:
    """The lengths, in simulated seconds, of the stretches in which somebody heard neither a person nor a sound.

    The last hearing is left out: it has no end.
    """
    began: datetime | None = None
    for hearing in heard:
        at = datetime.fromisoformat(hearing.since)
        quiet = not hearing.others and hearing.now is None
        if quiet and began is None:
            began = at
        elif not quiet and began is not None:
            yield (at - began).total_seconds()
            began = None
