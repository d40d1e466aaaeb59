"""Bayeux over WebSockets, by hand, on two workers."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests

from tests.notices.serving import BASE, BayeuxClient, Site, publish, serving
from tests.support.stores import with_tables
from tests.support.waiting import until

BEARER = {"Authorization": "Bearer alice"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    url = with_tables(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}")
    with serving(url, HOLD_SECONDS="5") as site:
        yield site


class Socket:
    """One WebSocket of one client."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse, client_id: str = "") -> None:
        self.line = line
        self.client_id = client_id

    async def send(self, channel: str, **fields: Any) -> None:
        await self.line.send_str(json.dumps([{"id": "1", "channel": channel, "clientId": self.client_id} | fields]))

    async def next(self) -> list[dict[str, Any]]:
        """The messages of the next frame."""
        frame: list[dict[str, Any]] = await asyncio.wait_for(self.line.receive_json(), 5)
        return frame

    async def ask(self, channel: str, **fields: Any) -> dict[str, Any]:
        """Send one message and return its reply, which must be alone in the next frame."""
        await self.send(channel, **fields)
        (reply,) = await self.next()
        return reply

    async def open_session(self, **fields: Any) -> None:
        """Handshake, first connect, subscription."""
        reply = await self.ask("/meta/handshake", version="1.0", supportedConnectionTypes=["websocket"], **fields)
        self.client_id = reply["clientId"]
        assert (await self.ask("/meta/connect"))["advice"]["reconnect"] == "retry"
        assert (await self.ask("/meta/subscribe", subscription="/v2/me/*"))["successful"]

    async def closed_with(self) -> int | None:
        """Wait for the server to close; returns its code."""
        message = await asyncio.wait_for(self.line.receive(), 5)
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED), message
        return self.line.close_code


@asynccontextmanager
async def socket(site: Site, headers: dict[str, str] | None = None) -> AsyncIterator[Socket]:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(site.base_url + BASE, headers=headers or BEARER) as line,
    ):
        yield Socket(line)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(30):
            await story()

    asyncio.run(within_time())


async def connect_is_held(site: Site, client: Socket) -> None:
    """Wait until the client's second connect has arrived: what is announced before that would come with its reply."""
    await asyncio.to_thread(until, lambda: site.connects_seen(client.client_id) == 2)


async def announce(site: Site, n: int) -> None:
    await asyncio.to_thread(publish, site.base_url, ("alice", "/v2/me/calls", {"n": n}))


def numbers(frame: list[dict[str, Any]]) -> list[int]:
    return [message["data"]["n"] for message in frame if "data" in message]


def test_events_are_pushed_while_the_connect_stays_held(site: Site) -> None:
    async def story() -> None:
        async with socket(site) as client:
            await client.open_session()
            await client.send("/meta/connect")
            await connect_is_held(site, client)
            for n in range(3):
                await announce(site, n)
                frame = await client.next()
                assert [message["channel"] for message in frame] == ["/v2/me/calls"]
                assert numbers(frame) == [n]
            (reply,) = await client.next()
            assert (reply["channel"], reply["successful"]) == ("/meta/connect", True)

    run(story)


def test_other_messages_are_answered_while_the_connect_is_held(site: Site) -> None:
    async def story() -> None:
        async with socket(site) as client:
            await client.open_session()
            await client.send("/meta/connect")
            assert (await client.ask("/service/x", data={}))["successful"]
            assert (await client.ask("/v2/me/calls", data={}))["error"] == "403::publish denied"

    run(story)


def test_with_ack_events_come_with_the_connect_reply(site: Site) -> None:
    async def story() -> None:
        async with socket(site) as client:
            await client.open_session(ext={"ack": True})
            await client.send("/meta/connect", ext={"ack": 0})
            await announce(site, 7)
            event, reply = await client.next()
            assert event["data"]["n"] == 7
            assert reply["ext"]["ack"] >= 1

    run(story)


