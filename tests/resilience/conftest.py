"""The product for tests of death and take-over: nobody is recalled meanwhile, so that a picture stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.product import Product, product_on


@pytest.fixture(scope="package")
def started_product(request: pytest.FixtureRequest, store: str) -> Iterator[Product]:
    """One running product on a store for these tests."""
    with product_on(store, request, RECALL_SECONDS="300") as product:
        yield product
