"""Commands in, facts in: the numbered steps by which nothing is lost.

A command: (a) lock and load the session, (b) decide, (c) commit operation and intents, (d) ask the provider outside any transaction,
(e) commit the fact and its notices together. A process may die after any step: what was committed is taken up by whoever comes next
(``app.control.housekeeping``). A fact is taken in by one transaction; what it makes necessary is written down in the same one and
carried out afterwards, never on a webhook's way.
"""

import threading
from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from app.control import intake
from app.control.addresses import Addresses
from app.control.claims import LEASE_SECONDS
from app.control.ports import Clock, Ids
from app.control.provider_requests import ProviderRequests
from app.control.runner import Runner
from app.core import facts as f
from app.core import wrap_up
from app.core.apply import Change, apply
from app.core.commands import Command
from app.core.decide import Decision, decide
from app.core.errors import SessionNotFound
from app.core.intents import Intent
from app.core.notices import Notice
from app.core.opening import open_inbound
from app.core.selection import Selection
from app.core.session import Party, Policy, Session
from app.notices.bell import Bell
from app.provider.port import Provider
from app.store import inbox, notices, operations, people, sessions
from app.store.codec import told as encode_notice


class Control:
    """The way in for every dialect, webhook and timer. One per process; holds no state of calls."""

    def __init__(
        self,
        engine: Engine,
        provider: Provider,
        bell: Bell,
        clock: Clock,
        ids: Ids,
        policy: Policy,
        addresses: Addresses,
        inbox_seconds: float = 300.0,
        caller_id: str = "",
    ) -> None:
        self.engine = engine
        self.provider = provider
        self.clock = clock
        self.ids = ids
        self.policy = policy
        self._bell = bell
        self._inbox_seconds = inbox_seconds
        self.addresses = addresses
        self.stopping = threading.Event()  # set when this process is to end: waits are cut short
        self.runner = Runner(self, ProviderRequests(provider, addresses, policy.ring_seconds, caller_id))

    # --- commands ---------------------------------------------------------------------------------------------------

    def run(self, session_id: str, command: Command) -> Session:
        """Carry a command out and return the session as it is after the provider's replies.

        Raises SessionNotFound; what ``app.core.decide`` raises (nothing has changed then); ProviderRefused or ProviderUnavailable
        when the provider did not do it (the session says what is true).
        """
        with self.engine.begin() as connection:
            found = sessions.lock(connection, session_id)
            if found is None:
                raise SessionNotFound
            before = found[0]
            decision = decide(before, command, self.clock.now(), self.policy)
            begun = self._write(connection, before, decision, type(command).__name__)
        self.after(decision.notices, [])
        if not begun:
            return decision.session
        for operation in begun:
            self.runner.run(*operation)
        return self.session(session_id)

    # --- facts ------------------------------------------------------------------------------------------------------

    def take_in(self, session_id: str, fact: f.Fact) -> Session | None:
        """Take a fact into a session; what it makes necessary is begun in the background. Return the session, None if there is none."""
        return intake.alone(self, session_id, fact)

    def take_in_together(self, arrivals: Sequence[intake.Arrival]) -> list[bool]:
        """Take facts into their sessions in one transaction and tell of each whether that is done; the others are to be taken in one by
        one. Raises StoreUnavailable."""
        return intake.together(self, arrivals)

    def take_in_unless_moved(self, session_id: str, version: int, fact: f.Fact) -> bool:
        """Take in a fact that was read from the provider, unless the session has changed since: it may be about the past then."""
        with self.engine.begin() as connection:
            found = sessions.lock(connection, session_id)
            if found is None or found[1] != version:
                return False
            change, begun = self.apply_in(connection, found[0], fact)
        self.after(change.notices, begun)
        return True

    def tick(self, session_id: str) -> None:
        """Have a session act on the deadlines that are behind it; if it waits in a ring queue, with the agents who are ready now."""
        self.take_in(session_id, f.Tick(self._ready_for(session_id)))

    def take_in_by_call(self, call_sid: str, fact: f.Fact) -> None:
        """Take in a fact about a call whose session is not known; if nobody knows the call it waits in the inbox."""
        with self.engine.begin() as connection:
            session_id = sessions.id_of_call(connection, call_sid)
            if session_id is None:
                # Somebody may be opening its session at this moment and have looked into the inbox already.
                sessions.guard_call(connection, call_sid)
                session_id = sessions.id_of_call(connection, call_sid)
            if session_id is None:
                inbox.keep(connection, call_sid, fact, self.clock.now() + self._inbox_seconds)
                return
        self.take_in(session_id, fact)

    def apply_in(self, connection: Connection, before: Session, fact: f.Fact) -> tuple[Change, list[intake.Begun]]:
        """Apply a fact to a locked session and write what follows; the caller commits and then calls ``after``."""
        change = apply(before, fact, self.clock.now(), self.policy)
        return change, self._write(connection, before, change, type(fact).__name__)

    def after(self, told: Sequence[Notice], begun: Sequence[intake.Begun]) -> None:
        """Do what follows a commit: wake those who wait for notices, begin what has become necessary."""
        if told:
            self._bell.ring({one.user_id for one in told})
        for operation in begun:
            self.runner.later(*operation)

    # --- a new session ------------------------------------------------------------------------------------------------

    def open_inbound(
        self,
        *,
        call_sid: str,
        account_id: str,
        line: str,
        caller: Party,
        queue: tuple[str, str] | None,
        candidates: Sequence[Party],
    ) -> Session:
        """Open the session of a call to one of our lines, once: the same call again finds the session that is there."""
        with self.engine.begin() as connection:
            sessions.guard_call(connection, call_sid)
            known = sessions.id_of_call(connection, call_sid)
            if known is not None:
                found = sessions.load(connection, known)
                if found is not None:
                    return found[0]
            now = self.clock.now()
            opened = open_inbound(
                session_id=self.ids.session_id(),
                number=sessions.next_number(connection),
                account_id=account_id,
                line=line,
                call_sid=call_sid,
                caller=caller,
                queue=queue,
                candidates=candidates,
                now=now,
                policy=self.policy,
            )
            session, told, wanted = opened.session, list(opened.notices), list(opened.intents)
            for fact in inbox.take(connection, call_sid):
                change = apply(session, fact, now, self.policy)
                session, told, wanted = change.session, [*told, *change.notices], [*wanted, *change.intents]
            sessions.add(connection, session)
            begun = self.intend(connection, session.id, "CallArrived", wanted)
            self.tell(connection, told)
        self.after(told, begun)
        return session

    # --- reading ------------------------------------------------------------------------------------------------------

    def session(self, session_id: str) -> Session:
        """Return a session, live or ended. Raises SessionNotFound."""
        with self._reading() as connection:
            found = sessions.load(connection, session_id)
        if found is None:
            raise SessionNotFound
        return found[0]

    def session_by_number(self, number: int) -> Session:
        """Return the session with this number. Raises SessionNotFound."""
        with self._reading() as connection:
            session_id = sessions.id_of_number(connection, number)
        if session_id is None:
            raise SessionNotFound
        return self.session(session_id)

    def session_by_call_sid(self, call_sid: str) -> Session:
        """Return the session a call belongs to. Raises SessionNotFound."""
        with self._reading() as connection:
            session_id = sessions.id_of_call(connection, call_sid)
        if session_id is None:
            raise SessionNotFound
        return self.session(session_id)

    def live_sessions(self, account_ids: Sequence[str] | None) -> list[Session]:
        """Return the live sessions of some accounts (None = all), oldest first."""
        with self._reading() as connection:
            return sessions.live(connection, account_ids)

    def live_sessions_of(self, user_id: str) -> list[Session]:
        """Return the live sessions in which a user has or had a leg, or whose customer she put on hold, oldest first."""
        with self._reading() as connection:
            return sessions.live_of_user(connection, user_id)

    def list_sessions(
        self, wanted: Selection, *, newest_first: bool, offset: int, limit: int
    ) -> tuple[list[Session], int]:
        """Return one page of sessions, ended ones too, by when they began, and how many there are."""
        with self._reading() as connection:
            return sessions.page(connection, wanted, newest_first, offset, limit)

    def first_sessions(self, wanted: Selection, *, newest_first: bool, most: int) -> list[Session]:
        """Return sessions, ended ones too, by when they began, at most so many."""
        with self._reading() as connection:
            return sessions.first(connection, wanted, newest_first, most)

    def _ready_for(self, session_id: str) -> tuple[Party, ...] | None:
        """Return the agents who are ready now for a session that waits in a ring queue, None for any other."""
        with self._reading() as connection:
            found = sessions.load(connection, session_id)
            if found is None or found[0].route is None or found[0].route.queue_id is None or found[0].answered_at:
                return None
            queue = people.ring_queue(connection, found[0].route.queue_id, self.clock.now())
        return tuple(user.party() for user in queue[1]) if queue is not None else None

    def _reading(self) -> Connection:
        return self.engine.connect().execution_options(read_only=True)

    # --- writing ------------------------------------------------------------------------------------------------------

    def _write(
        self, connection: Connection, before: Session, change: Change | Decision, kind: str
    ) -> list[intake.Begun]:
        self.save(connection, [(before, change.session)])
        begun = self.intend(connection, before.id, kind, change.intents)
        self.tell(connection, change.notices)
        return begun

    def save(self, connection: Connection, changes: Sequence[tuple[Session, Session]]) -> None:
        """Write locked sessions back, each given as it was and as it is to be, and begin the wrap-up of agents whose talk has ended."""
        sessions.save_all(connection, changes)
        if self.policy.wrap_up_seconds > 0:
            ended = {user_id for before, after in changes for user_id in wrap_up.begins_for(before, after)}
            people.ready_from(connection, ended, self.clock.now() + self.policy.wrap_up_seconds)

    def intend(
        self, connection: Connection, session_id: str, kind: str, wanted: Sequence[Intent]
    ) -> list[intake.Begun]:
        """Write down what is to be asked of the provider, if anything is. The operation is claimed by this process."""
        if not wanted:
            return []
        operation_id, now = self.ids.operation_id(), self.clock.now()
        begun = intake.Begun(operation_id, session_id, now + LEASE_SECONDS)
        operations.add(connection, operation_id, session_id, kind, wanted, now, begun.claimed_until)
        return [begun]

    def tell(self, connection: Connection, told: Sequence[Notice]) -> None:
        """Write notices to their users' logs, which stay locked until the transaction ends: the last thing in it."""
        if told:
            notices.append(connection, [encode_notice(one) for one in told], self.clock.now())
