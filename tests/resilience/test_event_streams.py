"""Webhooks of real calls come in any order, late, twice, before the reply they belong to, or never: the session ends up the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.core.session import Session
from app.house import create_house
from tests.resilience.replaying import Disturbance, YesProvider, replayer
from tests.resilience.streams import STORIES, Capture, load, picture_of
from tests.support.house import PUBLIC_URL, TOKEN, ManualClock, demo_store, until_closed

__all__ = ["demo_store"]

Tell = Callable[[Capture, Disturbance, int], Session]

UNDISTURBED = Disturbance(in_order=True)
UNORDERED = Disturbance(early=0.3, late=0.3, again=0.3)
LOSSY = Disturbance(early=0.2, again=0.2, lost=0.4)

few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def tell(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tell]:
    """A controller on demo data to which captured calls are told."""
    path = tmp_path_factory.mktemp("streams") / "store.sqlite"
    shutil.copy(demo_store, path)
    provider = YesProvider()
    plain = Settings(database_url=f"sqlite:///{path}", public_url=PUBLIC_URL, twilio_auth_token=TOKEN, demo=True)
    with until_closed(create_house(plain, provider=provider, clock=ManualClock())) as house:
        yield replayer(house, provider)


@pytest.mark.parametrize("story", STORIES)
def test_told_as_it_was_a_call_ends_up_as_it_did(tell: Tell, story: str) -> None:
    capture = load(story)
    assert picture_of(tell(capture, UNDISTURBED, 0)) == capture.picture


@pytest.mark.parametrize("story", STORIES)
@few
@given(seed=st.integers(0, 2**32))
def test_in_any_order_late_and_repeated_the_webhooks_lead_to_the_same_session(
    tell: Tell, story: str, seed: int
) -> None:
    capture = load(story)
    assert picture_of(tell(capture, UNORDERED, seed)) == capture.picture


@pytest.mark.parametrize("story", STORIES)
@few
@given(seed=st.integers(0, 2**32))
def test_what_is_lost_on_the_way_is_made_good_from_the_providers_own_list(tell: Tell, story: str, seed: int) -> None:
    capture = load(story)
    assert picture_of(tell(capture, LOSSY, seed)) == capture.picture
