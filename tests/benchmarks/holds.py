"""From a client's hold command to the provider's request arriving: how long a customer goes on hearing what was not meant for them."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from app.core.ids import call_uuid
from app.core.session import Session
from tests.benchmarks.load import Line, request_bytes
from tests.benchmarks.world import CONTROLLER, PASSWORD, Agent, Served, World, served
from tests.support.processes import free_port

Command = Callable[[Session, Agent, bool], bytes]


def evo_voice(session: Session, agent: Agent, held: bool) -> bytes:
    """Hold or retrieve by Evo Voice, as the agent."""
    credentials = base64.b64encode(f"{agent.party.name}:{PASSWORD}".encode()).decode()
    body = json.dumps({"callState": "Hold" if held else "Connected"}).encode()
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Authorization": f"Basic {credentials}",
    }
    return request_bytes("PATCH", f"/sessions/{session.id}", headers, body)


def call_api(session: Session, _agent: Agent, held: bool) -> bytes:
    """Hold or retrieve by the Call API, as a program with a key."""
    params: dict[str, object] = {"access_token": "demo-access-token", "call_session_id": session.number}
    if held:
        params["contact_message"] = {"type": "tts", "value": "One moment"}
    message = {"jsonrpc": "2.0", "id": 1, "method": "hold.call" if held else "unhold.call", "params": params}
    return request_bytes("POST", "/v4.0", {"Content-Type": "application/json"}, json.dumps(message).encode())


def workspace(session: Session, agent: Agent, held: bool) -> bytes:
    """Hold or retrieve by the workspace API, as the agent's desktop."""
    operation = json.dumps({"operationName": "Hold" if held else "Retrieve"}).encode()
    headers = {"Content-Type": "application/json", "Cookie": f"JSESSIONID={agent.token}"}
    return request_bytes(
        "POST", f"/api/v2/me/calls/{call_uuid(session.number, session.legs[1].view)}", headers, operation
    )


class Provider:
    """As much of Twilio as a hold needs: it confirms every participant's update and notes when a hold was asked for."""

    def __init__(self) -> None:
        self.held_at: dict[str, float] = {}

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Answer on a port of this machine."""
        application = web.Application()
        application.router.add_post(
            "/2010-04-01/Accounts/{account}/Conferences/{sid}/Participants/{call}.json", self._update
        )
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield
        finally:
            await runner.cleanup()

    async def _update(self, request: web.Request) -> web.Response:
        call_sid = request.match_info["call"]
        arrived = time.perf_counter()
        held = str((await request.post()).get("Hold")).lower() == "true"
        if held:
            self.held_at[call_sid] = arrived
        return web.json_response({"call_sid": call_sid, "conference_sid": request.match_info["sid"], "hold": held})


def measure(worlds: Mapping[str, World], command: Command, count: int, lanes: int) -> dict[str, list[float]]:
    """Hold and retrieve ``count`` times in each world, the worlds and their sessions in turn, ``lanes`` at once.

    Return each hold's seconds to the provider, by world.
    """
    port = free_port()
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(served(CONTROLLER, world.url, TWILIO_API_URL=f"http://127.0.0.1:{port}"))
            for name, world in worlds.items()
        }
        return asyncio.run(_measure(worlds, servers, command, port, count, lanes))


async def _measure(
    worlds: Mapping[str, World],
    servers: Mapping[str, Served],
    command: Command,
    provider_port: int,
    count: int,
    lanes: int,
) -> dict[str, list[float]]:
    provider, found = Provider(), {name: list[float]() for name in worlds}

    async def lane(number: int) -> None:
        desks = {
            name: Desk(provider, command, await Line.open(servers[name].port), _calls(world)[number::lanes])
            for name, world in worlds.items()
        }
        for desk in desks.values():
            await desk.warm()
        for position in range(count // lanes):
            for name, desk in desks.items():
                found[name].append(await desk.hold_and_retrieve(position))

    async with provider.listening(provider_port):
        await asyncio.gather(*(lane(number) for number in range(lanes)))
    return found


def _calls(world: World) -> list[tuple[Session, Agent]]:
    return list(zip(world.sessions, world.agents, strict=True))


@dataclass(frozen=True)
class Desk:
    """One client that steers some calls of its own."""

    provider: Provider
    command: Command
    line: Line
    calls: list[tuple[Session, Agent]]

    async def warm(self) -> None:
        """Use each agent's password once: checking it is slow on purpose the first time, and then remembered for a while."""
        for position in range(len(self.calls)):
            await self.hold_and_retrieve(position)

    async def hold_and_retrieve(self, position: int) -> float:
        """Hold and retrieve one of the calls; return the seconds from the command to the provider's request."""
        session, agent = self.calls[position % len(self.calls)]
        sent = time.perf_counter()
        answer = await self.line.ask(self.command(session, agent, True))
        assert b'"error"' not in answer, answer
        await self.line.ask(self.command(session, agent, False))
        return self.provider.held_at[str(session.customer.call_sid)] - sent
