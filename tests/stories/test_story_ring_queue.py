"""Calls that nobody has answered yet: the ring queue offers them one agent at a time, a direct line rings its agent and then says sorry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.scene import ALICE_LINE, QUEUE_LINE, Scene
from tests.support.product import Product, running_product
from tests.support.waiting import always, until

SORRY = "nobody can take your call"
RING_SECONDS = 30


@pytest.fixture(scope="module")
def quick_product() -> Iterator[Product]:
    """A product whose ring queue makes only a short pause between two rounds."""
    with running_product(OFFER_PAUSE_SECONDS="0.3") as quick:
        yield quick


@pytest.fixture
def scene(quick_product: Product) -> Iterator[Scene]:
    quick_product.settle()
    yield Scene(quick_product)
    quick_product.settle()


def in_support(scene: Scene) -> tuple[str, ...]:
    """Who waits in the ring queue."""
    queue = scene.phones.queue("support")
    return queue.members if queue else ()


def rings_alone(scene: Scene, name: str, other: str) -> None:
    """One agent's phone rings, and the other's does not."""
    scene.rings(name)
    always(lambda: scene.phones.phone(f"client:{other}") == [], during=0.3, what=f"{other}'s phone is silent")


def test_one_agent_at_a_time_is_rung_while_the_caller_waits_in_the_queue_and_hears_something(scene: Scene) -> None:
    scene.call_in(QUEUE_LINE)
    rings_alone(scene, "alice", "bob")
    assert in_support(scene) == (scene.legs["caller"],)
    hearing = scene.phones.hearing(scene.legs["caller"])
    assert (hearing.kind, hearing.others) == ("queue", frozenset())
    assert hearing.now is not None
    info = scene.session()
    assert (info["callState"], info["dialState"], info["queueState"]) == ("Ringing", "Active", "Ringing")

    scene.phones.answer(scene.legs["alice"])

    scene.sees("caller", "talks with alice")
    scene.sees("alice", "talks with caller")
    scene.shows("Connected")
    assert in_support(scene) == ()
    assert scene.session()["answeredByName"] == "Alice"
    assert scene.session()["wasMissed"] is False
    scene.nobody_was_left_in_silence()


@pytest.mark.parametrize("reaction", ["busy", "reject", "fail"])
def test_an_agent_who_cannot_be_reached_is_passed_over_for_the_next(scene: Scene, reaction: str) -> None:
    scene.phones.set_phone("client:alice", reaction, 0.1)
    scene.call_in(QUEUE_LINE)
    scene.answers("bob")
    scene.sees("caller", "talks with bob")
    assert scene.session()["answeredByName"] == "Bob"
    scene.nobody_was_left_in_silence()


def test_an_agent_who_does_not_answer_in_time_is_passed_over_for_the_next(scene: Scene) -> None:
    scene.call_in(QUEUE_LINE)
    scene.rings("alice")
    scene.phones.advance(RING_SECONDS + 1)
    scene.sees("alice", "is gone")
    rings_alone(scene, "bob", "alice")
    assert in_support(scene) == (scene.legs["caller"],)
    scene.phones.answer(scene.legs["bob"])
    scene.sees("caller", "talks with bob")


def test_when_nobody_answers_everybody_is_rung_again_and_the_caller_goes_on_waiting(scene: Scene) -> None:
    scene.call_in(QUEUE_LINE)
    for name in ("alice", "bob", "alice", "bob"):
        scene.rings(name)
        assert scene.phones.hearing(scene.legs["caller"]).kind == "queue"
        scene.leaves(name)
        scene.sees(name, "is gone")
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.nobody_was_left_in_silence()


def test_a_caller_who_gives_up_while_an_agent_rings_stops_the_ringing_and_was_missed(scene: Scene) -> None:
    scene.call_in(QUEUE_LINE)
    scene.rings("alice")
    scene.leaves("caller")
    scene.sees("alice", "is gone", 2.0)
    scene.is_over()
    scene.nothing_is_left()
    info = scene.session()
    assert (info["callState"], info["queueState"], info["wasMissed"]) == ("Disconnected", "Disconnected", True)
    assert [line["message"] for line in info["log"]][-1] == "Ended"


def test_two_callers_are_offered_to_two_agents(scene: Scene) -> None:
    """Demo agents take several calls at once; neither caller gets the other's agent leg."""
    scene.call_in(QUEUE_LINE)
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    second = scene.phones.place_call("+15550100003", QUEUE_LINE)
    until(lambda: second in in_support(scene))
    leg = until(
        lambda: next(
            (
                call.call_sid
                for name in ("alice", "bob")
                for call in scene.phones.phone(f"client:{name}")
                if call.status == "ringing"
            ),
            "",
        )
    )
    scene.phones.answer(leg)
    until(lambda: scene.phones.hearing(second).others == {leg})
    scene.sees("caller", "talks with alice")


def test_an_unanswered_direct_line_says_sorry_releases_the_caller_and_was_missed(scene: Scene) -> None:
    scene.call_in(ALICE_LINE)
    scene.rings("alice")
    scene.sees("caller", "waits")
    scene.phones.advance(RING_SECONDS + 1)
    scene.sees("alice", "is gone")
    scene.sees("caller", f"is told {SORRY}")
    assert scene.phones.phone("client:bob") == []
    scene.phones.advance(10)
    scene.sees("caller", "is gone", 2.0)
    scene.is_over()
    info = scene.session()
    assert (info["wasMissed"], info["callState"]) == (True, "Disconnected")
    scene.nothing_is_left()


@pytest.mark.parametrize("reaction", ["busy", "reject", "fail"])
def test_a_direct_line_whose_agent_cannot_be_reached_says_sorry(scene: Scene, reaction: str) -> None:
    scene.phones.set_phone("client:alice", reaction, 0.1)
    scene.call_in(ALICE_LINE)
    scene.sees("caller", f"is told {SORRY}")
    scene.phones.advance(10)
    scene.is_over()
    scene.nothing_is_left()
    assert scene.session()["wasMissed"] is True
