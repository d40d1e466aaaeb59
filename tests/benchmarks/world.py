"""What is measured on: a store with agents on calls, and the controller served by its own gunicorn settings."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Connection, insert
from twilio.request_validator import RequestValidator
from werkzeug.security import generate_password_hash

from app.core.session import Party, Session
from app.store import demo, people, sessions
from app.store import tables as t
from app.store.engine import open_engine
from app.store.fill import fill
from app.store.migrate import migrate
from tests.benchmarks.load import request_bytes
from tests.support.processes import free_port, running
from tests.support.sessions import talking
from tests.support.stores import new_database, postgres_server

TOKEN, ACCOUNT = "bench" * 6, "AC" + "0" * 32
PASSWORD = "demo"
CONTROLLER = "app.asgi:create_application()"
_EVENTS = ("participant-hold", "participant-unhold")


@dataclass(frozen=True)
class Agent:
    """A user of the store, and the token of her log-in to the workspace API."""

    party: Party
    token: str


@dataclass(frozen=True)
class World:
    """A store at ``url`` in which each agent talks with a customer: agents and sessions in the same order."""

    url: str
    agents: tuple[Agent, ...]
    sessions: tuple[Session, ...]

    def part(self, first: int, count: int) -> World:
        """Return the same store with only some of its agents and their calls, so that two benchmarks do not share any."""
        return World(self.url, self.agents[first : first + count], self.sessions[first : first + count])


@contextmanager
def world(kind: str, calls: int, ended: int = 0) -> Iterator[World]:
    """Make a store (``sqlite`` or ``postgres``) with so many calls going on and, beside them, so many ended sessions."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        if kind == "sqlite":
            yield _stocked(f"sqlite:///{Path(directory) / 'bench.sqlite'}", calls, ended)
        else:
            with postgres_server() as server:
                yield _stocked(new_database(server), calls, ended)


def _stocked(url: str, calls: int, ended: int) -> World:
    engine = open_engine(url)
    migrate(engine)
    with engine.begin() as connection:
        demo.seed(connection, time.time())
    if ended:
        fill(engine, ended, time.time())
    with engine.begin() as connection:
        agents = _add_agents(connection, calls)
        first = sessions.next_number(connection, count=calls) - calls + 1
        made = tuple(talking(first + n, agent.party) for n, agent in enumerate(agents))
        for session in made:
            sessions.add(connection, session)
    engine.dispose()
    return World(url, agents, made)


def _add_agents(connection: Connection, count: int) -> tuple[Agent, ...]:
    parties = [Party(f"client:agent{n}", f"agent{n}", f"{n:024x}", str(50_000 + n)) for n in range(1, count + 1)]
    hashed = generate_password_hash(PASSWORD)
    connection.execute(insert(t.user), [_user(n, party, hashed) for n, party in enumerate(parties, 1)])
    agents = tuple(Agent(party, f"benchmark-token-{party.name}") for party in parties)
    now = time.time()
    for agent in agents:
        digest = hashlib.sha256(agent.token.encode()).hexdigest()
        people.open_login(connection, "workspace", digest, str(agent.party.user_id), now, now + 86_400)
    return agents


def _user(n: int, party: Party, password_hash: str) -> dict[str, object]:
    return {
        "id": party.user_id,
        "account_id": demo.MAIN,
        "name": party.name,
        "display_name": party.name,
        "password_hash": password_hash,
        "roles": json.dumps(["User"]),
        "dn": party.dn,
        "softphone": party.address,
        "employee_id": 1000 + n,
        "device_id": str(UUID(int=n)),
        "person_id": f"{n:032x}",
        "ready_since": None,
    }


def hold_event(port: int, session: Session, number: int) -> bytes:
    """Return a session's signed ``number``-th event (from 0): its customer is held and released in turn. Each changes the session and
    tells its agent."""
    path = f"/webhooks/twilio/sessions/{session.id}/conference"
    parameters = {
        "ConferenceSid": session.conference_sid or "",
        "FriendlyName": session.conference_name,
        "AccountSid": ACCOUNT,
        "SequenceNumber": str(number + 10),
        "Timestamp": "Sat, 21 Nov 2026 12:00:00 +0000",
        "StatusCallbackEvent": _EVENTS[number % 2],
        "CallSid": session.customer.call_sid or "",
        "ParticipantLabel": session.customer.id,
        "Muted": "false",
        "Hold": "true" if number % 2 == 0 else "false",
        "Coaching": "false",
        "EndConferenceOnExit": "false",
        "StartConferenceOnEnter": "true",
    }
    signature = RequestValidator(TOKEN).compute_signature(f"http://127.0.0.1:{port}{path}", parameters)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
    return request_bytes("POST", path, headers, urlencode(parameters).encode())


def settings(url: str, port: int, provider: str = "http://127.0.0.1:9") -> dict[str, str]:
    """Return the controller's environment. No rule of time and no reconciliation disturbs what is measured."""
    return {
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": provider,
        "RECONCILE_SECONDS": "1000000",
        "HOLD_REMINDER_SECONDS": "1000000",
        "HOLD_LIMIT_SECONDS": "1000000",
        "LOG_LEVEL": "ERROR",
    }


@dataclass(frozen=True)
class Served:
    """A server under measurement: where it listens, and its worker processes."""

    port: int
    master: int

    def cpu_seconds(self) -> float:
        """Return the processor time its workers have used."""
        return sum(_cpu_ticks(pid) for pid in self._workers()) / 100

    def memory_kib(self) -> int:
        """Return its workers' proportional set size: their memory, with what they share counted once."""
        return sum(_pss(pid) for pid in self._workers())

    def _workers(self) -> Sequence[int]:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return [int(pid) for pid in children.split()]


@contextmanager
def served(application: str, url: str, **extra: str) -> Iterator[Served]:
    """Serve an application by the controller's own gunicorn settings."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application]
    environment = {**settings(url, port), **extra}
    with running("server", command, f"http://127.0.0.1:{port}", environment, "/healthz") as process:
        try:
            yield Served(port, process.process.pid)
        except AssertionError:
            print(process.printed()[-4000:], file=sys.stderr)  # why it answered what it did
            raise


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _pss(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
