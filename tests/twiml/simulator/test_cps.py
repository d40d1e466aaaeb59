"""Calls per second: too many are queued and told so, never refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.processes import running_simulator
from tests.support.twilio_side import Simulator
from tests.support.waiting import always, until
from tests.support.webhook_receiver import WebhookReceiver
from tests.twiml.simulator.documents import dial, response, say
from tests.twiml.simulator.world import LINE, World

WAITING = response(say("hello", loop=0))


@pytest.fixture(scope="module")
def slow_simulator() -> Iterator[Simulator]:
    """A simulator whose account may start one call a second, as new accounts do."""
    with running_simulator(SIMULATOR_CPS="1") as program:
        simulator = Simulator(program.base_url)
        yield simulator
        simulator.close()


@pytest.fixture
def slow(slow_simulator: Simulator, shared_app: WebhookReceiver) -> Iterator[World]:
    shared_app.forget()
    yield World(slow_simulator, shared_app, slow_simulator.rest())
    slow_simulator.reset()


def start(world: World, number: int) -> str:
    """A followed call to a phone of its own."""
    call = world.client.calls.create(
        to=f"client:agent{number}",
        from_=LINE,
        twiml=WAITING,
        status_callback=world.app.url("/progress"),
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    return str(call.sid)


def statuses(world: World, calls: list[str]) -> list[str]:
    return [world.client.calls(call).fetch().status for call in calls]


def test_calls_beyond_the_rate_wait_as_queued_and_start_in_order(slow: World) -> None:
    slow.simulator.clock(speed=0.01)
    calls = [start(slow, number) for number in range(3)]
    until(lambda: statuses(slow, calls) == ["ringing", "queued", "queued"])
    slow.simulator.advance(1.1)
    until(lambda: statuses(slow, calls) == ["ringing", "ringing", "queued"])
    slow.simulator.advance(1.1)
    until(lambda: statuses(slow, calls) == ["ringing", "ringing", "ringing"])


def test_call_canceled_while_it_waits_was_never_heard_of(slow: World) -> None:
    slow.simulator.clock(speed=0.01)
    first, second = start(slow, 1), start(slow, 2)
    until(lambda: statuses(slow, [first, second]) == ["ringing", "queued"])
    slow.client.calls(second).update(status="canceled")
    assert statuses(slow, [second]) == ["canceled"]
    slow.simulator.advance(5)
    always(lambda: slow.app.received("/progress", CallSid=second) == [])
    assert slow.simulator.phone("client:agent2") == []


def test_legs_of_conferences_wait_too_and_their_reply_tells_how_long(slow: World) -> None:
    slow.simulator.clock(speed=0.01)
    room = slow.room_name()
    start(slow, 1)
    answer = slow.raw("POST", f"/Conferences/{room}/Participants.json", {"From": LINE, "To": "client:agent2"})
    assert answer.status_code == 201
    body = answer.json()
    assert body["status"] == "queued"
    assert 0 < int(body["queue_time"]) <= 1000
    slow.simulator.advance(1.1)
    slow.simulator.ringing("client:agent2")


def test_incoming_calls_and_dialled_legs_do_not_wait(slow: World) -> None:
    slow.simulator.clock(speed=0.01)
    start(slow, 1)
    start(slow, 2)
    slow.call_in(response(dial("<Client>agent3</Client>")))
    slow.simulator.ringing("client:agent3")


def test_rate_never_makes_a_429(slow: World) -> None:
    form = {"From": LINE, "To": "client:agent1", "Twiml": WAITING}
    assert {slow.raw("POST", "/Calls.json", form).status_code for _ in range(8)} == {201}
