"""Clients that others wrote, unchanged, against the notification server on two worker processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.program import client_program
from tests.notices.serving import BASE, Site, publish, serving
from tests.support.stores import with_tables
from tests.support.waiting import until

OFFICIAL = ("official3.cjs", "official9.mjs")
LONG_POLLING, WEBSOCKET = "long-polling", "websocket"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    url = with_tables(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}")
    with serving(url, HOLD_SECONDS="2") as site:
        yield site


def conversation(server: Site, folder: Path, user: str, script: str, *arguments: str, **told: str) -> None:
    """The client hears everything once and in order while it polls on, and leaves properly.

    ``told`` is what it says of itself once subscribed.
    """
    base_url = server.base_url.replace("127.0.0.1", "localhost")  # aiohttp keeps no cookies of bare addresses
    with client_program(folder, script, base_url + BASE, user, *arguments) as client:
        client.wait_until_told(subscribed=True, **told)
        for n in range(5):
            publish(server.base_url, (user, "/v2/me/calls", {"n": n}), ("somebody-else", "/v2/me/calls", {"n": -1}))
            client.wait_until_told(event={"n": n, "uri": f"{base_url}/n/{n + 1}"})
        burst = [(user, "/v2/me/devices", {"n": n}) for n in range(5, 30)]
        for entry in burst:
            publish(server.base_url, entry)
        until(lambda: len(client.events) >= 30, 10, "all thirty events")
        assert client.quit() == 0
        assert [event["n"] for event in client.events] == list(range(30)), client.told
        assert client.count(connect=False) == 0
        for offset in (told["offset"] for told in client.told if "offset" in told):
            assert abs(offset) < 1000, "the clocks are one and the same, however long the polls were held"


@pytest.mark.parametrize("extensions", [(), ("ack",), ("ack", "timesync")])
@pytest.mark.parametrize("transport", [LONG_POLLING, WEBSOCKET])
@pytest.mark.parametrize("script", OFFICIAL)
def test_the_official_client_hears_each_event_once_and_in_order(
    server: Site, javascript: Path, script: str, transport: str, extensions: tuple[str, ...]
) -> None:
    user = "-".join([script[:9], transport, *extensions])
    conversation(server, javascript, user, script, transport, *extensions)


@pytest.mark.parametrize("transport", [LONG_POLLING, WEBSOCKET])
def test_faye_hears_each_event_once_and_in_order(server: Site, javascript: Path, transport: str) -> None:
    conversation(server, javascript, f"faye-{transport}", "faye.cjs", transport, transport=transport)


@pytest.mark.parametrize("transport", [LONG_POLLING, WEBSOCKET])
def test_aiocometd_hears_each_event_once_and_in_order(server: Site, javascript: Path, transport: str) -> None:
    conversation(server, javascript, f"aio-{transport}", "aio.py", transport)


@pytest.mark.parametrize("script", OFFICIAL)
def test_a_client_that_prefers_websockets_polls_where_the_upgrade_fails(
    sqlite_url: str, javascript: Path, script: str
) -> None:
    """Uvicorn speaks WebSocket only with a further package, so it refuses the upgrade as many a proxy does."""
    with serving(sqlite_url, "uvicorn", HOLD_SECONDS="2") as server:
        conversation(server, javascript, "alice", script, f"{WEBSOCKET},{LONG_POLLING}")


@pytest.mark.parametrize("script", OFFICIAL)
@pytest.mark.parametrize("transport", [LONG_POLLING, WEBSOCKET])
def test_a_killed_worker_costs_a_client_with_ack_nothing(
    sqlite_url: str, javascript: Path, script: str, transport: str
) -> None:
    with (
        serving(sqlite_url, HOLD_SECONDS="2") as server,
        client_program(javascript, script, server.base_url + BASE, "alice", transport, "ack") as client,
    ):
        client.wait_until_told(subscribed=True)
        published = 0
        for _ in range(3):
            for _ in range(10):
                publish(server.base_url, ("alice", "/v2/me/calls", {"n": published}))
                published += 1
            os.kill(server.workers()[0], signal.SIGKILL)
        client.wait_until_told(published, within=20.0, channel="/v2/me/calls")
        assert [event["n"] for event in client.events] == list(range(published))
        assert client.count(handshake=True) == 1, "the session outlives the worker"
        server.wait_until_all_serve()
