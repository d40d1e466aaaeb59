"""Processes of the controller made by hand beside the running product: one that dies where it is told to, and one that comes after it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import event, select

from app.config import Settings
from app.control.claims import LEASE_SECONDS
from app.core.commands import Command
from app.house import House, create_house, provider_of
from app.provider.port import Provider
from app.store import tables
from tests.support.house import until_closed
from tests.support.product import Product
from tests.support.waiting import until


def settings_of(product: Product) -> Settings:
    """Return the settings under which the product itself runs."""
    account = product.simulator.account()
    return Settings(
        database_url=product.database_url,
        public_url=product.url,
        twilio_account_sid=account.sid,
        twilio_auth_token=account.auth_token,
        twilio_api_url=product.simulator.base_url,
        recall_seconds=300.0,
    )


class LaterClock:
    """A clock that runs ahead of the machine's, so that the leases of a process that died have run out."""

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead

    def now(self) -> float:
        """Return unix seconds."""
        import time

        return time.time() + self._ahead

    def wait(self, seconds: float, stop: Any) -> bool:
        """Wait, or until ``stop``."""
        return bool(stop.wait(seconds))


class _Mortal:
    """A provider whose process may die right before or right after a request."""

    def __init__(self, inner: Provider, die: Callable[[str], None]) -> None:
        self._inner = inner
        self._die = die

    def __getattr__(self, name: str) -> Any:
        request = getattr(self._inner, name)

        def asked(*arguments: Any, **options: Any) -> Any:
            self._die("before request")
            reply = request(*arguments, **options)
            self._die("after request")
            return reply

        return asked


def run_and_die(product: Product, session_id: str, command: Command, moment: str, count: int) -> int:
    """Run a command in a process of its own that kills itself (SIGKILL) at the ``count``-th ``moment``.

    Moments: "before commit" of a transaction, "before request" and "after request" of the provider. Return how the process ended:
    ``-SIGKILL``, or 0 when the command was over before the moment came.
    """
    settings = settings_of(product)
    child = os.fork()
    if child == 0:
        seen = 0

        def die(now: str) -> None:
            nonlocal seen
            seen += now == moment
            if seen == count:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            house = create_house(settings, provider=_Mortal(provider_of(settings), die))  # type: ignore[arg-type]

            @event.listens_for(house.engine, "commit")
            def _commit(_connection: Any) -> None:
                die("before commit")

            house.services.control.run(session_id, command)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def next_process(product: Product) -> House:
    """Return a process that comes after a dead one, when its leases have run out."""
    return create_house(settings_of(product), clock=LaterClock(LEASE_SECONDS + 2))


def take_over(house: House) -> None:
    """Let a process do once what is due, and finish it."""
    with until_closed(house):
        house.housekeeper.round()
        until(lambda: not _open_operations(house), within=15.0, what="what was left over is done")


def _open_operations(house: House) -> list[str]:
    with house.engine.connect().execution_options(read_only=True) as connection:
        return list(
            connection.execute(select(tables.operation.c.id).where(tables.operation.c.outcome.is_(None))).scalars()
        )
