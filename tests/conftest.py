"""Fixtures of all tests: the product as a user runs it, on each of the stores it promises to work with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.product import Product, product_on
from tests.support.stores import postgres

__all__ = ["postgres"]

STORES = ("sqlite", "postgresql")
# What is run on PostgreSQL too: the stories that do the most with the store, and of each dialect one module. The rest looks at shapes and
# timers, which are the same on any store, and would double the time of a run; `--store postgresql` runs everything there.
ON_BOTH = (
    "test_story_leaving",
    "test_story_main",
    "test_story_replays",
    "test_story_webhooks",
    "test_call_api_hold",
    "test_evo_hold",
    "test_workspace_calls",
    "test_killed",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run be limited to one store."""
    parser.addoption("--store", choices=(*STORES, "both"), default="both", help="store of the running product")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever needs the running product on each store it is to be run on."""
    if "store" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("store")
    stores = STORES if chosen == "both" else (chosen,)
    if chosen == "both" and not Path(metafunc.module.__file__).name.startswith(ON_BOTH):
        stores = STORES[:1]
    only = metafunc.definition.get_closest_marker("only_on")
    if only is not None:
        stores = only.args  # about that store itself
    metafunc.parametrize("store", stores, scope="session")


@pytest.fixture(scope="session")
def started_product(request: pytest.FixtureRequest, store: str) -> Iterator[Product]:
    """One running product for the whole test run on a store; its deadlines are short, so that stories about waiting end soon."""
    with product_on(store, request, WEB_CONCURRENCY="2", RECALL_SECONDS="1") as product:
        yield product


@pytest.fixture
def product(started_product: Product) -> Iterator[Product]:
    """The running product with nobody on a call, before and after."""
    started_product.settle()
    yield started_product
    started_product.settle()
