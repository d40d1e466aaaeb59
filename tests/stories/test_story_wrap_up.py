"""Where agents wrap a call up before the next one: they are left in peace that long, and the caller who waits loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.scene import ALICE_LINE, QUEUE_LINE, Scene
from tests.support.product import running_product
from tests.support.waiting import always

WRAP_UP_SECONDS = 6.0


@pytest.fixture
def scene() -> Iterator[Scene]:
    with running_product(WRAP_UP_SECONDS=str(WRAP_UP_SECONDS), OFFER_PAUSE_SECONDS="0.3") as product:
        yield Scene(product)


def test_a_caller_waits_until_the_agent_has_wrapped_up_and_then_talks_with_her(scene: Scene) -> None:
    scene.phones.set_phone("client:bob", "busy", 0.1)
    scene.call_in(ALICE_LINE)
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.leaves("caller")
    scene.sees("alice", "is gone")

    scene.call_in(QUEUE_LINE)

    always(lambda: scene.phones.phone("client:alice") == [], during=2.0, what="she is left in peace")
    assert scene.phones.hearing(scene.legs["caller"]).kind == "queue"
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.nobody_was_left_in_silence()
