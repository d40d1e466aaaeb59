"""From a client's hold command to the provider's request arriving: how long a customer goes on hearing what was not meant for them."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from app.core.ids import call_uuid
from app.core.session import Session
from tests.benchmarks.load import Line, request_bytes
from tests.benchmarks.world import CONTROLLER, PASSWORD, Agent, World, served
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
    """As much of Twilio as a hold needs: it confirms every participant's update and notes when the request came."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}

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
        self.arrived[call_sid] = time.perf_counter()
        held = (await request.post()).get("Hold") == "True"
        return web.json_response({"call_sid": call_sid, "conference_sid": request.match_info["sid"], "hold": held})


def measure(world: World, command: Command, count: int, lanes: int) -> tuple[float, ...]:
    """Hold and retrieve ``count`` times, the sessions in turn, ``lanes`` at once; return each hold's seconds to the provider."""
    port = free_port()
    with served(CONTROLLER, world.url, TWILIO_API_URL=f"http://127.0.0.1:{port}") as server:
        return asyncio.run(_measure(world, command, server.port, port, count, lanes))


async def _measure(
    world: World, command: Command, port: int, provider_port: int, count: int, lanes: int
) -> tuple[float, ...]:
    provider = Provider()
    calls = list(zip(world.sessions, world.agents, strict=True))
    async with provider.listening(provider_port):
        found = await asyncio.gather(
            *(_lane(provider, command, port, calls[lane::lanes], count // lanes) for lane in range(lanes))
        )
    return tuple(one for times in found for one in times)


async def _lane(
    provider: Provider, command: Command, port: int, calls: Sequence[tuple[Session, Agent]], count: int
) -> list[float]:
    line = await Line.open(port)
    times = []
    for session, agent in calls:  # passwords are checked slowly the first time, and remembered
        await line.ask(command(session, agent, True))
        await line.ask(command(session, agent, False))
    for number in range(count):
        session, agent = calls[number % len(calls)]
        sent = time.perf_counter()
        answer = await line.ask(command(session, agent, True))
        assert b'"error"' not in answer, answer
        times.append(provider.arrived[str(session.customer.call_sid)] - sent)
        await line.ask(command(session, agent, False))
    line.close()
    return times
