"""From a webhook to the notification at the agent's desktop, with all agents connected by Bayeux long polling; and what an idle
agent costs in memory."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.load import Line, percentile, request_bytes
from tests.benchmarks.world import CONTROLLER, Agent, Served, World, hold_event, served

_ENDPOINT = "/api/v2/notifications"
_SENDERS = 8
_AT_ONCE = 50
_PATIENCE = 10.0


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


def measure(world: World, workers: int, first: int, events: int, per_second: float) -> Notifications:
    """Connect every agent, then send ``events`` webhooks for each, beginning with its session's ``first``-th, at a steady rate."""
    with served(CONTROLLER, world.url, WEB_CONCURRENCY=str(workers)) as server:
        return asyncio.run(_measure(world, server, range(first, first + events), per_second))


async def _measure(world: World, server: Served, numbers: range, per_second: float) -> Notifications:
    await _warm(server)
    before = server.memory_kib()
    desktops = await _connected(server.port, world.agents)
    polls = [asyncio.create_task(desktop.listen()) for desktop in desktops]
    await asyncio.sleep(1.0)  # every poll is on its way and held
    held = server.memory_kib()
    webhooks = [
        (desktop, hold_event(server.port, session, number))
        for number in numbers
        for desktop, session in zip(desktops, world.sessions, strict=True)
    ]
    await _send(server.port, webhooks, per_second)
    deadline = time.monotonic() + _PATIENCE
    while any(desktop.sent for desktop in desktops) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    for poll in polls:
        poll.cancel()
    ended = await asyncio.gather(*polls, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended
    times = [one for desktop in desktops for one in desktop.times]
    return Notifications(
        p50=percentile(times, 0.5) * 1000,
        p99=percentile(times, 0.99) * 1000,
        sent=len(webhooks),
        lost=sum(len(desktop.sent) for desktop in desktops),
        doubled=sum(desktop.unexpected for desktop in desktops),
        kib_per_agent=(held - before) / len(desktops),
    )


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


async def _send(port: int, webhooks: list[tuple[Desktop, bytes]], per_second: float) -> None:
    """Send the webhooks at their times whatever the answers do, as the provider does: a slow answer holds up only its own lane."""
    began = time.perf_counter()
    due = [(began + position / per_second, *webhook) for position, webhook in enumerate(webhooks)]

    async def lane(mine: list[tuple[float, Desktop, bytes]]) -> None:
        line = await Line.open(port)
        for at, desktop, request in mine:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            desktop.sent.append(time.perf_counter())
            await line.ask(request)
        line.close()

    await asyncio.gather(*(lane(due[sender::_SENDERS]) for sender in range(_SENDERS)))
