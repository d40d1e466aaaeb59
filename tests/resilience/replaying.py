"""A captured call told again to a controller of our own, with its webhooks in another order, late, repeated or lost.

Nobody is on the phone: the provider says yes to everything, with the ids of the capture. What could not be otherwise stays as it was:
nothing comes before its cause, and before a client acts upon an answer that answer is known.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from flask.testing import FlaskClient
from sqlalchemy import select

from app.control.reconcile import Reconciler
from app.core.facts import ParticipantSeen
from app.core.session import Session
from app.house import House
from app.provider.port import Created
from app.store import tables as t
from tests.resilience.streams import PHONES, Capture, Webhook, command_of
from tests.support import webhooks
from tests.support.house import PUBLIC_URL, TOKEN
from tests.support.waiting import until

_numbers = count(1)
_OVER = ("completed", "busy", "no-answer", "failed", "canceled")


@dataclass(frozen=True)
class Disturbance:
    """How likely an event comes before the reply to the request it belongs to, steps later, once more, or never. ``in_order``: else
    the webhooks of a step come in any order."""

    early: float = 0.0
    late: float = 0.0
    again: float = 0.0
    lost: float = 0.0
    in_order: bool = False


class YesProvider:
    """Does nothing and says yes. ``told`` is called with the request's CallSid before each reply; ``urls`` are those handed over."""

    def __init__(self) -> None:
        self.replay: Replay | None = None

    def create_participant(self, conference: str, *, label: str, to: str, **_options: object) -> Created:
        replay = self._replay
        assert label not in replay.created, f"{label} was dialled twice"
        replay.created.add(label)
        leg = int(label.rpartition("-")[2])
        call_sid = replay.fresh(replay.capture.legs[leg])
        replay.before_reply(call_sid)
        return Created(call_sid, replay.fresh(replay.capture.room_of(leg)))

    def find_participant(self, conference: str, conference_sid: str | None, label: str) -> Created | None:
        return None

    def set_hold(
        self, conference_sid: str, call_sid: str, held: bool, hold_url: str, heard_by: str | None = None
    ) -> None:
        self._replay.asked_hold.add((call_sid, held))
        self._replay.before_reply(call_sid)

    def open_up(self, conference_sid: str, call_sid: str) -> None:
        self._replay.before_reply(call_sid)

    def set_mute(self, conference_sid: str, call_sid: str, muted: bool) -> None:
        self._replay.before_reply(call_sid)

    def announce(self, conference_sid: str, call_sid: str, url: str) -> None:
        self._replay.before_reply(call_sid)

    def remove(self, conference_sid: str, call_sid: str) -> None:
        self.hang_up(call_sid)

    def hang_up(self, call_sid: str) -> None:
        self._replay.hung_up.add(call_sid)
        self._replay.before_reply(call_sid)

    def redirect(self, call_sid: str, url: str) -> None:
        self._replay.sent_to.add(url.partition(webhooks.PREFIX)[2])
        self._replay.moved.add(call_sid)
        self._replay.before_reply(call_sid)

    def dequeue(self, queue_sid: str, call_sid: str, url: str) -> None:
        self.redirect(call_sid, url)

    def participants(self, conference_sid: str) -> Sequence[ParticipantSeen]:
        replay = self._replay
        return [
            ParticipantSeen(replay.fresh(sid), f"{replay.session_id}-{n}", held, muted, "connected")
            for sid, n, held, muted in replay.capture.participants
        ]

    def call_status(self, call_sid: str) -> str:
        replay = self._replay
        return next(status for sid, status in replay.capture.statuses.items() if replay.fresh(sid) == call_sid)

    def conference_sid(self, conference: str) -> str | None:
        return None

    def set_line(self, number: str, voice_url: str, status_url: str) -> bool:
        return True

    @property
    def _replay(self) -> Replay:
        assert self.replay is not None
        return self.replay


