"""What is due though nothing happens: deadlines of sessions, operations left over by a dead process, reconciling, forgetting.

Each process does all of it. Several doing the same at once is harmless: a session is locked and its deadlines are checked under the
lock, an operation is claimed by a conditional update, reconciling by a lease; both are renewed while the work goes on. Reconciling asks
the provider, which may take its time, so it has a thread of its own: no deadline waits for it.
"""

import logging
import threading
from collections.abc import Callable

from app.control.claims import LEASE_SECONDS
from app.control.control import Control
from app.control.one_by_one import one_by_one
from app.control.reconcile import Reconciler, Turn
from app.core.errors import StoreUnavailable
from app.store import inbox, operations, people, replays, sessions

_ROUND_SECONDS = 0.5
_FORGET_SECONDS = 60.0
# So many times fifty sessions in one round, then the other work has its turn.
_MOST_PAGES = 4
Works = tuple[Callable[[], None], ...]
log = logging.getLogger(__name__)


class Housekeeper:
    """The threads. ``start`` begins with a reconciliation of every open session: this process may be the one after a crash."""

    def __init__(self, control: Control, reconcile_seconds: float) -> None:
        self._control = control
        self._reconciler = Reconciler(control)
        self._reconcile_seconds = reconcile_seconds
        # What is ours comes first: were its lease to run out, it would be left over.
        self._due = (control.runner.claims.keep, self._deadlines, self._left_over, self._forget)
        self._compared = (self._reconcile,)
        self._threads = [
            threading.Thread(target=self._run, args=(works,), name=name, daemon=True)
            for name, works in (("housekeeping", self._due), ("reconciling", self._compared))
        ]
        self._forget_at = 0.0
        self._starts = True
        self._looked_to: tuple[float, str] | None = None

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop after the rounds under way."""
        self._control.stopping.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, works: Works) -> None:
        # The first round is at once: this process may be the one that comes after a crash.
        self._try(works)
        while not self._control.clock.wait(_ROUND_SECONDS, self._control.stopping):
            self._try(works)

    def _try(self, works: Works) -> None:
        for work in works:
            try:
                work()
            except StoreUnavailable:
                # The next round tries again, and requests say so meanwhile.
                log.warning("housekeeping could not reach the store")
                return
            except Exception:
                # A mistake of ours about one session is not to stop the timers of all others: told loudly, and on with the rest.
                log.exception("housekeeping failed")

    def round(self) -> None:
        """Do once what is due now. Raises whatever goes wrong; the threads go on with the next kind of work instead."""
        for work in (*self._due, *self._compared):
            work()

    def _deadlines(self) -> None:
        # Who could not be dealt with stays due. The next page begins behind them, also in the next round, so that however many there are
        # nobody waits for them for long.
        for _ in range(_MOST_PAGES):
            with self._control.engine.connect().execution_options(read_only=True) as connection:
                due = sessions.due_ids(connection, self._control.clock.now(), self._looked_to)
            self._looked_to = due[-1] if due else None
            if not due:
                return
            one_by_one((session_id for _, session_id in due), self._control.tick)

    def _left_over(self) -> None:
        now = self._control.clock.now()
        with self._control.engine.connect().execution_options(read_only=True) as connection:
            left_over = operations.abandoned(connection, now)
        for operation_id, session_id in left_over:
            until = self._control.clock.now() + LEASE_SECONDS
            with self._control.engine.begin() as connection:
                ours = operations.claim(connection, operation_id, now, until)
            if ours:
                self._control.runner.later(operation_id, session_id, until)

    def _reconcile(self) -> None:
        turn = Turn(self._control.engine, self._control.clock, self._reconcile_seconds)
        # At a start at once: whose turn it is may be the one that died. That others start too and do the same is harmless.
        if turn.begin(at_once=self._starts):
            self._starts = False
            self._reconciler.all(turn.goes_on)
            turn.end()

    def _forget(self) -> None:
        now = self._control.clock.now()
        if now >= self._forget_at:
            self._forget_at = now + _FORGET_SECONDS
            with self._control.engine.begin() as connection:
                inbox.expire(connection, now)
                people.expire_logins(connection, now)
                replays.expire(connection, now)
