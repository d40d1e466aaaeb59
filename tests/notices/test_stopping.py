"""Workers that stop or die while they hold polls."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.notices.serving import SERVERS, BayeuxClient, publish, serving
from tests.support.waiting import until


@pytest.mark.parametrize("server", SERVERS)
def test_a_stopping_server_answers_every_held_poll_at_once(sqlite_url: str, server: str) -> None:
    with serving(sqlite_url, server) as site, ThreadPoolExecutor(20) as pool:
        clients = [BayeuxClient(site.base_url, f"user{n}").shake_hands().subscribe() for n in range(20)]
        polls = [pool.submit(client.post, {"channel": "/meta/connect"}) for client in clients]
        until(lambda: all(site.connects_seen(client.client_id) == 2 for client in clients))
        began = time.monotonic()
        site.process.process.send_signal(signal.SIGTERM)
        replies = [poll.result() for poll in polls]
        assert time.monotonic() - began < 2.0  # a few milliseconds, on a machine that has nothing else to do
        site.process.process.wait(5)
        for reply in replies:
            assert reply.status_code == 200
            assert reply.headers["Connection"].lower() == "close"
            assert [message["successful"] for message in reply.json()] == [True]


def test_a_worker_told_to_stop_while_it_is_loading_holds_no_poll(sqlite_url: str, tmp_path: Path) -> None:
    """Who asks it in the moment for which it then listens is answered as by one that stops, and goes elsewhere."""
    loading = tmp_path / "loading"
    with serving(sqlite_url, workers=1, STILL_LOADING=str(loading)) as site, ThreadPoolExecutor(1) as pool:
        client = BayeuxClient(site.base_url).shake_hands().subscribe()
        (first,) = site.workers()
        loading.touch()
        os.kill(first, signal.SIGKILL)
        successor = int(until(loading.read_text, 10.0))
        poll = pool.submit(client.post, {"channel": "/meta/connect"})
        os.kill(successor, signal.SIGTERM)
        loading.unlink()
        reply = poll.result(timeout=10)  # long before its 25 s are up
        assert reply.json()[0]["successful"]
        assert reply.headers["Connection"].lower() == "close"
        site.wait_until_all_serve()


def test_a_killed_worker_loses_no_notice_of_clients_with_ack(sqlite_url: str) -> None:
    """Each client has a poll open all the time, on whichever worker takes it; notices come while workers are killed."""
    with serving(sqlite_url) as site, ThreadPoolExecutor(20) as pool:
        clients = [BayeuxClient(site.base_url, f"user{n}", ack=True).shake_hands().subscribe() for n in range(12)]
        expected = 40

        def poll_until_all_is_heard(client: BayeuxClient) -> int:
            cut = 0
            deadline = time.monotonic() + 30
            while len(client.received) < expected and time.monotonic() < deadline:
                try:
                    assert client.connect()[-1]["successful"]
                except requests.RequestException:
                    cut += 1
            return cut

        polling = [pool.submit(poll_until_all_is_heard, client) for client in clients]
        for n in range(expected):
            publish(site.base_url, *((client.user, "/v2/me/calls", {"n": n}) for client in clients))
            if n in (10, 25):
                os.kill(random.choice(site.workers()), signal.SIGKILL)
        cut = sum(polled.result() for polled in polling)
        assert cut > 0, "the killed workers held no poll, so this has shown nothing"
        for client in clients:
            assert [event["n"] for event in client.received] == list(range(expected))
        site.wait_until_all_serve()


def test_a_burst_of_connections_finds_room_in_the_queue(sqlite_url: str) -> None:
    """Asyncio alone would let 101 wait; the rest would try again after a second."""
    with serving(sqlite_url, workers=1) as site:
        (worker,) = site.workers()
        address = urlsplit(site.base_url)
        os.kill(worker, signal.SIGSTOP)
        lines: list[socket.socket] = []
        try:
            for _ in range(300):
                lines.append(socket.create_connection((address.hostname, address.port), timeout=0.5))
        finally:
            os.kill(worker, signal.SIGCONT)
            for line in lines:
                line.close()
        assert len(lines) == 300
