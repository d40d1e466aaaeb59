"""The product is told to stop in the middle of its work: it says so first, finishes what it has begun, and is gone in seconds."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests

from tests.stories.scene import Scene
from tests.support.product import Product, running_product
from tests.support.waiting import until

GONE_WITHIN = 5.0  # seconds
REPLY_TAKES = 1.5


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A call between the caller and alice, on a product that this test may end."""
    with running_product(WEB_CONCURRENCY="2") as product:
        scene = Scene(product)
        scene.call_in()
        scene.answers("alice")
        scene.sees("caller", "talks with alice")
        yield scene


def terminate(product: Product) -> float:
    """Send SIGTERM to the product; return when."""
    product.process.process.send_signal(signal.SIGTERM)
    return time.monotonic()


def controller(product: Product) -> list[psutil.Process]:
    """The controller's processes, without the simulator's, which is stopped after them."""
    everything = psutil.Process(product.process.process.pid).children(recursive=True)
    return [process for process in everything if any("gunicorn" in word for word in process.cmdline())]


def readiness(product: Product) -> str:
    """What ``/readyz`` says; "" once nobody listens any more."""
    try:
        return str(requests.get(f"{product.url}/readyz", headers={"Connection": "close"}, timeout=5).json()["status"])
    except requests.ConnectionError:
        return ""


def test_it_is_not_ready_any_more_before_it_stops_to_listen(scene: Scene) -> None:
    product = scene.product
    assert readiness(product) == "ok"
    terminate(product)
    seen: list[str] = []

    def nobody_listens() -> bool:
        seen.append(readiness(product))
        return seen[-1] == ""

    until(nobody_listens, GONE_WITHIN)
    # The two processes hear of it a moment apart, so an "ok" may come in between; the last word is no.
    assert [word for word in seen if word][-1] == "stopping"


def test_a_command_under_way_is_answered_and_true_though_the_product_stops(scene: Scene) -> None:
    product = scene.product
    product.simulator.policy(rest_reply_delay_ms=int(REPLY_TAKES * 1000))
    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(scene.evo, "PATCH", callState="Hold")
        scene.sees("caller", "waits")
        processes = controller(product)
        told = terminate(product)
        assert holding.result(timeout=GONE_WITHIN)["callState"] == "Hold"
    _, still_there = psutil.wait_procs(processes, timeout=told + GONE_WITHIN - time.monotonic())
    assert not still_there


def test_a_held_poll_is_released_with_an_answer_and_the_product_is_gone_in_time(scene: Scene) -> None:
    product = scene.product
    desk = scene.desk("bob")
    shaken = _bayeux(
        desk.http, product, channel="/meta/handshake", version="1.0", supportedConnectionTypes=["long-polling"]
    )
    connect = {"channel": "/meta/connect", "clientId": shaken["clientId"], "connectionType": "long-polling"}
    _bayeux(desk.http, product, **connect, advice={"timeout": 0})
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        held = pool.submit(_bayeux, desk.http, product, **connect)
        assert not held.done()
        processes = controller(product)
        told = terminate(product)
        assert held.result(timeout=GONE_WITHIN)["successful"] is True
        assert time.monotonic() - began < GONE_WITHIN
    _, still_there = psutil.wait_procs(processes, timeout=told + GONE_WITHIN - time.monotonic())
    assert not still_there


def _bayeux(http: requests.Session, product: Product, **message: object) -> dict[str, object]:
    answer = http.post(f"{product.url}/api/v2/notifications", json=[message], timeout=40)
    replies: list[dict[str, object]] = answer.json()
    return next(one for one in replies if one["channel"] == message["channel"])
