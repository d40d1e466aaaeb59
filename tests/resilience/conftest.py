"""The product for tests of death and take-over: nobody is recalled meanwhile, so that a picture stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.product import Product, running_product


@pytest.fixture(scope="package")
def started_product() -> Iterator[Product]:
    """One running product for these tests."""
    with running_product(RECALL_SECONDS="300") as product:
        yield product
