"""Say, Play, Pause: what is heard, for how long, how often."""

from __future__ import annotations

from tests.support.waiting import until
from tests.twiml.simulator.documents import element, pause, play, response, say
from tests.twiml.simulator.media import wav
from tests.twiml.simulator.world import World

# Longer than any reaction of the machine the tests run on, shorter than any step of simulated time in this file.
SECONDS_15 = "fifteen seconds of speech ".ljust(15 * 15, "x")


def test_speech_lasts_a_second_for_fifteen_characters(world: World) -> None:
    call = world.call_in(response(say(SECONDS_15), say("next", loop=0)))
    world.wait_now(call, f"say: {SECONDS_15}")
    world.simulator.advance(12)
    world.wait_now(call, f"say: {SECONDS_15}")
    world.simulator.advance(4)
    until(lambda: "say: next" in world.simulator.call(call).nows)


def test_special_characters_are_heard_as_they_were_meant(world: World) -> None:
    text = 'Fish & chips <today> "now" don\'t — ünïcode'
    call = world.call_in(response(say(text), pause(60)))
    world.wait_now(call, f"say: {text}")


def test_repeated_speech_lasts_that_many_times_as_long(world: World) -> None:
    call = world.call_in(response(say(SECONDS_15, loop=3), say("next", loop=0)))
    world.wait_now(call, f"say: {SECONDS_15}")
    world.simulator.advance(40)
    world.wait_now(call, f"say: {SECONDS_15}")
    world.simulator.advance(6)
    until(lambda: "say: next" in world.simulator.call(call).nows)


def test_endless_speech_goes_on_and_the_next_verb_is_not_reached(world: World) -> None:
    call = world.call_in(response(say(SECONDS_15, loop=0), say("next")))
    world.wait_now(call, f"say: {SECONDS_15}")
    world.simulator.advance(600)
    world.wait_now(call, f"say: {SECONDS_15}")
    assert "say: next" not in world.simulator.call(call).nows


def test_number_of_thousands_of_digits_is_passed_over(world: World) -> None:
    call = world.call_in(response(say("hello", loop="9" * 5000), say("next", loop=0)))
    until(lambda: "say: next" in world.simulator.call(call).nows)


def test_sound_file_lasts_as_long_as_it_is(world: World) -> None:
    sound = world.app.on("/twenty.wav", wav(20))
    call = world.call_in(response(play(sound), say("next", loop=0)))
    world.wait_now(call, f"play: {sound}")
    world.simulator.advance(17)
    world.wait_now(call, f"play: {sound}")
    world.simulator.advance(4)
    until(lambda: "say: next" in world.simulator.call(call).nows)


def test_sound_file_of_a_wrong_type_is_passed_over(world: World) -> None:
    sound = world.app.on("/page.wav", response())
    call = world.call_in(response(play(sound), say("next", loop=0)))
    until(lambda: "say: next" in world.simulator.call(call).nows)


def test_dialled_digits_need_no_file(world: World) -> None:
    call = world.call_in(response(element("Play", digits="ww123#"), say("next", loop=0)))
    world.app.wait_for_one("/voice")
    world.simulator.advance(4)
    until(lambda: "say: next" in world.simulator.call(call).nows)
    assert [entry for entry in world.simulator.log() if entry.kind == "media"] == []


def test_pause_is_silent_for_its_length(world: World) -> None:
    call = world.call_in(response(say("before"), pause(20), say("after", loop=0)))
    world.wait_now(call, "say: before")
    world.simulator.advance(2)
    world.wait_now(call, None)
    world.simulator.advance(15)
    world.wait_now(call, None)
    world.simulator.advance(6)
    until(lambda: "say: after" in world.simulator.call(call).nows)


def test_pause_without_a_length_is_one_second(world: World) -> None:
    call = world.call_in(response(say("before"), element("Pause"), say(SECONDS_15)))
    world.wait_now(call, "say: before")
    world.simulator.advance(3)
    world.wait_now(call, f"say: {SECONDS_15}")


def test_call_ends_when_the_document_has_nothing_left(world: World) -> None:
    call = world.call_in(response(say("goodbye")))
    world.wait_now(call, "say: goodbye")
    world.simulator.advance(3)
    assert world.wait_ended(call) == "completed"
