"""Comparing open sessions with the provider and correcting them by facts: the net under lost webhooks.

Reads one participants list per open session (and the status of a customer's call, if it is missing from the list where it should be).
Never dials, and changes nothing when the session has moved while the list was being read.
"""

import logging
from dataclasses import dataclass
from itertools import takewhile

from app.control.control import Control
from app.control.one_by_one import one_by_one
from app.core import facts as f
from app.core.session import Place, Session
from app.provider.errors import Meaning, ProviderError
from app.store import sessions

log = logging.getLogger(__name__)


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

    def all(self) -> None:
        """Reconcile every open session."""
        going_on = takewhile(lambda _: not self._control.stopping.is_set(), self.open_sessions())
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

    def _facts(self, session: Session) -> list[f.Fact]:
        provider = self._control.provider
        facts: list[f.Fact] = []
        seen: set[str] = set()
        if session.conference_sid is not None:
            participants = tuple(provider.participants(session.conference_sid))
            seen = {one.call_sid for one in participants}
            facts.append(f.ParticipantsRead(session.conference_sid, participants))
        for leg in session.legs:
            # Where a leg is not in the conference, or is missing from it, only its call can say whether it is still there.
            astray = leg.call_sid is not None and leg.live and leg.call_sid not in seen
            if astray and (leg.n == 0 or leg.place is not Place.CONFERENCE):
                facts.append(f.CallProgressed(str(leg.call_sid), self._status(str(leg.call_sid)), leg.id))
        return facts

    def _status(self, call_sid: str) -> str:
        try:
            return self._control.provider.call_status(call_sid)
        except ProviderError as error:
            if error.meaning is Meaning.GONE:
                return "completed"
            raise
