"""Stores for the tests of this folder."""

from tests.support.stores import postgres, postgres_url, sqlite_url, store_url

__all__ = ["postgres", "postgres_url", "sqlite_url", "store_url"]
