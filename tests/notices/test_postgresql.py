"""The same server on PostgreSQL, where transactions overlap and workers hear each other by NOTIFY."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.notices.serving import BayeuxClient, publish, serving
from tests.support.waiting import until


@pytest.mark.parametrize("ack", [False, True])
def test_changes_written_at_the_same_time_reach_every_client_once_and_in_order(postgres_url: str, ack: bool) -> None:
    users = [f"user{n}" for n in range(6)]
    with serving(postgres_url) as site, ThreadPoolExecutor(20) as pool:
        clients = [BayeuxClient(site.base_url, user, ack=ack).shake_hands().subscribe() for user in users]

        def poll_until_all_is_heard(client: BayeuxClient) -> None:
            while len(client.received) < 60:
                client.connect()

        polling = [pool.submit(poll_until_all_is_heard, client) for client in clients]
        for published in [
            pool.submit(publish, site.base_url, *((user, "/v2/me/calls", {"n": n}) for user in order))
            for n in range(30)
            for order in (users, users[::-1])
        ]:
            published.result()
        for polled in polling:
            polled.result(timeout=20)
        for client in clients:
            assert [event["uri"].rpartition("/")[2] for event in client.received] == [str(n) for n in range(1, 61)]
            assert sorted(event["n"] for event in client.received) == sorted([*range(30), *range(30)])


def test_a_newer_connect_on_any_worker_releases_the_older(postgres_url: str) -> None:
    with serving(postgres_url) as site, ThreadPoolExecutor(4) as pool:
        client = BayeuxClient(site.base_url).shake_hands().subscribe()
        for connects in range(2, 14, 2):
            older = client.connect_later(pool)
            until(lambda connects=connects: site.connects_seen(client.client_id) == connects)  # type: ignore[misc]
            (reply,) = client.connect(advice={"timeout": 0})
            assert reply["successful"]
            assert len(older.result(timeout=5)) == 1
