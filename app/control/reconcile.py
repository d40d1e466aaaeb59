"""Comparing open sessions with the provider and correcting them by facts: the net under lost webhooks.

Reads one participants list per open session, and the status of each call of it that the list does not show and of which the list alone
says nothing.
Never dials, and changes nothing when the session has moved while the list was being read.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import Engine

from app.control.control import Control
from app.control.one_by_one import one_by_one
from app.control.ports import Clock
from app.core import facts as f
from app.core.apply import apply
from app.core.intents import Intent
from app.core.session import Place, Session
from app.provider.errors import Meaning, ProviderError
from app.store import sessions

_LEASE = "reconcile"
# How long the provider may take for one session before another process begins too, where reconciling is more frequent than that.
_SHORTEST_LEASE_SECONDS = 10.0
log = logging.getLogger(__name__)


class Turn:
    """A process's turn to reconcile: at most one has it, for as long as its work takes; the next is ``period`` seconds after it began, or
    when it is over, if that is later. That of a process that dies runs out."""

    def __init__(self, engine: Engine, clock: Clock, period: float) -> None:
        self._engine = engine
        self._clock = clock
        self._period = period
        self._seconds = max(period, _SHORTEST_LEASE_SECONDS)
        self._began = self._until = 0.0

    def begin(self, *, at_once: bool = False) -> bool:
        """Take the turn. Return whether it is ours. ``at_once``: even if it is somebody's, who may have died."""
        self._began = self._clock.now()
        self._until = self._began + self._seconds
        with self._engine.begin() as connection:
            if at_once:
                return sessions.seize_lease(connection, _LEASE, self._until)
            return sessions.take_lease(connection, _LEASE, self._began, self._seconds)

    def goes_on(self) -> bool:
        """Keep the turn. Return whether it is still ours. Costs the store nothing until half of the lease is over."""
        now = self._clock.now()
        return self._until - now > self._seconds / 2 or self._renew(now + self._seconds)

    def end(self) -> None:
        """Let the next one have its turn in time."""
        self._renew(max(self._clock.now(), self._began + self._period))

    def _renew(self, until: float) -> bool:
        with self._engine.begin() as connection:
            ours = sessions.renew_lease(connection, _LEASE, self._until, until)
        if ours:
            self._until = until
        return ours


@dataclass(frozen=True)
class Finding:
    """What a reconciliation of one session would take in."""

    session_id: str
    version: int
    facts: tuple[f.Fact, ...]


class Reconciler:
    """Compares sessions with the provider."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def open_sessions(self) -> list[str]:
        """Return the ids of the sessions of which the provider may still have a leg."""
        with self._control.engine.connect().execution_options(read_only=True) as connection:
            return sessions.open_ids(connection)

    def all(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Reconcile every open session, or until this process is to stop or ``go_on``, asked before each, says no."""
        going_on = takewhile(lambda _: not self._control.stopping.is_set() and go_on(), self.open_sessions())
        one_by_one(going_on, self.one)

    def one(self, session_id: str) -> None:
        """Reconcile one session."""
        try:
            finding = self.look(session_id)
        except ProviderError as error:
            log.warning("could not reconcile", extra={"session_id": session_id, "code": error.code})
            return
        version = finding.version if finding else 0
        for fact in finding.facts if finding else ():
            if not self._control.take_in_unless_moved(session_id, version, fact):
                return
            with self._control.engine.connect().execution_options(read_only=True) as connection:
                found = sessions.load(connection, session_id)
            version = found[1] if found else version

    def look(self, session_id: str) -> Finding | None:
        """Return what the provider says of a session, without changing anything. Raises ProviderError."""
        with self._control.engine.connect().execution_options(read_only=True) as connection:
            found = sessions.load(connection, session_id)
        if found is None or not found[0].open:
            return None
        session, version = found
        return Finding(session_id, version, tuple(self._facts(session)))

    def would_change(self, finding: Finding) -> list[f.Fact | Intent]:
        """Return what of a finding is not known here, and what would be asked of the provider then. Changes nothing."""
        session = self._control.session(finding.session_id)
        news: list[f.Fact | Intent] = []
        for fact in finding.facts:
            change = apply(session, fact, self._control.clock.now(), self._control.policy)
            if change.session is not session or change.intents:
                news += [fact, *change.intents]
            session = change.session
        return news

    def _facts(self, session: Session) -> list[f.Fact]:
        provider = self._control.provider
        facts: list[f.Fact] = []
        seen: set[str] = set()
        if session.conference_sid is not None:
            participants = tuple(provider.participants(session.conference_sid))
            seen = {one.call_sid for one in participants}
            facts.append(f.ParticipantsRead(session.conference_sid, participants))
        for leg in session.legs:
            # Where a leg is not in the conference, or has not been seen in this one (it may have just answered, or what told of it was
            # lost), only its call can say whether it is still there.
            astray = leg.call_sid is not None and leg.live and leg.call_sid not in seen
            seen_there = leg.place is Place.CONFERENCE and leg.conference_sid == session.conference_sid
            if astray and (leg.n == 0 or not seen_there):
                facts.append(f.CallProgressed(str(leg.call_sid), self._status(str(leg.call_sid)), leg.id))
        return facts

    def _status(self, call_sid: str) -> str:
        try:
            return self._control.provider.call_status(call_sid)
        except ProviderError as error:
            if error.meaning is Meaning.GONE:
                return "completed"
            raise
