"""The Call API on Flask's test client, over small hand-written stand-ins for what lies behind it.

The stand-in of the session control decides by the real rules of the core, so states are judged as in the product; it has no provider,
so nothing changes. How calls really go is told in the stories, on the simulator.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.control.directory import Limits
from app.core.commands import Command
from app.core.decide import decide
from app.core.errors import (
    DestinationInvalid,
    HookflashError,
    LimitExceeded,
    MediaNotFound,
    SessionNotFound,
    TextTooLong,
)
from app.core.people import ApiKey, User
from app.core.session import Message, Party, Session
from app.dialects.call_api.auth import BASIC, COMPONENTS
from app.dialects.call_api.routes import blueprint
from tests.dialects.call_api.sessions import ACCOUNT, ALICE, BOB, OTHER_ACCOUNT, STARTED
from tests.support.no_keys import NoKeys

NOW = STARTED + 60
KEY = "key-with-everything"


@dataclass
class Clock:
    """Stands at NOW."""

    def now(self) -> float:
        return NOW


@dataclass
class Settings:
    """The one setting the dialect reads."""

    call_api_points_per_day: int = 1000


@dataclass
class Messages:
    """Knows media 2034; texts to speak have 20 characters at most."""

    def checked(self, kind: str, value: str, account_id: str) -> Message:
        if kind == "media" and value != "2034":
            raise MediaNotFound(media_id=value)
        if kind == "tts" and len(value) > 20:
            raise TextTooLong(limit=20, length=len(value))
        return Message(kind, value)


@dataclass
class Control:
    """Sessions by number. ``commands`` are those that were carried out; ``fails_with`` is raised by the next one."""

    sessions: list[Session] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    fails_with: Exception | None = None

    def session_by_number(self, number: int) -> Session:
        for session in self.sessions:
            if session.number == number:
                return session
        raise SessionNotFound

    def live_sessions(self, account_ids: Sequence[str] | None) -> list[Session]:
        return [s for s in self.sessions if s.open and (account_ids is None or s.account_id in account_ids)]

    def run(self, session_id: str, command: Command) -> Session:
        if self.fails_with is not None:
            raise self.fails_with
        session = next(session for session in self.sessions if session.id == session_id)
        decision = decide(session, command, NOW)
        self.commands.append(command)
        return decision.session


def _user(party: Party, employee_id: int) -> User:
    assert party.user_id is not None
    return User(
        party.user_id,
        ACCOUNT,
        party.name.lower(),
        party.name,
        ("User",),
        "device",
        "person",
        party.dn,
        party.address,
        employee_id,
    )


class Directory:
    """Alice (password ``demo``), bob, five keys, and points."""

    def __init__(self) -> None:
        self.people = [_user(ALICE, 1), _user(BOB, 2)]
        self.keys = {
            KEY: ApiKey("d1", ACCOUNT, "active", COMPONENTS, 150),
            "key-expired": ApiKey("d2", ACCOUNT, "expired", COMPONENTS, 150),
            "key-blocked": ApiKey("d3", ACCOUNT, "blocked", COMPONENTS, 150),
            "key-basic": ApiKey("d4", ACCOUNT, "active", (BASIC,), 150),
            "key-two-points": ApiKey("d5", ACCOUNT, "active", COMPONENTS, 2),
            "key-elsewhere": ApiKey("d6", OTHER_ACCOUNT, "active", COMPONENTS, 150),
        }
        self.logins: dict[str, User] = {}
        self.spent: dict[str, int] = {}

    def check_password(self, name: str, password: str) -> User | None:
        return next((user for user in self.people if user.name == name and password == "demo"), None)

    def users(self, account_ids: Sequence[str] | None) -> list[User]:
        return [user for user in self.people if account_ids is None or user.account_id in account_ids]

    def open_login(self, realm: str, user: User, seconds: float) -> str:
        token = f"session{len(self.logins)}"
        self.logins[token] = user
        return token

    def login(self, realm: str, token: str) -> User | None:
        return self.logins.get(token)

    def close_login(self, realm: str, token: str) -> None:
        self.logins.pop(token, None)

    def api_key(self, token: str) -> ApiKey | None:
        return self.keys.get(token)

    def destination(self, text: str, account_id: str) -> Party:
        known = {"1001": ALICE, "1002": BOB, "15550100009": Party("+15550100009", "+15550100009")}
        if text not in known:
            raise DestinationInvalid
        return known[text]

    def spend_points(self, owner: str, account_id: str, per_minute: int, per_day: int, cost: int) -> Limits:
        used = self.spent.get(owner, 0) + cost
        if used > per_minute:
            raise LimitExceeded(limit_type="minute", limit=per_minute)
        self.spent[owner] = used
        return Limits(per_minute, per_minute - used, 42, per_day, per_day - used, 3600)


@dataclass(frozen=True)
class Services:
    """What a dialect is given."""

    control: Control
    directory: Directory
    messages: Messages
    replays: NoKeys
    clock: Clock
    settings: Settings


class World:
    """A served Call API and the hands to use it."""

    def __init__(self, *sessions: Session) -> None:
        self.control = Control(list(sessions))
        self.directory = Directory()
        flask = Flask(__name__)
        services = Services(self.control, self.directory, Messages(), NoKeys(), Clock(), Settings())
        flask.register_blueprint(blueprint(services))  # type: ignore[arg-type]
        self.http: FlaskClient = flask.test_client()

    def send(self, body: bytes, status: int = 200) -> dict[str, Any]:
        """Post a body as it is and return the answer, which must be strict JSON with this HTTP status."""
        reply = self.http.post("/v4.0", data=body, content_type="application/json")
        assert (reply.status_code, reply.mimetype) == (status, "application/json")
        answer: dict[str, Any] = json.loads(reply.data.decode("utf-8"))
        return answer

    def ask(self, method: str, /, token: str | None = KEY, **params: Any) -> dict[str, Any]:
        """Ask for a method, with id ``req1``."""
        key = {} if token is None else {"access_token": token}
        envelope = {"jsonrpc": "2.0", "id": "req1", "method": method, "params": {**key, **params}}
        return self.send(json.dumps(envelope).encode())

    def data(self, method: str, /, token: str | None = KEY, **params: Any) -> Any:
        """Ask, and return the data of what must be a success."""
        answer = self.ask(method, token, **params)
        assert "error" not in answer, answer
        return answer["result"]["data"]

    def refusal(self, method: str, /, token: str | None = KEY, **params: Any) -> tuple[int, str, str | None]:
        """Ask, and return code, mnemonic and field of what must be an error."""
        return told(self.ask(method, token, **params))

    def fail_next(self, error: HookflashError | Exception) -> None:
        """Let every command end so from now on."""
        self.control.fails_with = error


def told(answer: dict[str, Any]) -> tuple[int, str, str | None]:
    """Return code, mnemonic and field of an error."""
    error = answer["error"]
    return error["code"], error["data"]["mnemonic"], error["data"]["field"]
