"""Fixtures of all tests: the product as a user runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.product import Product, running_product


@pytest.fixture(scope="session")
def started_product() -> Iterator[Product]:
    """One running product for the whole test run; its deadlines are short, so that stories about waiting end soon."""
    with running_product(WEB_CONCURRENCY="2", RECALL_SECONDS="1") as product:
        yield product


@pytest.fixture
def product(started_product: Product) -> Iterator[Product]:
    """The running product with nobody on a call, before and after."""
    started_product.settle()
    yield started_product
    started_product.settle()
