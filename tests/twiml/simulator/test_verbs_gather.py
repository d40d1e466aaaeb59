"""Gather: keys pressed by the caller."""

from __future__ import annotations

from typing import Any

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import gather, pause, response, say
from tests.twiml.simulator.world import World

LONG_PROMPT = "please press a key " + "x" * 600


def prompted(world: World, *then: str, **attributes: Any) -> str:
    """A caller who hears the prompt; the action answers `thank you`."""
    action = world.app.on("/pressed", response(say("thank you", loop=0)))
    call = world.call_in(response(gather(say("press"), action=action, **attributes), *then))
    world.wait_now(call, "say: press")
    return call


def test_key_at_the_end_closes_the_input_and_is_not_part_of_it(world: World) -> None:
    call = prompted(world)
    world.simulator.digits(call, "123#")
    assert world.app.wait_for_one("/pressed").params["Digits"] == "123"
    world.wait_now(call, "say: thank you")


def test_number_of_digits_closes_the_input_by_itself(world: World) -> None:
    call = prompted(world, numDigits=2)
    world.simulator.digits(call, "4")
    always(lambda: world.app.received("/pressed") == [])
    world.simulator.digits(call, "2")
    assert world.app.wait_for_one("/pressed").params["Digits"] == "42"


def test_five_seconds_after_the_last_key_the_input_is_closed(world: World) -> None:
    call = prompted(world)
    world.simulator.digits(call, "7")
    world.simulator.advance(4)
    assert world.app.received("/pressed") == []
    world.simulator.advance(2)
    assert world.app.wait_for_one("/pressed").params["Digits"] == "7"


def test_other_finish_key_makes_the_hash_a_digit(world: World) -> None:
    call = prompted(world, finishOnKey="*")
    world.simulator.digits(call, "1#2*")
    assert world.app.wait_for_one("/pressed").params["Digits"] == "1#2"


def test_without_a_finish_key_all_keys_are_input(world: World) -> None:
    call = prompted(world, finishOnKey="", numDigits=3)
    world.simulator.digits(call, "#1*")
    assert world.app.wait_for_one("/pressed").params["Digits"] == "#1*"


def test_caller_who_presses_nothing_goes_on_to_the_next_verb(world: World) -> None:
    call = prompted(world, say("nobody there", loop=0), timeout=10)
    world.simulator.advance(8)
    assert "say: nobody there" not in world.simulator.call(call).nows
    world.simulator.advance(5)
    until(lambda: "say: nobody there" in world.simulator.call(call).nows)
    assert world.app.received("/pressed") == []


def test_only_the_finish_key_counts_as_nothing(world: World) -> None:
    call = prompted(world, say("nobody there", loop=0))
    world.simulator.digits(call, "#")
    until(lambda: "say: nobody there" in world.simulator.call(call).nows)
    assert world.app.received("/pressed") == []


def test_empty_input_is_reported_when_asked_for(world: World) -> None:
    call = prompted(world, actionOnEmptyResult=True)
    world.simulator.advance(8)
    asked = world.app.wait_for_one("/pressed")
    assert (asked.params["CallSid"], asked.params.get("Digits", "")) == (call, "")


def test_key_press_stops_the_prompt(world: World) -> None:
    action = world.app.on("/pressed", response(say("thank you", loop=0)))
    call = world.call_in(response(gather(say(LONG_PROMPT), action=action)))
    world.wait_now(call, f"say: {LONG_PROMPT}")
    world.simulator.digits(call, "1")
    world.wait_now(call, None)


def test_without_an_action_the_current_document_gets_the_digits(world: World) -> None:
    call = world.call_in(response(gather(say("press"), numDigits=1), pause(60)))
    world.wait_now(call, "say: press")
    world.simulator.digits(call, "5")
    second = world.app.wait_for("/voice", count=2)[1]
    assert (second.params["CallSid"], second.params["Digits"]) == (call, "5")


def test_keys_pressed_while_nothing_gathers_are_lost(world: World) -> None:
    action = world.app.on("/pressed", response())
    call = world.call_in(response(say("first"), gather(say("press"), action=action, numDigits=1)))
    world.wait_now(call, "say: first")
    world.simulator.digits(call, "9")
    world.simulator.advance(1.5)
    world.wait_now(call, "say: press")
    assert world.app.received("/pressed") == []


def test_action_method_get_carries_the_digits_in_the_address(world: World) -> None:
    call = prompted(world, method="GET", numDigits=1)
    world.simulator.digits(call, "3")
    asked = world.app.wait_for_one("/pressed")
    assert (asked.method, asked.query["Digits"], asked.query["CallSid"]) == ("GET", "3", call)
