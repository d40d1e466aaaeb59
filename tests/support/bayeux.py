"""A small Bayeux client over real HTTP long polling, for tests that look at every field of what is delivered."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

import requests

Event = dict[str, Any]


class Bayeux:
    """One client of a notification server: shakes hands and subscribes on entry, disconnects on exit.

    ``endpoint`` is the server's address; ``http`` carries the caller's credentials (a JSESSIONID cookie, or Basic). Events are whole
    Bayeux messages as they arrived. No thread runs: what happens while nobody waits stays in the server's log.
    """

    def __init__(self, endpoint: str, http: requests.Session, *channels: str) -> None:
        self.endpoint = endpoint
        self._http = http
        self._channels = channels
        self._waiting: deque[Event] = deque()
        self._sent = 0
        self.client_id = ""

    def __enter__(self) -> Bayeux:
        reply = self._ask(
            "/meta/handshake", version="1.0", minimumVersion="1.0", supportedConnectionTypes=["long-polling"]
        )
        assert reply["successful"] is True, reply
        self.client_id = reply["clientId"]
        self._connect(hold=False)
        for channel in self._channels:
            assert self._ask("/meta/subscribe", subscription=channel)["successful"] is True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ask("/meta/disconnect")

    def next(self, within: float = 8.0) -> Event:
        """Wait for the next event. Raises AssertionError when none comes in time."""
        deadline = time.monotonic() + within
        while not self._waiting:
            left = deadline - time.monotonic()
            assert left > 0, f"no event within {within} s"
            self._connect(hold=True, patience=left)
        return self._waiting.popleft()

    def take(self, count: int, within: float = 8.0) -> list[Event]:
        """Wait for that many events, in order."""
        deadline = time.monotonic() + within
        return [self.next(max(0.1, deadline - time.monotonic())) for _ in range(count)]

    def until(self, condition: Callable[[Event], bool], within: float = 8.0) -> Event:
        """Pass over events until one fulfils the condition, and return it."""
        deadline = time.monotonic() + within
        while True:
            event = self.next(max(0.1, deadline - time.monotonic()))
            if condition(event):
                return event

    def rest(self, quiet: float = 0.5) -> list[Event]:
        """Return every event up to the first ``quiet`` seconds without one: shows that nothing follows."""
        found = list(self._waiting)
        self._waiting.clear()
        deadline = time.monotonic() + quiet
        while (left := deadline - time.monotonic()) > 0:
            self._connect(hold=True, patience=left)
            if self._waiting:
                found += self._waiting
                self._waiting.clear()
                deadline = time.monotonic() + quiet
        return found

    def _connect(self, hold: bool, patience: float = 10.0) -> None:
        extra: dict[str, Any] = {} if hold else {"advice": {"timeout": 0}}
        try:
            reply = self._ask("/meta/connect", patience, connectionType="long-polling", **extra)
        except requests.ReadTimeout:
            return  # we hung up on a poll that had nothing to tell
        assert reply["successful"] is True, reply

    def _ask(self, channel: str, patience: float = 10.0, **fields: Any) -> Event:
        self._sent += 1
        message = {"id": str(self._sent), "channel": channel, **fields}
        if self.client_id:
            message["clientId"] = self.client_id
        answer = self._http.post(self.endpoint, json=[message], timeout=(5, max(0.05, patience)))
        assert answer.status_code == 200, (answer.status_code, answer.text)
        replies = [reply for reply in answer.json() if reply.get("id") == message["id"]]
        self._waiting += [event for event in answer.json() if "data" in event]
        assert len(replies) == 1, answer.text
        return dict(replies[0])
