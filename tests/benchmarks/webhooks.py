"""(a) Signed conference webhooks per second with full state change, next to the floor: the same server settings, only the signature."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import requests
from twilio.request_validator import RequestValidator

from app.core import facts as f
from app.core.apply import apply
from app.core.opening import open_inbound
from app.core.session import Party, Policy, Session
from app.store import demo, sessions
from app.store.engine import open_engine
from app.store.migrate import migrate
from tests.benchmarks.load import Measured, request_bytes, run
from tests.support.processes import PROJECT_ROOT, free_port

TOKEN, ACCOUNT = "bench" * 6, "AC" + "0" * 32
_LANES = 16


def talking(number: int, agent: Party) -> Session:
    """Return a session in which a customer and an agent talk."""
    opened = open_inbound(
        session_id=f"{number:024x}",
        number=number,
        account_id=demo.MAIN,
        line="+15550001001",
        call_sid=f"CA{number:032x}",
        caller=Party("+15550100001", "+15550100001"),
        queue=None,
        candidates=[agent],
        now=1.0,
        policy=Policy(),
    ).session
    conference = f"CF{number:032x}"
    facts = [
        f.LegJoined(f"CA{number:032x}", opened.customer.id, conference, 1),
        f.LegCreated(opened.legs[1].id, f"CB{number:032x}", conference),
        f.CallProgressed(f"CB{number:032x}", "in-progress", opened.legs[1].id),
        f.LegJoined(f"CB{number:032x}", opened.legs[1].id, conference, 2),
    ]
    session = opened
    for fact in facts:
        session = apply(session, fact, 2.0, Policy()).session
    return session


def hold_events(port: int, session: Session, count: int) -> list[bytes]:
    """Return signed hold and un-hold events of a session's customer, in turn: each changes the session and tells its agent."""
    path = f"/webhooks/twilio/sessions/{session.id}/conference"
    validator, events = RequestValidator(TOKEN), []
    for seq in range(count):
        parameters = {
            "ConferenceSid": session.conference_sid or "",
            "FriendlyName": session.conference_name,
            "AccountSid": ACCOUNT,
            "SequenceNumber": str(seq + 10),
            "Timestamp": "Sat, 21 Nov 2026 12:00:00 +0000",
            "StatusCallbackEvent": "participant-hold" if seq % 2 == 0 else "participant-unhold",
            "CallSid": session.customer.call_sid or "",
            "ParticipantLabel": session.customer.id,
            "Muted": "false",
            "Hold": "true" if seq % 2 == 0 else "false",
            "Coaching": "false",
            "EndConferenceOnExit": "false",
            "StartConferenceOnEnter": "true",
        }
        signature = validator.compute_signature(f"http://127.0.0.1:{port}{path}", parameters)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        events.append(request_bytes("POST", path, headers, urlencode(parameters).encode()))
    return events


def prepare(url: str, agents: int, per_agent: int) -> list[Session]:
    """Make a store with ``agents`` agents on ``per_agent`` calls each."""
    engine = open_engine(url)
    migrate(engine)
    made = []
    with engine.begin() as connection:
        demo.seed(connection, 1.0)
        for number in range(1, agents * per_agent + 1):
            name = f"agent{number % agents}"
            session = talking(
                number, Party(f"client:{name}", name, f"{number % agents:024x}", str(5000 + number % agents))
            )
            sessions.add(connection, session)
            made.append(session)
    engine.dispose()
    return made


@contextmanager
def served(application: str, port: int, environment: dict[str, str]) -> Iterator[None]:
    """Serve an ASGI application by the controller's own gunicorn settings."""
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application]
    settings = {
        **os.environ,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": "http://127.0.0.1:9",  # nothing is asked of the provider in a benchmark
        "RECONCILE_SECONDS": "100000",
        "HOLD_REMINDER_SECONDS": "100000",
        "HOLD_LIMIT_SECONDS": "100000",
        "LOG_LEVEL": "ERROR",
        **environment,
    }
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=settings)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except requests.ConnectionError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def measure(application: str, database_url: str, made: list[Session], count: int) -> Measured:
    """Send ``count`` events to each of the sessions, over a few connections."""
    port = free_port()
    lanes: list[list[bytes]] = [[] for _ in range(_LANES)]
    for position, session in enumerate(made):
        lanes[position % _LANES] += hold_events(port, session, count)
    with served(application, port, {"DATABASE_URL": database_url}):
        run(port, [lane[:10] for lane in lanes])  # warm
        return run(port, [lane[10:] for lane in lanes])


def main() -> None:
    """Print the ratio, from alternating runs."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    url = sys.argv[2] if len(sys.argv) > 2 else None
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as directory:
            database = url or f"sqlite:///{Path(directory)}/bench.sqlite"
            made = prepare(database, agents=32, per_agent=1)
            floor = measure("tests.benchmarks.floor:app", database, made, 150)
            full = measure("app.asgi:create_application()", database, made, 150)
        print(
            f"floor {floor.per_second:7.0f}/s   full {full.per_second:7.0f}/s   ratio {full.per_second / floor.per_second:.2f}"
            f"   full p50 {full.percentile(0.5) * 1000:.1f} ms p99 {full.percentile(0.99) * 1000:.1f} ms"
        )


if __name__ == "__main__":
    main()
