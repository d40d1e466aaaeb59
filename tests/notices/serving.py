"""The sample application as real processes, and a plain HTTP client that speaks Bayeux by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import requests
from sqlalchemy import select

from app.store.engine import open_engine
from app.store.tables import bayeux_session
from tests.support.processes import RunningProcess, free_port, running
from tests.support.waiting import until

BASE = "/api/v2/notifications"
SERVERS = ("gunicorn", "uvicorn")


@dataclass
class Site:
    """A running sample application: its master process, its address, its store, how many workers it is to have."""

    process: RunningProcess
    base_url: str
    store_url: str
    count: int

    def connects_seen(self, client_id: str) -> int:
        """How many connects of the session have arrived, on any process."""
        engine = open_engine(self.store_url)
        with engine.connect().execution_options(read_only=True) as connection:
            generation = select(bayeux_session.c.generation).where(bayeux_session.c.id == client_id)
            seen: int = connection.execute(generation).scalar_one()
        engine.dispose()
        return seen

    def workers(self) -> list[int]:
        """The ids of the worker processes that live."""
        return [child.pid for child in psutil.Process(self.process.process.pid).children() if _serves(child)]

    def wait_until_all_serve(self) -> None:
        """Wait until a successor serves in the place of each killed worker: gunicorn cannot stop one that is just being born."""
        seen: set[int] = set()

        def all_seen() -> bool:
            seen.add(requests.get(f"{self.base_url}/pid", timeout=5).json())
            return len(seen.intersection(self.workers())) == self.count

        until(all_seen, 15.0, "every worker answers")


def _serves(child: psutil.Process) -> bool:
    try:
        return child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(child.cmdline())
    except psutil.NoSuchProcess:  # it ended between being listed and being looked at
        return False


@contextmanager
def serving(store_url: str, server: str = "gunicorn", workers: int = 2, **environment: str) -> Iterator[Site]:
    """The sample application on ``workers`` processes of ``server``, on a free port."""
    port = free_port()
    commands = {
        "gunicorn": [
            "gunicorn",
            "-c",
            "python:tests.notices.gunicorn_conf",
            "-b",
            f"127.0.0.1:{port}",
            "-w",
            str(workers),
        ],
        "uvicorn": ["uvicorn", "--port", str(port), "--workers", str(workers)],
    }
    command = [sys.executable, "-m", *commands[server], "tests.notices.sample_app:app"]
    base_url = f"http://127.0.0.1:{port}"
    with running(server, command, base_url, {"DATABASE_URL": store_url, **environment}, "/pid") as process:
        yield Site(process, base_url, store_url, workers)


def publish(base_url: str, *entries: tuple[str, str, dict[str, Any]]) -> list[int]:
    """Write notices (user, channel, data) as one change; returns their numbers."""
    numbers: list[int] = requests.post(f"{base_url}/publish", json=entries, timeout=20).json()
    return numbers


@dataclass
class BayeuxClient:
    """One Bayeux client by hand. ``fresh`` connections land on any worker; ids count up as real clients' do."""

    base_url: str
    user: str = "alice"
    ack: bool = False
    client_id: str = ""
    acknowledges: int = 0
    sent: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.base_url + BASE

    @property
    def credentials(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.user}"} if self.user else {}

    def post(self, *messages: dict[str, Any], timeout: float = 30.0) -> requests.Response:
        """Send messages, each with an id and the client id, on a connection of its own."""
        complete = []
        for message in messages:
            self.sent += 1
            complete.append({"id": str(self.sent), "clientId": self.client_id} | message)
        return requests.post(self.url, data=json.dumps(complete), headers=self.credentials, timeout=timeout)

    def ask(self, *messages: dict[str, Any]) -> list[dict[str, Any]]:
        """Send messages and return the replies, which must come with status 200 and not be empty."""
        response = self.post(*messages)
        assert response.status_code == 200, response.text
        replies: list[dict[str, Any]] = response.json()
        assert replies
        return replies

    def shake_hands(self) -> BayeuxClient:
        """Handshake and the first connect."""
        wish = {"ext": {"ack": True}} if self.ack else {}
        offer = {"version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        (reply,) = self.ask({"channel": "/meta/handshake", **offer, **wish})
        assert reply["successful"], reply
        self.client_id = reply["clientId"]
        self.acknowledges = 0
        self.connect()
        return self

    def subscribe(self, subscription: str | list[str] = "/v2/me/*") -> BayeuxClient:
        """Subscribe, which must succeed."""
        (reply,) = self.ask({"channel": "/meta/subscribe", "subscription": subscription})
        assert reply["successful"], reply
        return self

    def connect(self, **fields: Any) -> list[dict[str, Any]]:
        """One poll: returns all messages of the reply and keeps the events' data in ``received``."""
        ack = {"ext": {"ack": self.acknowledges}} if self.ack else {}
        request = {"channel": "/meta/connect", "connectionType": "long-polling", **ack, **fields}
        messages = self.ask(request)
        self.received += [message["data"] for message in messages if "data" in message]
        for message in messages:
            if message["channel"] == "/meta/connect" and self.ack and message["successful"]:
                self.acknowledges = message["ext"]["ack"]
        return messages

    def connect_later(self, pool: ThreadPoolExecutor) -> Future[list[dict[str, Any]]]:
        """Start a poll in the background."""
        return pool.submit(self.connect)

    def disconnect(self) -> dict[str, Any]:
        """End the session."""
        (reply,) = self.ask({"channel": "/meta/disconnect"})
        return reply
