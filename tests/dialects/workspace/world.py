"""A small world for the workspace dialect: the real core, a provider that does at once what it is asked, and three agents.

Alice (1001) and Bob (1002) are colleagues, Carol (1003) is a supervisor, Dave belongs to another account.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Settings
from app.core import facts as f
from app.core import intents as i
from app.core.apply import apply
from app.core.commands import Command
from app.core.decide import decide
from app.core.errors import DestinationInvalid, HookflashError, SessionNotFound
from app.core.notices import Notice
from app.core.opening import open_inbound
from app.core.people import Account, User
from app.core.session import Move, Party, Policy, Session
from app.dialects.workspace.events import renderer
from app.dialects.workspace.routes import blueprint
from tests.support.no_keys import NoKeys

LINE = "+15550001001"
CUSTOMER = "+15550100001"
OUTSIDE = "+19165550104"
ROOM = "CF" + "0" * 32


def person(n: int, name: str, account: str = "a" * 24, roles: tuple[str, ...] = ("User",)) -> User:
    """An agent: DN 100n, device and ids that end in n."""
    return User(
        id=f"{n:024x}",
        account_id=account,
        name=name,
        display_name=name.title(),
        roles=roles,
        device_id=f"631608b3-ceb1-472b-ba05-2ae39555b0d{n}",
        person_id=f"{n:032x}",
        dn=f"100{n}",
        softphone=f"client:{name}",
        ready_since=1.0,
    )


ALICE = person(1, "alice")
BOB = person(2, "bob")
CAROL = person(3, "carol", roles=("User", "Manager", "Supervisor"))
DAVE = person(4, "dave", account="b" * 24)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    moment: float = 1_000_000.0

    def now(self) -> float:
        return self.moment


@dataclass(frozen=True)
class Entry:
    """An entry of a user's log, as the store gives it."""

    n: int
    at: float
    body: dict[str, Any]


class Control:
    """Sessions and commands over a provider that is always willing, unless told to raise ``refusal``."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sessions: dict[str, Session] = {}
        self.told: list[tuple[Notice, float]] = []
        self.commands: list[Command] = []
        self.refusal: HookflashError | None = None
        self.answering: set[str] = set()  # addresses that answer as soon as they are rung

    def open(self, agent: User, caller: Party | None = None) -> Session:
        """A customer calls the agent's line; her softphone rings."""
        number = len(self.sessions) + 1
        opened = open_inbound(
            session_id=f"{number:024x}",
            number=number,
            account_id=agent.account_id,
            line=LINE,
            call_sid=_sid(f"{number:024x}-0"),
            caller=caller or Party(CUSTOMER, CUSTOMER),
            queue=None,
            candidates=[agent.party()],
            now=self.clock.now(),
            policy=Policy(),
        )
        self._take(opened.session, opened.intents, opened.notices)
        self.fact(opened.session.id, f.LegJoined(_sid(f"{number:024x}-0"), f"{number:024x}-0", ROOM))
        return self.sessions[opened.session.id]

    def run(self, session_id: str, command: Command) -> Session:
        if self.refusal is not None:
            raise self.refusal
        self.commands.append(command)
        decision = decide(self.session(session_id), command, self.clock.now())
        self._take(decision.session, decision.intents, decision.notices)
        return self.sessions[session_id]

    def fact(self, session_id: str, fact: f.Fact) -> None:
        """Something happens."""
        change = apply(self.sessions[session_id], fact, self.clock.now())
        self._take(change.session, change.intents, change.notices)

    def answers(self, session_id: str, address: str) -> None:
        """The party with this address picks up."""
        leg = next(
            leg
            for leg in self.sessions[session_id].legs
            if leg.party.address == address and leg.live and not leg.answered
        )
        self.fact(session_id, f.CallProgressed(_sid(leg.id), "in-progress", leg.id))
        self.fact(session_id, f.LegJoined(_sid(leg.id), leg.id, ROOM))

    def leaves(self, session_id: str, address: str) -> None:
        """The party with this address hangs up."""
        leg = next(leg for leg in self.sessions[session_id].legs if leg.party.address == address and leg.live)
        self.fact(session_id, f.CallProgressed(_sid(leg.id), "completed", leg.id))

    def session(self, session_id: str) -> Session:
        return self.sessions[session_id]

    def session_by_number(self, number: int) -> Session:
        for session in self.sessions.values():
            if session.number == number:
                return session
        raise SessionNotFound

    def live_sessions_of(self, user_id: str) -> list[Session]:
        return [s for s in self.sessions.values() if s.open and any(leg.party.user_id == user_id for leg in s.legs)]

    def _take(self, session: Session, intents: tuple[i.Intent, ...], notices: tuple[Notice, ...]) -> None:
        self.sessions[session.id] = session
        self.told += [(notice, self.clock.now()) for notice in notices]
        for intent in intents:
            if i.still_wanted(self.sessions[session.id], intent):
                for fact in _facts(intent):
                    self.fact(session.id, fact)
                if isinstance(intent, i.CreateLeg):
                    address = self.sessions[session.id].leg(intent.leg_id).party.address
                    if address in self.answering:
                        self.answers(session.id, address)


def _sid(leg_id: str) -> str:
    return "CA" + leg_id.replace("-", "").rjust(32, "0")[-32:]


