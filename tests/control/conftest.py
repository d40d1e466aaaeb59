"""Fixtures: one process of the controller inside the test, and empty stores."""

from tests.support.house import demo_store, site
from tests.support.stores import postgres_url, sqlite_url, store_url

__all__ = ["demo_store", "postgres_url", "site", "sqlite_url", "store_url"]
