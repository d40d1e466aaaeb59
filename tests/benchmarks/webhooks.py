"""Signed conference webhooks per second with full state change, next to a floor that only checks the signature.

Each event is another step of a session: it is locked, changed and saved, and its agent's log of notices grows. All servers run side by
side and take the load in turns of a fraction of a second, so that whatever else the machine does meets all of them alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.benchmarks.load import percentile, run
from tests.benchmarks.world import CONTROLLER, Served, World, hold_event, served

FLOOR = "floor"
_FLOOR_APPLICATION = "tests.benchmarks.floor:app"
_LANES = 32  # so many that no server ever waits for the load
_WARM = 2  # events of each session before the clock runs


@dataclass
class Webhooks:
    """What one server did in all its turns: each request's seconds, the turns' seconds, the workers' processor seconds."""

    times: list[float] = field(default_factory=list)
    took: float = 0.0
    cpu: float = 0.0

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return len(self.times) / self.took

    @property
    def cpu_each(self) -> float:
        """Milliseconds of processor time for each request."""
        return self.cpu * 1000 / len(self.times)

    def percentile(self, share: float) -> float:
        """Milliseconds below which ``share`` of the requests stayed."""
        return percentile(self.times, share) * 1000


def measure(worlds: Mapping[str, World], events: int) -> dict[str, Webhooks]:
    """Send ``events`` events for each session to the controller on each world, and the same to the floor; by name, FLOOR among them."""
    targets = {FLOOR: next(iter(worlds.values())), **worlds}
    found = {name: Webhooks() for name in targets}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(served(_FLOOR_APPLICATION if name == FLOOR else CONTROLLER, world.url))
            for name, world in targets.items()
        }
        for number in range(_WARM + events):
            for name, server in servers.items():
                turn = found[name] if number >= _WARM else Webhooks()
                _take_turn(server, _lanes(server.port, targets[name], number), turn)
    return found


def _take_turn(server: Served, lanes: list[list[bytes]], into: Webhooks) -> None:
    before = server.cpu_seconds()
    measured = run(server.port, lanes)
    into.cpu += server.cpu_seconds() - before
    into.took += len(measured.times) / measured.per_second
    into.times += measured.times


def _lanes(port: int, world: World, number: int) -> list[list[bytes]]:
    """Return every session's ``number``-th event, spread over the lanes."""
    return [[hold_event(port, session, number) for session in world.sessions[lane::_LANES]] for lane in range(_LANES)]