def _facts(intent: i.Intent) -> list[f.Fact]:
    sid = _sid(intent.leg_id)
    if isinstance(intent, i.CreateLeg):
        return [f.LegCreated(intent.leg_id, sid, ROOM), f.CallProgressed(sid, "ringing", intent.leg_id)]
    if isinstance(intent, i.SetHold):
        return [f.HoldChanged(sid, intent.held)]
    if isinstance(intent, i.SetMute):
        return [f.MuteChanged(sid, intent.muted)]
    if isinstance(intent, i.MoveLeg) and intent.to is Move.PARK:
        return [f.IntentDone(intent), f.LegQueued(sid, "QU" + "0" * 32)]
    return [f.IntentDone(intent)]


class Directory:
    """People, log-ins and destinations; every password is ``demo``."""

    def __init__(self) -> None:
        self.people = {user.name: user for user in (ALICE, BOB, CAROL, DAVE)}
        self.logins: dict[tuple[str, str], User] = {}
        self.checked = 0

    def check_password(self, name: str, password: str) -> User | None:
        self.checked += 1
        return self.people.get(name) if password == "demo" else None

    def user(self, user_id: str) -> User | None:
        return next((user for user in self.people.values() if user.id == user_id), None)

    def account(self, account_id: str) -> Account:
        return Account(account_id, "Demo")

    def open_login(self, realm: str, user: User, seconds: float) -> str:
        token = f"token{len(self.logins) + 1}"
        self.logins[realm, token] = user
        return token

    def login(self, realm: str, token: str) -> User | None:
        return self.logins.get((realm, token))

    def close_login(self, realm: str, token: str) -> None:
        self.logins.pop((realm, token), None)

    def destination(self, text: str, account_id: str) -> Party:
        for user in self.people.values():
            if text in (user.dn, user.softphone) and user.account_id == account_id:
                return user.party()
        if text.startswith("+") and text[1:].isdigit():
            return Party(text, text)
        raise DestinationInvalid


class World:
    """Everything together, and one HTTP client per person."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        self.control = Control(self.clock)
        self.directory = Directory()
        self.settings = Settings(**settings)
        self.services: Any = SimpleNamespace(
            control=self.control,
            directory=self.directory,
            replays=NoKeys(),
            clock=self.clock,
            settings=self.settings,
        )
        self.app = Flask("workspace-test")
        self.app.register_blueprint(blueprint(self.services))
        self._render = renderer(self.services)

    def browser(self) -> FlaskClient:
        """A client with a cookie store and no log-in."""
        return self.app.test_client()

    def agent(self, user: User) -> Agent:
        """A logged-in person."""
        return Agent(self, user)

    def talk(self, agent: User = ALICE) -> Session:
        """A customer is talking with the agent; what was told up to now is forgotten."""
        session = self.control.open(agent)
        self.control.answers(session.id, agent.softphone or "")
        self.control.told.clear()
        return self.control.sessions[session.id]

    def notifications(self, user: User, base_url: str = "http://localhost") -> list[dict[str, Any]]:
        """What a subscriber to everything has been sent since the last look, each ``{"channel", "data"}``."""
        mine = [(notice, at) for notice, at in self.control.told if notice.user_id == user.id]
        self.control.told = [item for item in self.control.told if item not in mine]
        sent = []
        for n, (notice, at) in enumerate(mine, 1):
            # Through JSON, as through the store.
            body = json.loads(json.dumps({"kind": notice.kind, "text": notice.text, "view": asdict(notice.view)}))
            sent += [{"channel": channel, "data": data} for channel, data in self._render(Entry(n, at, body), base_url)]
        return sent


class Agent:
    """A person's client program."""

    def __init__(self, world: World, user: User) -> None:
        self.user = user
        self._client = world.browser()
        self._client.get("/api/v2/me", headers=basic(user.name))

    def get(self, path: str) -> TestResponse:
        return self._client.get(f"/api/v2{path}")

    def send(self, method: str, path: str) -> TestResponse:
        """Any request without a body."""
        return self._client.open(f"/api/v2{path}", method=method)

    def calls(self) -> list[dict[str, Any]]:
        """All calls, whole."""
        calls: list[dict[str, Any]] = self.get("/me/calls?fields=*").json["calls"]  # type: ignore[index]
        return calls

    def call(self) -> dict[str, Any]:
        """The one call."""
        (call,) = self.calls()
        return call

    def does(self, call_id: str, operation: str, **parameters: Any) -> TestResponse:
        """POST an operation on a call."""
        return self.post(f"/me/calls/{call_id}", {"operationName": operation, **parameters})

    def post(self, path: str, body: Mapping[str, Any]) -> TestResponse:
        return self._client.post(f"/api/v2{path}", json=body)


def basic(name: str, password: str = "demo") -> dict[str, str]:
    """The header of Basic credentials."""
    return {"Authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


def refused(response: TestResponse, code: int, http: int = 400) -> bool:
    """A refusal is its code and a text, and its HTTP status agrees."""
    assert response.status_code == http, response.json
    assert response.json is not None
    assert set(response.json) == {"statusCode", "statusMessage"}
    assert response.json["statusCode"] == code
    assert isinstance(response.json["statusMessage"], str)
    return True