def test_a_session_goes_on_over_the_next_socket_and_over_long_polling(site: Site) -> None:
    async def story() -> None:
        async with socket(site) as first:
            await first.open_session()
            await first.send("/meta/connect")
        await announce(site, 1)
        async with socket(site) as second:
            second.client_id = first.client_id
            await second.send("/meta/connect")
            assert numbers(await second.next()) == [1]
        await announce(site, 2)
        polling = BayeuxClient(site.base_url, client_id=first.client_id)
        assert numbers(await asyncio.to_thread(polling.connect)) == [2]

    run(story)


@pytest.mark.parametrize(
    "headers", [{"Authorization": ""}, {**BEARER, "Origin": "https://evil.example.com"}], ids=["nobody", "foreign page"]
)
def test_the_upgrade_needs_credentials_and_an_allowed_origin(site: Site, headers: dict[str, str]) -> None:
    async def story() -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with socket(site, headers):
                pass
        assert refused.value.status == 403

    run(story)


@pytest.mark.parametrize("origin", ["own", "https://desk.example.com"])
def test_pages_of_our_own_and_listed_origins_may_connect(site: Site, origin: str) -> None:
    async def story() -> None:
        async with socket(site, {**BEARER, "Origin": site.base_url if origin == "own" else origin}) as client:
            await client.open_session()

    run(story)


@pytest.mark.parametrize(("frame", "code"), [("hello", 1007), ("[]", 1007), (" " * (1024 * 1024 + 1), 1009)])
def test_a_frame_that_is_no_bayeux_closes_the_socket(site: Site, frame: str, code: int) -> None:
    async def story() -> None:
        async with socket(site) as client:
            await client.line.send_str(frame)
            assert await client.closed_with() == code

    run(story)


def test_a_bare_object_in_a_binary_frame_is_understood(site: Site) -> None:
    async def story() -> None:
        async with socket(site) as client:
            await client.line.send_bytes(b'{"id":"1","channel":"/meta/handshake","version":"1.0"}')
            assert (await client.next())[0]["successful"]

    run(story)


@pytest.fixture
def logged_out(tmp_path: Path) -> Path:
    """Where the sample application notes whose credentials are nobody's any more."""
    return tmp_path


async def log_out(site: Site) -> None:
    gone = await asyncio.to_thread(requests.post, f"{site.base_url}/logout", json="alice", timeout=5)
    assert gone.json() == 1


def test_whoever_has_logged_out_gets_no_new_session_over_the_open_socket(sqlite_url: str, logged_out: Path) -> None:
    with serving(sqlite_url, LOGGED_OUT=str(logged_out)) as site:

        async def story() -> None:
            async with socket(site) as client:
                await client.open_session()
                await client.send("/meta/connect")
                await connect_is_held(site, client)
                await log_out(site)
                (last,) = await client.next()
                assert last["advice"]["reconnect"] == "none"
                client.client_id = ""
                refused = await client.ask("/meta/handshake", version="1.0", supportedConnectionTypes=["websocket"])
                assert (refused["successful"], refused["error"]) == (False, "403::Handshake denied")
                assert refused["advice"]["reconnect"] == "none"
                assert await client.closed_with() == 1008

        run(story)


def test_a_log_in_that_runs_out_ends_what_goes_on_over_its_open_socket(sqlite_url: str, logged_out: Path) -> None:
    with serving(sqlite_url, LOGGED_OUT=str(logged_out)) as site:

        async def story() -> None:
            async with socket(site) as client:
                await client.open_session()
                (logged_out / "alice").touch()  # nobody ends her session: the credentials alone are void
                refused = await client.ask("/meta/connect")
                assert (refused["successful"], refused["error"]) == (False, "402::Unknown client")
                assert refused["advice"]["reconnect"] == "handshake"

        run(story)


def test_a_stopping_server_answers_the_held_connect_and_says_that_it_goes(sqlite_url: str) -> None:
    with serving(sqlite_url) as site:

        async def story() -> None:
            async with socket(site) as client:
                await client.open_session()
                await client.send("/meta/connect")
                await connect_is_held(site, client)
                site.process.process.send_signal(signal.SIGTERM)
                (reply,) = await client.next()  # long before its 25 s are up
                assert reply["successful"]
                assert await client.closed_with() == 1001

        run(story)
