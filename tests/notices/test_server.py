"""The notification server over a real port, on two worker processes of either server; every request on a fresh connection."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from sqlalchemy import select, text

from app.store.engine import open_engine
from app.store.tables import bayeux_session
from tests.notices.serving import BASE, SERVERS, BayeuxClient, Site, publish, serving
from tests.support.stores import with_tables
from tests.support.waiting import until


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    url = with_tables(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}")
    with serving(url, request.param, HOLD_SECONDS="4") as site:
        yield site


@pytest.fixture
def client(server: Site, request: pytest.FixtureRequest) -> BayeuxClient:
    """A client of a user of its own, connected and subscribed to everything of hers."""
    return BayeuxClient(server.base_url, user=f"user{abs(hash(request.node.name))}").shake_hands().subscribe()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def call(n: int, user: str) -> tuple[str, str, dict[str, int]]:
    return (user, "/v2/me/calls", {"n": n})


def test_a_held_poll_ends_with_the_event(server: Site, client: BayeuxClient, pool: ThreadPoolExecutor) -> None:
    poll = client.connect_later(pool)
    until(lambda: server.connects_seen(client.client_id) == 2)
    began = time.monotonic()
    publish(server.base_url, call(1, client.user))
    event, reply = poll.result()
    assert time.monotonic() - began < 2.0
    assert event == {"channel": "/v2/me/calls", "data": {"n": 1, "uri": f"{server.base_url}/n/1"}}
    assert reply == {"id": str(client.sent), "channel": "/meta/connect", "successful": True}


def test_a_poll_without_news_is_answered_alone_when_its_time_is_up(client: BayeuxClient) -> None:
    began = time.monotonic()
    assert client.connect() == [{"id": str(client.sent), "channel": "/meta/connect", "successful": True}]
    assert 3.9 < time.monotonic() - began < 8.0


def test_the_first_connect_and_one_with_timeout_zero_are_answered_at_once(server: Site) -> None:
    began = time.monotonic()
    client = BayeuxClient(server.base_url).shake_hands()
    (reply,) = client.connect(advice={"timeout": 0})
    assert reply["advice"] == {"reconnect": "retry", "interval": 0, "timeout": 4000}
    assert time.monotonic() - began < 3.0


def test_nothing_is_lost_or_doubled_over_any_worker(server: Site, client: BayeuxClient) -> None:
    for n in range(1, 41):
        publish(server.base_url, call(n, client.user), call(-n, "somebody else"))
        if n % 3 == 0:
            client.connect()
    until(lambda: len(client.received) == 40 or client.connect(advice={"timeout": 0}) == [])
    assert [event["n"] for event in client.received] == list(range(1, 41))


def test_a_backlog_longer_than_one_reply_arrives_whole(server: Site, client: BayeuxClient) -> None:
    publish(server.base_url, *(call(n, client.user) for n in range(450)))
    for _ in range(3):
        client.connect()
    assert [event["n"] for event in client.received] == list(range(450))


def test_a_subscription_made_while_a_poll_is_held_counts_for_it(
    server: Site, client: BayeuxClient, pool: ThreadPoolExecutor
) -> None:
    poll = client.connect_later(pool)
    until(lambda: server.connects_seen(client.client_id) == 2)
    BayeuxClient(server.base_url, client.user, client_id=client.client_id).subscribe("/other")
    publish(server.base_url, (client.user, "/elsewhere", {}), (client.user, "/other", {"n": 2}))
    assert [message["channel"] for message in poll.result()] == ["/other", "/meta/connect"]


def test_a_newer_connect_releases_the_older_and_gets_the_events(
    server: Site, client: BayeuxClient, pool: ThreadPoolExecutor
) -> None:
    older = client.connect_later(pool)
    until(lambda: server.connects_seen(client.client_id) == 2)
    newer = client.connect_later(pool)
    until(lambda: server.connects_seen(client.client_id) == 3)
    assert len(older.result(timeout=3.0)) == 1
    publish(server.base_url, call(1, client.user))
    assert [message["channel"] for message in newer.result()] == ["/v2/me/calls", "/meta/connect"]


def test_an_event_for_a_closed_socket_waits_for_the_next_poll(server: Site, client: BayeuxClient) -> None:
    message = json.dumps([{"id": "x", "channel": "/meta/connect", "clientId": client.client_id}])
    address = urlsplit(server.base_url)
    head = f"POST {BASE} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {client.user}\r\n"
    for n in range(2, 12):
        with socket.create_connection((address.hostname, address.port)) as line:
            line.sendall(f"{head}Content-Length: {len(message)}\r\n\r\n{message}".encode())
            until(lambda n=n: server.connects_seen(client.client_id) == n)  # type: ignore[misc]
    publish(server.base_url, call(1, client.user))
    client.connect()
    assert [event["n"] for event in client.received] == [1]


def test_a_disconnect_on_any_worker_ends_the_held_poll_and_tells_it_to_stop(
    server: Site, client: BayeuxClient, pool: ThreadPoolExecutor
) -> None:
    poll = client.connect_later(pool)
    until(lambda: server.connects_seen(client.client_id) == 2)
    other = BayeuxClient(server.base_url, client.user, client_id=client.client_id)
    assert other.disconnect()["successful"]
    (reply,) = poll.result(timeout=3.0)
    assert reply["advice"]["reconnect"] == "none"
    assert client.connect()[0]["error"] == "402::Unknown client"


def test_a_log_out_ends_the_held_poll(server: Site, client: BayeuxClient, pool: ThreadPoolExecutor) -> None:
    poll = client.connect_later(pool)
    until(lambda: server.connects_seen(client.client_id) == 2)
    assert requests.post(f"{server.base_url}/logout", json=client.user, timeout=5).json() == 1
    assert poll.result(timeout=3.0)[0]["advice"]["reconnect"] == "none"


@pytest.mark.parametrize("user", ["mallory", ""])
def test_a_client_id_under_other_credentials_is_unknown(server: Site, client: BayeuxClient, user: str) -> None:
    thief = BayeuxClient(server.base_url, user, client_id=client.client_id)
    (reply,) = thief.ask({"channel": "/meta/connect"})
    assert (reply["error"], reply["advice"]["reconnect"]) == ("402::Unknown client", "handshake")


@pytest.mark.parametrize("client_id", ["", "nobody", "x" * 5000, "\ud800", "\x00", "' OR 1=1 --", 7, None, ["a"]])
def test_any_other_client_id_is_unknown_too(server: Site, client_id: object) -> None:
    (reply,) = BayeuxClient(server.base_url).ask({"channel": "/meta/connect", "clientId": client_id})
    assert reply["error"] == "402::Unknown client"


def test_a_handshake_without_credentials_is_refused_in_the_words_of_the_rest_resources(server: Site) -> None:
    response = BayeuxClient(server.base_url, user="").post({"channel": "/meta/handshake", "version": "1.0"})
    assert (response.status_code, response.json()) == (403, {"statusCode": 20, "statusMessage": "Access denied"})


def test_the_cookie_alone_authorises_and_the_browser_gets_its_own_once(server: Site) -> None:
    with requests.Session() as browser:
        browser.cookies.set("user", "alice")
        shake = [{"channel": "/meta/handshake", "version": "1.0"}]
        first = browser.post(server.base_url + BASE + "/handshake", json=shake)
        assert first.json()[0]["successful"]
        assert "HttpOnly" in first.headers["Set-Cookie"]
        assert len(browser.cookies["BAYEUX_BROWSER"]) >= 22
        assert "Set-Cookie" not in browser.post(server.base_url + BASE + "/handshake", json=shake).headers


def test_events_speak_of_the_host_that_the_handshake_was_sent_to(server: Site) -> None:
    client = BayeuxClient(server.base_url.replace("127.0.0.1", "localhost"), user="hosted").shake_hands().subscribe()
    client.base_url = server.base_url
    publish(server.base_url, call(1, "hosted"))
    client.connect()
    assert client.received[0]["uri"].startswith(server.base_url.replace("127.0.0.1", "localhost"))


def test_bodies_are_understood_however_clients_wrap_them(server: Site) -> None:
    url = server.base_url + BASE
    bearer = {"Authorization": "Bearer alice"}
    message = json.dumps({"channel": "/meta/handshake", "version": "1.0", "id": "1"})
    form = {"Content-Type": "application/x-www-form-urlencoded", **bearer}
    for response in (
        requests.post(url, data=message, headers=bearer),
        requests.post(url + "/", data=f"[{message}]", headers={"Content-Type": "text/json", **bearer}),
        requests.post(url + "/handshake", data=urlencode({"message": message}), headers=form),
        requests.post(url, data=iter([b"[", message.encode(), b"]"]), headers=bearer),
    ):
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
        (reply,) = response.json()
        assert (reply["id"], reply["successful"]) == ("1", True)


@pytest.mark.parametrize("body", ["", "[]", "hello", "[1]", '[{"channel":"/meta/handshake"},{"channel":"/x"}]'])
def test_what_is_no_bayeux_request_gets_400(server: Site, body: str) -> None:
    response = requests.post(server.base_url + BASE, data=body, headers={"Authorization": "Bearer alice"})
    assert response.status_code == 400
    assert set(response.json()) == {"statusCode", "statusMessage"}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_one_mebibyte_gets_413(server: Site, chunked: bool) -> None:
    body = b" " * (1024 * 1024 + 1)
    response = requests.post(server.base_url + BASE, data=iter([body]) if chunked else body)
    assert response.status_code == 413


def test_other_methods_are_refused_and_listed_origins_may_ask(server: Site) -> None:
    url = server.base_url + BASE
    assert requests.get(url, params={"jsonp": "f", "message": "[]"}).status_code == 405
    ours = requests.options(url, headers={"Origin": "https://desk.example.com"})
    assert (ours.status_code, ours.headers["Access-Control-Allow-Origin"]) == (204, "https://desk.example.com")
    theirs = requests.options(url, headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in theirs.headers


def test_a_session_without_connects_expires(sqlite_url: str) -> None:
    with serving(sqlite_url, workers=1, HOLD_SECONDS="0.2", MAX_INTERVAL="0.5") as server:
        client = BayeuxClient(server.base_url).shake_hands().subscribe()
        assert server.connects_seen(client.client_id) == 1
        engine = open_engine(sqlite_url)

        def sessions() -> int:
            with engine.connect().execution_options(read_only=True) as connection:
                return len(connection.execute(select(bayeux_session.c.id)).all())

        until(lambda: sessions() == 0)
        engine.dispose()
        assert client.connect()[0]["error"] == "402::Unknown client"


def test_a_store_that_fails_is_a_503_and_not_the_end(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with serving(sqlite_url, workers=1) as server:
        client = BayeuxClient(server.base_url).shake_hands()
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE bayeux_session RENAME TO away"))
        assert client.post({"channel": "/meta/connect"}).status_code == 503
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO bayeux_session"))
        assert client.connect(advice={"timeout": 0})[0]["successful"]
    engine.dispose()
