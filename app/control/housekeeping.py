"""What is due though nothing happens: deadlines of sessions, operations left over by a dead process, reconciling, forgetting.

Each process does all of it. Several doing the same at once is harmless: a session is locked and its deadlines are checked under the
lock, an operation is claimed by a conditional update, reconciling by a lease. Reconciling asks the provider, which may take its time, so
it has a thread of its own: no deadline waits for it.
"""

import logging
import threading
from collections.abc import Callable

from app.control.control import Control
from app.control.one_by_one import one_by_one
from app.control.reconcile import Reconciler
from app.control.runner import LEASE_SECONDS
from app.core.errors import StoreUnavailable
from app.store import inbox, operations, people, replays, sessions

_ROUND_SECONDS = 0.5
_FORGET_SECONDS = 60.0
Works = tuple[Callable[[], None], ...]
log = logging.getLogger(__name__)


class Housekeeper:
    """The threads. ``start`` begins with a reconciliation of every open session: this process may be the one after a crash."""

    def __init__(self, control: Control, reconcile_seconds: float) -> None:
        self._control = control
        self._reconciler = Reconciler(control)
        self._reconcile_seconds = reconcile_seconds
        self._due = (self._deadlines, self._left_over, self._forget)
        self._compared = (self._reconcile,)
        self._threads = [
            threading.Thread(target=self._run, args=(works,), name=name, daemon=True)
            for name, works in (("housekeeping", self._due), ("reconciling", self._compared))
        ]
        self._forget_at = 0.0

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
        with self._control.engine.connect().execution_options(read_only=True) as connection:
            due = sessions.due_ids(connection, self._control.clock.now())
        one_by_one(due, self._control.tick)

    def _left_over(self) -> None:
        now = self._control.clock.now()
        with self._control.engine.connect().execution_options(read_only=True) as connection:
            left_over = operations.abandoned(connection, now)
        for operation_id, session_id in left_over:
            with self._control.engine.begin() as connection:
                ours = operations.claim(connection, operation_id, now, now + LEASE_SECONDS)
            if ours:
                self._control.runner.later(operation_id, session_id)

    def _reconcile(self) -> None:
        now = self._control.clock.now()
        with self._control.engine.begin() as connection:
            reconcile = sessions.take_lease(connection, "reconcile", now, self._reconcile_seconds)
        if reconcile:
            self._reconciler.all()

    def _forget(self) -> None:
        now = self._control.clock.now()
        if now >= self._forget_at:
            self._forget_at = now + _FORGET_SECONDS
            with self._control.engine.begin() as connection:
                inbox.expire(connection, now)
                people.expire_logins(connection, now)
                replays.expire(connection, now)
