"""The whole product as a user starts it: simulator and controller by the command of ``make run``, on their own ports and store."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.processes import RunningProcess, free_port, running
from tests.support.stores import new_database
from tests.support.twilio_side import Simulator
from tests.support.waiting import until


@dataclass
class Product:
    """A running product. ``url`` is the controller's address without a slash at the end."""

    url: str
    simulator: Simulator
    process: RunningProcess
    database_url: str

    def sessions(self) -> list[dict[str, Any]]:
        """Every live session, as a program's view of all dialects' sessions: by the Evo Voice list of an administrator."""
        answer = requests.get(
            f"{self.url}/sessions", params={"all": "true", "countPerPage": "1000"}, auth=("admin", "demo"), timeout=10
        )
        return [session for session in answer.json()["items"] if not session["ended"]]

    def given_talk(self, line: str = "+15550001001", agent: str = "client:alice", caller: str = "+15550100001") -> Talk:
        """A customer has called ``line``, ``agent`` has answered, and the two hear each other."""
        customer = self.simulator.place_call(caller, line)
        leg = self.simulator.ringing(agent)
        self.simulator.answer(leg)
        until(lambda: self.simulator.hearing(customer).others == {leg}, what="the customer hears the agent")
        session = until(
            lambda: next(
                (one for one in self.sessions() if one["callSid"] == customer and one["callState"] == "Connected"), None
            ),
            what="the session is connected",
        )
        return Talk(session["id"], customer, leg)

    def settle(self) -> None:
        """Everybody hangs up; the controller has no open session any more and the simulator is as new."""
        self.simulator.reset()
        until(lambda: not self.sessions(), within=10.0, what="no session is left open")


@dataclass
class Talk:
    """A session in which a customer and an agent talk: the session's id (Evo Voice) and the CallSids of the two legs."""

    session_id: str
    customer: str
    agent: str


@contextmanager
def running_product(directory: Path | None = None, **environment: str) -> Iterator[Product]:
    """The product, ready to take calls. Keyword arguments are further settings, such as RING_SECONDS="2"."""
    with tempfile.TemporaryDirectory(prefix="hookflash-") as own:
        settings = {
            "PORT": str(free_port()),
            "SIMULATOR_PORT": str(free_port()),
            "DATABASE_URL": f"sqlite:///{directory or own}/hookflash.sqlite",
            **environment,
        }
        url = f"http://127.0.0.1:{settings['PORT']}"
        with running("product", [sys.executable, "-m", "app.demo"], url, settings, "/healthz") as process:
            simulator = Simulator(f"http://127.0.0.1:{settings['SIMULATOR_PORT']}")
            try:
                yield Product(url, simulator, process, settings["DATABASE_URL"])
            finally:
                simulator.close()


@contextmanager
def product_on(store: str, request: pytest.FixtureRequest, **environment: str) -> Iterator[Product]:
    """The product on a store of its own: ``sqlite``, or ``postgresql`` on the server of the test run."""
    if store == "postgresql":
        environment["DATABASE_URL"] = new_database(request.getfixturevalue("postgres"))
    with running_product(**environment) as product:
        yield product
