"""Ringing the bell on PostgreSQL off the way of whoever rings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg

log = logging.getLogger(__name__)

Connect = Callable[[], psycopg.Connection[tuple[object, ...]]]


class Ringer:
    """Sends one statement from a thread and over a connection of its own. Rings that come while it is being sent become one.

    Nobody waits for it: a webhook's answer is not to take two round trips longer for what is only a hint. A ring that cannot be sent is
    dropped; the others look by themselves. The thread begins with the first ring.
    """

    def __init__(self, connect: Connect, statement: str) -> None:
        self._connect = connect
        self._statement = statement.encode()
        self._rung = threading.Event()
        self._ended = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.backend_pid = 0  # as whom the server names this connection; 0 = there is none

    def ring(self) -> None:
        """Have the statement sent soon. From any thread; does nothing once closed."""
        with self._starting:
            if self._thread is None and not self._ended:
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()
        self._rung.set()

    def close(self) -> None:
        """End the thread and its connection."""
        with self._starting:
            self._ended = True
        self._rung.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._ended:
            try:
                with self._connect() as connection:
                    self.backend_pid = connection.info.backend_pid
                    self._send_while_connected(connection)
            except psycopg.Error:
                log.warning("Notices: the bell could not be rung, others will look by themselves", exc_info=True)
                self._rung.wait()
                self._rung.clear()
            finally:
                self.backend_pid = 0

    def _send_while_connected(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        while self._rung.wait() and not self._ended:
            self._rung.clear()
            connection.execute(self._statement)
