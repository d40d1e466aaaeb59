"""Signed conference webhooks per second with full state change, next to a floor that only checks the signature.

Each event is another step of a session: it is locked, changed and saved, and its agent's log of notices grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.load import Measured, median, run
from tests.benchmarks.world import CONTROLLER, World, hold_event, served

FLOOR = "tests.benchmarks.floor:app"
LANES = 16
_WARM = 2  # events of each session before the clock runs


@dataclass(frozen=True)
class Round:
    """One run of the load: what it gave, and the workers' processor time per request in milliseconds."""

    measured: Measured
    cpu: float


@dataclass(frozen=True)
class Webhooks:
    """Medians of the rounds. ``ratio`` is that of rates to the floor's run just before; ``cpu`` in milliseconds per request."""

    per_second: float
    p50: float
    p99: float
    cpu: float
    ratio: float
    cpu_ratio: float


def measure(worlds: Mapping[str, World], rounds: int, events: int) -> tuple[Webhooks, dict[str, Webhooks]]:
    """Run the load in turn on the floor and on each world, ``rounds`` times, with ``events`` events for each session and round.

    Return the floor's figures and each world's.
    """
    floors: list[Round] = []
    full: dict[str, list[Round]] = {name: [] for name in worlds}
    for number in range(rounds):
        first = number * (events + _WARM)
        floors.append(_round(FLOOR, next(iter(worlds.values())), first, events))
        for name, world in worlds.items():
            full[name].append(_round(CONTROLLER, world, first, events))
    return _summary(floors, floors), {name: _summary(floors, found) for name, found in full.items()}


def _round(application: str, world: World, first: int, events: int) -> Round:
    with served(application, world.url) as server:
        run(server.port, _lanes(server.port, world, range(first, first + _WARM)))
        lanes = _lanes(server.port, world, range(first + _WARM, first + _WARM + events))
        before = server.cpu_seconds()
        measured = run(server.port, lanes)
        return Round(measured, (server.cpu_seconds() - before) * 1000 / len(measured.times))


def _lanes(port: int, world: World, numbers: range) -> list[list[bytes]]:
    """Return the requests, each session's in order on one lane, and the sessions of a lane in turn."""
    return [
        [hold_event(port, session, number) for number in numbers for session in world.sessions[lane::LANES]]
        for lane in range(LANES)
    ]


def _summary(floors: Sequence[Round], rounds: Sequence[Round]) -> Webhooks:
    pairs = list(zip(floors, rounds, strict=True))
    return Webhooks(
        per_second=median([one.measured.per_second for one in rounds]),
        p50=median([one.measured.p50 for one in rounds]),
        p99=median([one.measured.p99 for one in rounds]),
        cpu=median([one.cpu for one in rounds]),
        ratio=median([one.measured.per_second / floor.measured.per_second for floor, one in pairs]),
        cpu_ratio=median([floor.cpu / one.cpu for floor, one in pairs]),
    )
