"""For tests of a dialect alone: requests there carry no idempotency keys."""

from __future__ import annotations


class NoKeys:
    """Stands where the product keeps answers to requests with idempotency keys."""

    def begin(self, owner: str, key: str | None = None, verb: str | None = None) -> None:
        """Nothing has been answered before."""
        assert owner