@dataclass
class Replay:
    """One call told again. ``created`` are the labels dialled so far, ``sent_to`` the documents calls were sent to, ``hung_up`` the
    CallSids whose end we asked for, ``moved`` those that were sent anywhere."""

    capture: Capture
    house: House
    disturbance: Disturbance
    random: Random
    session_id: str = ""
    created: set[str] = field(default_factory=set)
    sent_to: set[str] = field(default_factory=set)
    hung_up: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    asked_hold: set[tuple[str, bool]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._number = next(_numbers)
        self._client: FlaskClient = self.house.flask.test_client()
        self._control = self.house.services.control
        self._pending: list[Webhook] = []
        self._late: list[tuple[int, Webhook]] = []  # and the step from which on they may come
        self._leaver = ""  # who hangs up in this step
        self._lock = threading.RLock()
        self._caller = self.fresh("<CA0>")

    def run(self) -> Session:
        """Tell the whole call and return the session that has come of it."""
        for number, step in enumerate(self.capture.steps):
            self._pending = [hook for hook in step.webhooks if not self._is_lost(hook)]
            what, name = step.act
            self._leaver = self._leg_of(name) if what in ("hangs up", "rejects") else ""
            if what == "command":
                session = self._session()
                self._control.run(session.id, command_of(name, self.house.services.directory, session))
                self._at_rest()
            elif what == "calls":
                self._deliver(self._pending.pop(0))
                self.session_id = self._session().id
            self._step(number)
        for _, hook in self._shuffled(self._late):
            self._deliver(hook)
        if self.disturbance.lost:
            for _ in range(2):
                Reconciler(self._control).one(self.session_id)
                self._at_rest()
        return self._session()

    def fresh(self, name: str) -> str:
        """Return this replay's own id for ``<CA0>`` and the like."""
        return f"{name[1:3]}{self._number:028x}{int(name[3:-1]):04x}"

    def before_reply(self, call_sid: str) -> None:
        """The provider has done something to a call: its news may be here before the reply is."""
        with self._lock:
            mine = [
                hook
                for hook in self._pending
                if hook.is_event and self._own(hook.fields.get("CallSid", "")) == call_sid
            ]
            mine = [hook for hook in mine if self._is_due(hook)]
            early = [hook for hook in mine if self.random.random() < self.disturbance.early]
            for hook in early:
                self._pending.remove(hook)
        for hook in early:
            self._send(hook)

    def _step(self, number: int) -> None:
        """Deliver what a step led to; some of it later, some of it again."""
        while self._pending:
            with self._lock:
                ready = [hook for hook in self._pending if self._is_due(hook)]
                if ready:
                    hook = ready[0] if self.disturbance.in_order else self.random.choice(ready)
                    self._pending.remove(hook)
            if not ready:
                assert self._late, f"nobody asked for what led to {self._pending}"
                self._deliver(self._late.pop()[1])
                continue
            if not _must_come_now(hook) and self.random.random() < self.disturbance.late:
                self._late.append((number + self.random.randint(1, 3), hook))
                continue
            self._deliver(hook)
            if self.random.random() < self.disturbance.again:
                self._late.append((number + self.random.randint(0, 3), hook))
        due = [one for one in self._late if one[0] <= number]
        self._late = [one for one in self._late if one[0] > number]
        for _, hook in self._shuffled(due):
            self._deliver(hook)

    def _is_due(self, hook: Webhook) -> bool:
        """Return whether what a webhook tells can have happened: what we are the cause of, only once we have asked for it."""
        event, call_sid = hook.fields.get("StatusCallbackEvent"), hook.fields.get("CallSid", "")
        if _is_end(hook):
            return call_sid == self._leaver or self._own(call_sid) in self.hung_up | self.moved
        if event == "conference-end":
            return all(self._is_due(one) for one in self._pending if _is_end(one))
        if event in ("participant-hold", "participant-unhold"):
            return (self._own(call_sid), event == "participant-hold") in self.asked_hold
        if event == "participant-join":
            return not any(one.path.endswith("/join") and one.fields["CallSid"] == call_sid for one in self._pending)
        return hook.is_event or self._is_asked_for(hook)

    def _is_asked_for(self, document: Webhook) -> bool:
        """Return whether a call asks for this document next: in the order of the capture, and only where it was sent to."""
        call_sid, path = document.fields.get("CallSid"), self._own(document.path)
        first = next(one for one in self._pending if not one.is_event and one.fields.get("CallSid") == call_sid)
        return first is document and (not path.endswith(("/queue", "/join")) or path in self.sent_to)

    def _is_lost(self, hook: Webhook) -> bool:
        return not _must_come_now(hook) and self.random.random() < self.disturbance.lost

    def _deliver(self, hook: Webhook) -> None:
        self._send(hook)
        self._at_rest()

    def _send(self, hook: Webhook) -> None:
        url = f"{webhooks.PREFIX}{self._own(hook.path)}"
        form = {name: self._own(value) for name, value in hook.params}
        signature = webhooks.signature(TOKEN, PUBLIC_URL + url, form)
        answer = self._client.post(url, data=form, headers={"X-Twilio-Signature": signature})
        assert answer.status_code in (200, 204), (hook, answer.status_code)

    def _leg_of(self, name: str) -> str:
        """Return the captured CallSid of the newest leg of somebody."""
        if name == "caller":
            return self.capture.legs[0]
        legs = [leg for leg in self._session().legs if leg.party.address == PHONES[name]]
        return self.capture.legs[legs[-1].n]

    def _own(self, text: str) -> str:
        """Put this replay's ids in the places of a captured text."""
        text = text.replace("<session>", self.session_id or (self._session_id() if "<session>" in text else ""))
        while "<" in text and ">" in text:
            name = text[text.index("<") : text.index(">") + 1]
            text = text.replace(name, self.fresh(name))
        return text

    def _session_id(self) -> str:
        return self._session().id

    def _session(self) -> Session:
        return self._control.session_by_call_sid(self._caller)

    def _shuffled(self, late: list[tuple[int, Webhook]]) -> list[tuple[int, Webhook]]:
        return self.random.sample(late, len(late))

    def _at_rest(self) -> None:
        """Wait until nothing that was decided is still to be asked of the provider."""
        until(self._nothing_under_way, what="every operation has been carried out")

    def _nothing_under_way(self) -> bool:
        with self.house.engine.connect().execution_options(read_only=True) as connection:
            return connection.execute(select(t.operation.c.id).where(t.operation.c.outcome.is_(None))).first() is None


def _is_end(hook: Webhook) -> bool:
    """Return whether a webhook tells that a leg's call, or its part in the conference, is over."""
    over = hook.fields.get("CallStatus") in _OVER and not hook.path.endswith("/conference")
    return over or hook.fields.get("StatusCallbackEvent") == "participant-leave"


def _must_come_now(hook: Webhook) -> bool:
    """Return whether the story cannot go on without it: a document, or that somebody answered or has gone."""
    over = not hook.path.endswith("/conference") and hook.fields.get("CallStatus") in _OVER
    return not hook.is_event or hook.is_answer or over


def replayer(house: House, provider: YesProvider) -> Callable[[Capture, Disturbance, int], Session]:
    """Return the function that tells a capture to ``house``; the same seed disturbs it in the same way."""

    def replay(capture: Capture, disturbance: Disturbance, seed: int) -> Session:
        provider.replay = Replay(capture, house, disturbance, Random(seed))
        return provider.replay.run()

    return replay
