"""The record of every exchange: REST requests received, webhooks and media requests sent."""

from __future__ import annotations

import time
from typing import Any

from .identifiers import Params, iso


class ExchangeLog:
    """Append-only until ``clear``. Entries are numbered from 0 without gaps, in the order in which they ended."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []

    def add(
        self,
        kind: str,
        method: str,
        url: str,
        params: Params,
        headers: dict[str, str],
        status: int | None,
        response: str,
        at: float | None = None,
    ) -> None:
        """Record one exchange of ``kind`` rest, webhook or media. ``at`` is the wall-clock time it began (Unix
        seconds), ``status`` None when no answer came or none was given."""
        self._entries.append(
            {
                "seq": len(self._entries),
                "at": iso(time.time() if at is None else at),
                "kind": kind,
                "method": method,
                "url": url,
                "params": [list(pair) for pair in params],
                "headers": headers,
                "status": status,
                "response": response,
            }
        )

    def since(self, number: int) -> dict[str, Any]:
        """The entries with seq ≥ ``number``, and the number to ask for next."""
        return {"next": len(self._entries), "entries": self._entries[max(number, 0) :]}

    def clear(self) -> None:
        self._entries = []
