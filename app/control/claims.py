"""What this process is to carry out: the leases of its operations, renewed for as long as it lives and the work takes.

A lease is known by the moment until which it was written (``app.store.operations.renew``). Somebody else's, taken after ours had run out,
ends later: so a renewal that finds another moment in the store knows that the operation is not ours any more, and nobody asks the
provider for anything without such a renewal. Renewing from outside the work (``Claims.keep``, by ``app.control.housekeeping``) is what
lets the lease be short, so that a dead process is soon followed, and yet hold however long a provider takes or a queue is.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine

from app.control.ports import Clock
from app.core.errors import TakenOver
from app.store import operations

# What a process that died had begun is made good within 30 s: this, and a round of housekeeping.
LEASE_SECONDS = 25.0
# With less than this left a lease is renewed: housekeeping may miss many of its rounds before one runs out.
_RENEWED_WITH_LEFT = LEASE_SECONDS * 2 / 3


class Claim:
    """One operation that this process carries out or is going to. ``until``: what its lease says in the store (unix seconds), None when
    it is not ours any more; changed under ``lock`` only, which is taken before a transaction begins, never within one."""

    def __init__(self, operation_id: str, session_id: str, until: float, waited_for: bool) -> None:
        """``waited_for``: somebody is waiting for the outcome at this moment."""
        self.operation_id = operation_id
        self.session_id = session_id
        self.until: float | None = until
        self.waited_for = waited_for
        self.lock = threading.Lock()


class Claims:
    """All claims of this process. Safe between threads."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._held: set[Claim] = set()

    def hold(self, operation_id: str, session_id: str, until: float, waited_for: bool) -> Claim:
        """Note that an operation is ours, by a lease that was written until ``until``."""
        claim = Claim(operation_id, session_id, until, waited_for)
        self._held.add(claim)
        return claim

    def release(self, claim: Claim) -> None:
        """Renew a claim no more: its operation is finished, or is left to whoever finds its lease run out."""
        self._held.discard(claim)

    def give_back(self, claim: Claim, at: float) -> None:
        """Leave an operation to whoever comes first at ``at`` (unix seconds) or later, this process included."""
        self.release(claim)
        with claim.lock:
            if claim.until is not None:
                with self._engine.begin() as connection:
                    operations.renew(connection, claim.operation_id, claim.until, at)
                claim.until = None

    @contextmanager
    def renewed(self, claim: Claim) -> Iterator[Connection]:
        """A transaction in which a claim is renewed first. Raises TakenOver."""
        with claim.lock:
            until = self._clock.now() + LEASE_SECONDS
            with self._engine.begin() as connection:
                if claim.until is None or not operations.renew(connection, claim.operation_id, claim.until, until):
                    claim.until = None
                    raise TakenOver
                yield connection
            claim.until = until

    def keep(self) -> None:
        """Renew the leases that would run out soon. Raises StoreUnavailable."""
        soon = self._clock.now() + _RENEWED_WITH_LEFT
        for claim in self._held.copy():
            if claim.until is not None and claim.until < soon:
                with suppress(TakenOver), self.renewed(claim):
                    pass
