"""Fixtures: one process of the controller inside the test."""

from tests.support.house import demo_store, site

__all__ = ["demo_store", "site"]
