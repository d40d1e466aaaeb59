"""The rest of the product in miniature, for tests of this API's wire: the real pure core on a telephone provider that obeys at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from app.control.services import Services
from app.core import errors
from app.core import facts as f
from app.core.apply import apply
from app.core.commands import Command
from app.core.decide import decide
from app.core.intents import CreateLeg, EndLeg, Intent, RemoveLeg, SetHold
from app.core.opening import open_inbound
from app.core.people import Account, Line, User
from app.core.selection import Selection
from app.core.session import Party, Policy, Session
from tests.support.no_keys import NoKeys

ACME, OTHER = Account("a" * 24, "Acme"), Account("b" * 24, "Other")
CALLER = Party("+15550100001", "+15550100001")
LINE, OTHER_LINE = "+15550001001", "+15550001009"
ROOM = "CF" + "1" * 32


def user(name: str, digit: str, *roles: str, dn: str | None = None, account: Account = ACME) -> User:
    softphone = f"client:{name}" if dn else None
    return User(digit * 24, account.id, name, name.capitalize(), roles, f"device-{name}", digit * 32, dn, softphone)


ALICE = user("alice", "1", "User", dn="1001")
BOB = user("bob", "2", "User", dn="1002")
ADMIN = user("admin", "4", "Manager", "SystemAdministrator")
DAVE = user("dave", "5", "User", dn="1009", account=OTHER)


class Directory:
    """Everybody's password is ``demo``."""

    def __init__(self) -> None:
        self.people = [ALICE, BOB, ADMIN, DAVE]
        self.logins: dict[str, User] = {}
        self._opened = 0

    def check_password(self, name: str, password: str) -> User | None:
        return next((one for one in self.people if one.name == name and password == "demo"), None)

    def users(self, account_ids: Sequence[str] | None) -> list[User]:
        return [one for one in self.people if account_ids is None or one.account_id in account_ids]

    def accounts_of(self, who: User) -> list[Account]:
        return [one for one in (ACME, OTHER) if one.id == who.account_id or "SystemAdministrator" in who.roles]

    def lines(self, account_ids: Sequence[str] | None) -> list[Line]:
        lines = [Line(LINE, "c" * 24, ACME.id, "user", ALICE.id), Line(OTHER_LINE, "d" * 24, OTHER.id, "user", DAVE.id)]
        return [line for line in lines if account_ids is None or line.account_id in account_ids]

    def open_login(self, realm: str, who: User, seconds: float) -> str:
        self._opened += 1
        token = f"{realm}{self._opened}x{int(seconds)}"
        self.logins[token] = who
        return token

    def login(self, realm: str, token: str) -> User | None:
        return self.logins.get(token)

    def close_login(self, realm: str, token: str) -> None:
        self.logins.pop(token, None)

    def destination(self, text: str, account_id: str) -> Party:
        found = next((one for one in self.people if one.dn == text and one.account_id == account_id), None)
        if found is not None:
            return found.party()
        if not text.startswith("+"):
            raise errors.DestinationInvalid
        return Party(text, text)


class Control:
    """Sessions in memory. ``refuse`` makes the provider say no to the next command."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.commands: list[Command] = []
        self.refuse: Exception | None = None
        self._now = 1_750_000_000.0
        self._calls = 0

    def call_in(
        self, agent: User = ALICE, line: str = LINE, account: Account = ACME, queue: tuple[str, str] | None = None
    ) -> Session:
        """A caller rings an agent's own line, or a ring queue (name, id) in which the agent is the only one."""
        number = len(self.sessions) + 1
        opened = open_inbound(
            session_id=f"{number:024x}",
            number=number,
            account_id=account.id,
            line=line,
            call_sid=self._call_sid(),
            caller=CALLER,
            queue=queue,
            candidates=[agent.party()],
            now=self._tick(),
            policy=Policy(),
        )
        self._carry_out(opened.session, opened.intents)
        session = self.sessions[opened.session.id]
        return self.fact(session, f.LegJoined(session.customer.call_sid or "", None, ROOM))

    def talk(
        self, agent: User = ALICE, line: str = LINE, account: Account = ACME, queue: tuple[str, str] | None = None
    ) -> Session:
        """A caller talks with an agent."""
        return self.answer(self.call_in(agent, line, account, queue))

    def answer(self, session: Session) -> Session:
        """The newest leg answers."""
        return self.fact(session, f.CallProgressed(session.legs[-1].call_sid or "", "in-progress"))

    def hang_up(self, session: Session, n: int) -> Session:
        """Somebody hangs up."""
        return self.fact(session, f.CallProgressed(session.legs[n].call_sid or "", "completed"))

    def fact(self, session: Session, fact: f.Fact) -> Session:
        """The provider tells something."""
        change = apply(self.sessions[session.id], fact, self._tick())
        self._carry_out(change.session, change.intents)
        return self.sessions[session.id]

    def run(self, session_id: str, command: Command) -> Session:
        decision = decide(self.session(session_id), command, self._tick())
        if self.refuse is not None:
            raise self.refuse
        self.commands.append(command)
        self._carry_out(decision.session, decision.intents)
        return self.sessions[session_id]

    def session(self, session_id: str) -> Session:
        if session_id not in self.sessions:
            raise errors.SessionNotFound
        return self.sessions[session_id]

    def live_sessions(self, account_ids: Sequence[str] | None) -> list[Session]:
        return [one for one in self.sessions.values() if one.open and one.account_id in (account_ids or [])]

    def live_sessions_of(self, user_id: str) -> list[Session]:
        return [
            one for one in self.sessions.values() if one.open and any(leg.party.user_id == user_id for leg in one.legs)
        ]

    def list_sessions(
        self, wanted: Selection, *, newest_first: bool, offset: int, limit: int
    ) -> tuple[list[Session], int]:
        found = self.first_sessions(wanted, newest_first=newest_first, most=len(self.sessions))
        return found[offset : offset + limit], len(found)

    def first_sessions(self, wanted: Selection, *, newest_first: bool, most: int) -> list[Session]:
        found = [
            one
            for one in self.sessions.values()
            if one.account_id in (wanted.account_ids or [])
            and (wanted.ids is None or one.id in wanted.ids)
            and (wanted.started_from or 0) <= one.started_at < (wanted.started_to or 1e12)
        ]
        return sorted(found, key=lambda one: one.started_at, reverse=newest_first)[:most]

    def date(self, session: Session, started_at: float) -> None:
        """Let a session have begun at another time."""
        self.sessions[session.id] = replace(session, started_at=started_at)

    def _carry_out(self, session: Session, intents: Sequence[Intent]) -> None:
        self.sessions[session.id] = session
        for intent in intents:
            self.fact(session, self._reply(self.sessions[session.id], intent))

    def _reply(self, session: Session, intent: Intent) -> f.Fact:
        if isinstance(intent, CreateLeg):
            return f.LegCreated(intent.leg_id, self._call_sid(), ROOM)
        if isinstance(intent, SetHold):
            return f.HoldChanged(session.leg(intent.leg_id).call_sid or "", intent.held)
        if isinstance(intent, EndLeg | RemoveLeg):
            return f.CallProgressed(session.leg(intent.leg_id).call_sid or "", "completed")
        return f.IntentDone(intent)

    def _call_sid(self) -> str:
        self._calls += 1
        return f"CA{self._calls:032x}"

    def _tick(self) -> float:
        self._now += 1
        return self._now


def services(control: Control, directory: Directory) -> Services:
    """The one way in, made of the two."""
    return cast(Services, SimpleNamespace(control=control, directory=directory, replays=NoKeys()))
