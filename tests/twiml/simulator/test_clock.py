"""Simulated time: it runs, it jumps, it can stand still."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import pause, response, say
from tests.twiml.simulator.world import ALICE, LINE, World


def test_a_long_wait_passes_at_once(world: World) -> None:
    call = world.call_in(response(say("before"), pause(3600), say("after", loop=0)))
    world.wait_now(call, "say: before")
    world.simulator.advance(3604)
    until(lambda: "say: after" in world.simulator.call(call).nows)


def test_several_things_fall_due_in_their_order(world: World) -> None:
    sentences = [f"number {n}" for n in range(1, 6)]
    call = world.call_in(response(*[part for text in sentences for part in (say(text), pause(10))]))
    world.wait_now(call, "say: number 1")
    world.simulator.advance(200)
    world.wait_ended(call)
    assert world.simulator.call(call).nows == [f"say: {text}" for text in sentences]


def test_faster_clock_makes_waiting_short(world: World) -> None:
    world.simulator.clock(speed=100)
    call = world.call_in(response(say("before"), pause(60), say("after", loop=0)))
    until(lambda: "say: after" in world.simulator.call(call).nows, within=4)


def test_timers_already_running_follow_a_new_speed(world: World) -> None:
    call = world.call_in(response(say("before"), pause(60), say("after", loop=0)))
    world.wait_now(call, "say: before")
    world.simulator.clock(speed=100)
    until(lambda: "say: after" in world.simulator.call(call).nows, within=4)


def test_things_due_have_been_started_when_advance_answers(world: World) -> None:
    world.simulator.set_phone(ALICE, "answer", after=20)
    call = world.client.calls.create(to=ALICE, from_=LINE, twiml=response(pause(600))).sid
    world.simulator.ringing(ALICE)
    world.simulator.advance(21)
    assert world.simulator.call(call).status == "in-progress"


@pytest.mark.parametrize("speed", [-1, "fast", None])
def test_senseless_speed_is_refused(world: World, speed: object) -> None:
    assert world.simulator.ask("PUT", "/clock", {"speed": speed}).status_code in (400, 422)


@pytest.mark.parametrize("seconds", [-1, "many", None])
def test_time_does_not_go_back(world: World, seconds: object) -> None:
    assert world.simulator.ask("POST", "/clock/advance", {"seconds": seconds}).status_code in (400, 422)


def test_log_tells_the_real_time_whatever_the_clock_says(world: World) -> None:
    world.simulator.advance(86_400)
    call = world.call_in(response(say("hello", loop=0)))
    world.wait_now(call, "say: hello")
    at = datetime.fromisoformat(world.simulator.log()[-1].at)
    assert abs((datetime.now(UTC) - at).total_seconds()) < 5


def test_reset_brings_back_ordinary_speed(world: World) -> None:
    world.simulator.clock(speed=1000)
    world.simulator.reset()
    call = world.call_in(response(say("before"), pause(60), say("after", loop=0)))
    world.wait_now(call, "say: before")
    always(lambda: "say: after" not in world.simulator.call(call).nows, during=0.5)
