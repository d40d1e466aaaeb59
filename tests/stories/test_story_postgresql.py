"""The same stories on PostgreSQL, with several workers: what is heard does not depend on the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories import test_story_leaving as leaving
from tests.stories.scene import Scene
from tests.support.product import Product, running_product
from tests.support.stores import postgres

__all__ = ["postgres"]

CASES = [
    leaving.case(leaving.talk, "alice", caller="is gone"),
    leaving.case(leaving.held, "alice", goes_on="Hold", caller="waits"),
    leaving.case(leaving.consult_talk, "alice", goes_on="Connected", caller="talks with bob"),
    leaving.case(leaving.conference, "caller", alice="is gone", bob="is gone"),
    leaving.case(leaving.recall_rings, "caller", alice="is gone"),
    leaving.case(leaving.offered, "alice", goes_on="Ringing", caller="waits", bob="rings"),
]


@pytest.fixture(scope="module")
def product_on_postgresql(postgres: str) -> Iterator[Product]:
    with running_product(DATABASE_URL=postgres, WEB_CONCURRENCY="2", RECALL_SECONDS="1") as product:
        yield product


@pytest.mark.parametrize("case", CASES, ids=str)
def test_when_somebody_hangs_up_the_others_are_looked_after(case: leaving.Case, product_on_postgresql: Product) -> None:
    product_on_postgresql.settle()
    scene = Scene(product_on_postgresql)
    case.given(scene)
    for name in case.who:
        scene.leaves(name)
    for name, what in case.then.items():
        scene.sees(name, what, 5.0)
    if case.goes_on:
        scene.shows(case.goes_on)
        scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()
    scene.nobody_was_left_in_silence()
