"""Carrying intents out: one provider request each, outside any transaction, and the fact that comes of it.

What may go wrong is decided here, by ``app.provider.errors``: gone already, try again, outcome unknown (look before repeating), refused.
The requests themselves are in ``app.control.provider_requests``.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from sqlalchemy import Connection, Engine

from app.control.claims import Claim, Claims
from app.control.intake import Begun
from app.control.ports import Clock
from app.control.provider_requests import ProviderRequests
from app.core import facts as f
from app.core.apply import Change
from app.core.errors import HookflashError, ProviderRefused, ProviderUnavailable, SessionEnded, TakenOver, WrongState
from app.core.intents import Announce, CreateLeg, EndLeg, Intent, MoveLeg, RemoveLeg, still_wanted
from app.core.notices import Notice
from app.core.session import Session, Status
from app.provider.errors import Meaning, ProviderError
from app.store import operations, sessions
from app.store.operations import OpenIntent

_ATTEMPTS = 3
_PAUSE_SECONDS = 0.4
_POSTPONED_SECONDS = 2.0
# A provider that wants to be left alone for longer than this is not waited for: whoever asked is waiting too. A process that is told to
# stop has 15 s for its requests (gunicorn.conf.py), so then this is for all pauses of one intent together.
_LONGEST_PAUSE_SECONDS = 8.0
log = logging.getLogger(__name__)


class Taker(Protocol):
    """What takes in the facts that requests lead to: ``app.control.control``."""

    engine: Engine
    clock: Clock
    stopping: threading.Event

    def apply_in(self, connection: Connection, before: Session, fact: f.Fact) -> tuple[Change, list[Begun]]:
        """Apply a fact to a locked session and write what follows."""

    def after(self, told: Sequence[Notice], begun: Sequence[Begun]) -> None:
        """Do what follows the commit."""


class Runner:
    """Carries operations out, in the caller's thread or in the background. Holds nothing that the store does not have too."""

    def __init__(self, control: Taker, requests: ProviderRequests, threads: int = 6) -> None:
        self._control = control
        self._requests = requests
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="intents")
        self._closing = False
        self._uncut = threading.Event()  # never set: a wait that is not cut short
        self.claims = Claims(control.engine, control.clock)

    def later(self, operation_id: str, session_id: str, claimed_until: float) -> None:
        """Carry an operation out in the background; a failure is in the session's log and told to its agents. ``claimed_until`` is what
        this process wrote when it claimed the operation."""
        claim = self.claims.hold(operation_id, session_id, claimed_until, waited_for=False)
        try:
            self._pool.submit(self._quietly, claim)
        except RuntimeError:
            self._leave(claim)

    def close(self) -> None:
        """Let what is being asked of the provider finish; what has not begun is left to another process."""
        self._closing = True
        self._pool.shutdown(wait=True)

    def finish(self) -> None:
        """Let everything that has been handed over be asked of the provider; nothing can be handed over afterwards."""
        self._pool.shutdown(wait=True)

    def _leave(self, claim: Claim) -> None:
        """This process is stopping: let another one have the operation at once, not when the lease runs out."""
        self.claims.give_back(claim, self._control.clock.now())

    def run(self, operation_id: str, session_id: str, claimed_until: float) -> None:
        """Carry an operation out for somebody who waits, claimed as for ``later``. Raises ProviderRefused or ProviderUnavailable for the
        first intent that failed, WrongState when that was because its party had left; the rest is dropped. Raises TakenOver when another
        process has claimed the operation meanwhile."""
        claim = self.claims.hold(operation_id, session_id, claimed_until, waited_for=True)
        try:
            self._carry_out(claim)
        finally:
            self.claims.release(claim)

    def _carry_out(self, claim: Claim) -> None:
        # Whatever is read here holds as long as the claim does, and no request is made before it has been renewed.
        with self._control.engine.connect().execution_options(read_only=True) as connection:
            waiting = operations.open_intents(connection, claim.operation_id)
        error: HookflashError | None = None
        for position, item in enumerate(waiting):
            last = position == len(waiting) - 1
            if error is None:
                error = self._one(claim, item, last)
                if error is not None and _must_happen(item.intent) and isinstance(error, ProviderUnavailable):
                    break  # kept open, and so is what was to come after it: tried again together
            else:
                # What was to come after a failure does not make sense any more: a customer who could not be held is not to be
                # joined by a third party.
                dropped = f.IntentFailed(item.intent, gone=False, text="")
                self._conclude(claim.session_id, item, dropped, "dropped", last, failed=True)
        if error is not None:
            raise error

    def _quietly(self, claim: Claim) -> None:
        which = {"operation_id": claim.operation_id, "session_id": claim.session_id}
        try:
            if self._closing:
                self._leave(claim)
            else:
                self._carry_out(claim)
        except TakenOver:
            log.info("operation left to another process", extra=which)
        except HookflashError as error:
            log.warning("operation failed", extra={**which, "error": error.error_id})
        except Exception:
            # A background thread has nobody to raise to. The operation's lease runs out, and it is tried again.
            log.exception("operation broke off", extra=which)
        finally:
            self.claims.release(claim)

    def _one(self, claim: Claim, item: OpenIntent, last: bool) -> HookflashError | None:
        """Make one intent true, or report why not. Raises TakenOver."""
        intent, session_id = item.intent, claim.session_id
        paused = 0.0
        for attempt in range(_ATTEMPTS):
            session = self._begin(claim, item)
            if not still_wanted(session, intent):
                self._conclude(session_id, item, self._unwanted(session, intent), "dropped", last)
                return None
            try:
                fact = self._requests.ask(session, intent, repeated=item.attempts + attempt > 0)
            except ProviderError as error:
                pause = max(_PAUSE_SECONDS * 2**attempt, error.retry_after or 0.0)
                if (
                    error.meaning in (Meaning.AGAIN, Meaning.UNKNOWN_OUTCOME)
                    and attempt < _ATTEMPTS - 1
                    and _repeatable(intent, error)
                    and self._pause(claim, pause, paused)
                ):
                    paused += pause
                    continue
                return self._give_up(claim, item, error, last)
            self._conclude(session_id, item, fact, "done", last)
            return None
        return None

    def _pause(self, claim: Claim, seconds: float, paused: float) -> bool:
        """Leave the provider alone for so long, ``paused`` seconds already. Return False when a process that is stopping has no time for
        it. What nobody waits for it leaves to another process, which then has the pause: raises TakenOver."""
        clock, stopping = self._control.clock, self._control.stopping
        if claim.waited_for:
            if stopping.is_set() and paused + seconds > _LONGEST_PAUSE_SECONDS:
                return False
            # Cut short, it would be one more request to a busy provider, and then a failure.
            clock.wait(seconds, self._uncut)
            return True
        over = clock.now() + seconds
        if clock.wait(seconds, stopping):
            self.claims.give_back(claim, over)
            raise TakenOver
        return True

    def _begin(self, claim: Claim, item: OpenIntent) -> Session:
        """Note that a request is about to be made, and return the session as it is. Raises TakenOver: then it must not be made."""
        with self.claims.renewed(claim) as connection:
            operations.begin_attempt(connection, item)
            found = sessions.load(connection, claim.session_id)
        if found is None:
            raise KeyError(claim.session_id)
        return found[0]

    def _unwanted(self, session: Session, intent: Intent) -> f.Fact:
        leg = session.leg(intent.leg_id)
        if isinstance(intent, CreateLeg) and leg.status is Status.PLANNED:
            return f.IntentFailed(intent, gone=True, text="")
        return f.Tick()

    def _give_up(self, claim: Claim, item: OpenIntent, error: ProviderError, last: bool) -> HookflashError | None:
        intent, session_id = item.intent, claim.session_id
        if error.meaning is Meaning.UNKNOWN:
            log.error("provider error nobody here knows", extra={"session_id": session_id, "code": error.code})
        if error.meaning is Meaning.GONE and isinstance(intent, EndLeg | RemoveLeg):
            self._conclude(session_id, item, f.IntentFailed(intent, gone=True, text=""), "done", last)
            return None
        unavailable = error.meaning in (Meaning.AGAIN, Meaning.UNKNOWN_OUTCOME)
        if unavailable and _must_happen(intent):
            # Kept open, and tried again by whoever finds its lease run out.
            later = max(_POSTPONED_SECONDS, error.retry_after or 0.0)
            self.claims.give_back(claim, self._control.clock.now() + later)
            return ProviderUnavailable(error.text)
        gone = error.meaning is Meaning.GONE
        after = self._conclude(
            session_id, item, f.IntentFailed(intent, gone, error.text or "refused"), "failed", last, failed=True
        )
        leg = after.leg(intent.leg_id)
        if not isinstance(intent, CreateLeg) and (gone or leg.ending or not leg.live):
            # Another command, or the person, was first: no fault of the provider's.
            return WrongState("The party has left the call") if after.live else SessionEnded()
        return ProviderUnavailable(error.text) if unavailable else ProviderRefused(error.text, code=error.code)

    def _conclude(
        self, session_id: str, item: OpenIntent, fact: f.Fact, outcome: str, last: bool, failed: bool = False
    ) -> Session:
        """Commit the fact, its notices, what follows from it and the intent's end together. Return the session as it is then."""
        control = self._control
        with control.engine.begin() as connection:
            found = sessions.lock(connection, session_id)
            if found is None:
                raise KeyError(session_id)
            change, begun = control.apply_in(connection, found[0], fact)
            operations.finish_intent(connection, item, outcome)
            if last:
                operations.finish(connection, item.operation_id, "failed" if failed else "done")
        control.after(change.notices, begun)
        return change.session


def _must_happen(intent: Intent) -> bool:
    """Return whether an intent is asked for until the provider takes it: a leg that is to go must go."""
    return isinstance(intent, EndLeg | RemoveLeg | MoveLeg)


def _repeatable(intent: Intent, error: ProviderError) -> bool:
    """Return whether a request may be made again soon: digits that may have been heard are not played twice."""
    if error.retry_after is not None and error.retry_after > _LONGEST_PAUSE_SECONDS:
        return False
    return error.meaning is Meaning.AGAIN or not isinstance(intent, Announce)
