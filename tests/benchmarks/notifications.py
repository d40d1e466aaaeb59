"""From a webhook to the notification at the agent's desktop, with all agents connected by Bayeux long polling; and what an idle
agent costs in memory."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.load import Line, percentile, request_bytes
from tests.benchmarks.world import CONTROLLER, Agent, Served, World, hold_event, served

_ENDPOINT = "/api/v2/notifications"
_SENDERS = 8
_AT_ONCE = 50
_PATIENCE = 10.0
_SETTLING = 2.0  # seconds for the last polls to be on their way and held


@dataclass(frozen=True)
class Notifications:
    """What was seen. Times in milliseconds from sending the webhook; ``lost`` and ``doubled`` count notifications;
    ``kib_per_agent`` is the growth of the workers' memory per held poll."""

    p50: float
    p99: float
    sent: int
    lost: int
    doubled: int
    kib_per_agent: float


@dataclass
class Desktop:
    """One agent's notification client: the moments at which webhooks about her call were sent, and at which she was told."""

    agent: Agent
    line: Line
    client_id: str = ""
    sent: deque[float] = field(default_factory=deque)
    times: list[float] = field(default_factory=list)
    unexpected: int = 0

    async def begin(self) -> None:
        """Shake hands and subscribe to everything."""
        hands = {"version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        self.client_id = (await self._ask("/meta/handshake", **hands))[-1]["clientId"]
        await self._ask("/meta/connect", connectionType="long-polling", advice={"timeout": 0})
        await self._ask("/meta/subscribe", subscription="/v2/me/*")

    async def listen(self) -> None:
        """Poll until cancelled."""
        while True:
            messages = await self._ask("/meta/connect", connectionType="long-polling")
            now = time.perf_counter()
            for _ in (message for message in messages if "data" in message):
                if self.sent:
                    self.times.append(now - self.sent.popleft())
                else:
                    self.unexpected += 1

    async def _ask(self, channel: str, **fields: Any) -> list[dict[str, Any]]:
        message = {"id": "1", "channel": channel, "clientId": self.client_id, **fields}
        headers = {"Content-Type": "application/json", "Cookie": f"JSESSIONID={self.agent.token}"}
        body = await self.line.ask(request_bytes("POST", _ENDPOINT, headers, json.dumps([message]).encode()))
        replies: list[dict[str, Any]] = json.loads(body)
        assert replies[-1]["successful"] is True, replies
        return replies


Webhook = tuple[int, Desktop, bytes]
"""A port, the desktop that is to hear of it, and the request."""


@dataclass(frozen=True)
class Office:
    """All desktops of one world, connected to its server."""

    world: World
    server: Served
    desktops: list[Desktop]
    kib_per_agent: float

    def webhooks(self, number: int) -> list[Webhook]:
        """Return every session's ``number``-th event, with the desktop that is to hear of it."""
        pairs = zip(self.desktops, self.world.sessions, strict=True)
        return [
            (self.server.port, desktop, hold_event(self.server.port, session, number)) for desktop, session in pairs
        ]

    def heard(self) -> Notifications:
        """Return what the desktops have heard."""
        times = [one for desktop in self.desktops for one in desktop.times]
        lost = sum(len(desktop.sent) for desktop in self.desktops)
        return Notifications(
            p50=percentile(times, 0.5) * 1000,
            p99=percentile(times, 0.99) * 1000,
            sent=len(times) + lost,
            lost=lost,
            doubled=sum(desktop.unexpected for desktop in self.desktops),
            kib_per_agent=self.kib_per_agent,
        )


def measure(worlds: Mapping[str, World], workers: int, number: int, per_second: float) -> dict[str, Notifications]:
    """Connect every agent of every world, then send each session's ``number``-th event, the worlds in turn, at a steady rate
    altogether; by world."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(served(CONTROLLER, world.url, WEB_CONCURRENCY=str(workers)))
            for name, world in worlds.items()
        }
        return asyncio.run(_measure(worlds, servers, number, per_second))


async def _measure(
    worlds: Mapping[str, World], servers: Mapping[str, Served], number: int, per_second: float
) -> dict[str, Notifications]:
    polls: list[asyncio.Task[None]] = []
    offices = {name: await _open(world, servers[name], polls) for name, world in worlds.items()}
    turns = zip(*(office.webhooks(number) for office in offices.values()), strict=True)
    await _send([webhook for turn in turns for webhook in turn], per_second)
    deadline = time.monotonic() + _PATIENCE
    waiting = [desktop for office in offices.values() for desktop in office.desktops]
    while any(desktop.sent for desktop in waiting) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    for poll in polls:
        poll.cancel()
    ended = await asyncio.gather(*polls, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended
    return {name: office.heard() for name, office in offices.items()}


async def _open(world: World, server: Served, polls: list[asyncio.Task[None]]) -> Office:
    """Connect a world's agents; memory is read before the first and when the last one's poll is held."""
    await _warm(server)
    before = server.memory_kib()
    desktops = await _connected(server.port, world.agents)
    polls += [asyncio.create_task(desktop.listen()) for desktop in desktops]
    await asyncio.sleep(_SETTLING)
    return Office(world, server, desktops, (server.memory_kib() - before) / len(desktops))


async def _warm(server: Served) -> None:
    """Have each worker load what it loads at its first requests."""
    lines = [await Line.open(server.port) for _ in range(20)]
    for line in lines:
        await line.ask(request_bytes("GET", "/healthz", {}))
        line.close()


async def _connected(port: int, agents: Iterable[Agent]) -> list[Desktop]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def connect(agent: Agent) -> Desktop:
        async with gate:
            desktop = Desktop(agent, await Line.open(port))
            await desktop.begin()
            return desktop

    return list(await asyncio.gather(*(connect(agent) for agent in agents)))


async def _send(webhooks: list[Webhook], per_second: float) -> None:
    """Send the webhooks at their times whatever the answers do, as the provider does: a slow answer holds up only its own lane."""
    began = time.perf_counter()

    async def lane(number: int) -> None:
        lines: dict[int, Line] = {}
        for position in range(number, len(webhooks), _SENDERS):
            port, desktop, request = webhooks[position]
            line = lines[port] = lines.get(port) or await Line.open(port)
            await asyncio.sleep(max(0.0, began + position / per_second - time.perf_counter()))
            desktop.sent.append(time.perf_counter())
            await line.ask(request)
        for line in lines.values():
            line.close()

    await asyncio.gather(*(lane(number) for number in range(_SENDERS)))
