"""Every benchmark in one run, each next to its own floor, in one table: ``python -m tests.benchmarks [--full]``."""

from __future__ import annotations

import argparse
import os
import platform
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.benchmarks import holds, notifications, webhooks
from tests.benchmarks.load import percentile
from tests.benchmarks.world import World, world

_HOLDS_PART = 16  # calls that are held and retrieved by command
_LANES = (1, 8)  # clients at once
_WORKERS = (1, 2)


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    calls: int  # sessions that take webhooks
    events: int  # webhooks for each of them
    ended: int  # ended sessions in the filled store
    holds: int
    agents: int  # connected by long polling
    per_second: float  # webhooks while they are
    stores: tuple[str, ...]  # on which everything is measured, not the webhooks alone


MODEST = Sizes(160, 14, 100_000, 160, 1000, 100.0, ("sqlite",))
FULL = Sizes(320, 20, 1_000_000, 800, 1000, 100.0, ("sqlite", "postgres"))


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    found: str
    compared: str = ""


Part = Callable[[Mapping[str, World], Sizes], Iterator[Row]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="larger sizes: a million ended sessions, everything on both stores"
    )
    parser.add_argument("--only", choices=("webhooks", "holds", "notifications"), help="one part")
    chosen = parser.parse_args()
    sizes = FULL if chosen.full else MODEST
    warnings.simplefilter("ignore")  # the PostgreSQL wheel complains about directories that a container does not have
    parts: dict[str, Part] = {"webhooks": _webhooks, "holds": _holds, "notifications": _notifications}
    wanted = [parts[chosen.only]] if chosen.only else list(parts.values())
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {_machine()}, load at the start {os.getloadavg()[0]:.1f}", flush=True)
    for kind in ("sqlite", "postgres"):
        for row in _rows(kind, sizes, wanted if kind in sizes.stores else [one for one in wanted if one is _webhooks]):
            print(f"{kind:9}{row.what:42}{row.found:62}{row.compared}", flush=True)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


def _rows(kind: str, sizes: Sizes, parts: list[Part]) -> Iterator[Row]:
    if not parts:
        return
    calls = sizes.calls + _HOLDS_PART + (sizes.agents if len(parts) > 1 or parts == [_notifications] else 0)
    with world(kind, calls) as empty, world(kind, calls, sizes.ended) as filled:
        for part in parts:
            yield from part({"": empty, f"{sizes.ended:,} ended sessions": filled}, sizes)


def _webhooks(worlds: Mapping[str, World], sizes: Sizes) -> Iterator[Row]:
    found = webhooks.measure({name: one.part(0, sizes.calls) for name, one in worlds.items()}, sizes.events)
    floor, empty = found[webhooks.FLOOR], found[""]
    for name, one in found.items():
        figures = f"{one.per_second:5.0f}/s, p50 {one.percentile(0.5):.1f} ms, p99 {one.percentile(0.99):.1f} ms"
        cpu = f", CPU {one.cpu_each:.2f} ms each"
        if one is floor:
            yield Row("webhooks, floor", figures + cpu)
            continue
        ratio = (
            f"{one.per_second / floor.per_second:.2f} of the floor's rate, {floor.cpu_each / one.cpu_each:.2f} by CPU"
        )
        against = f"; {one.per_second / empty.per_second:.2f} of the empty store's" if name else ""
        yield Row(_named("webhooks", name), figures + cpu, ratio + against)


def _holds(worlds: Mapping[str, World], sizes: Sizes) -> Iterator[Row]:
    own = {name: one.part(sizes.calls, _HOLDS_PART) for name, one in worlds.items()}
    for command in (holds.evo_voice, holds.call_api, holds.workspace):
        for lanes in _LANES:
            found = holds.measure(own, command, sizes.holds, lanes)
            for name, times in found.items():
                p50, p99 = percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000
                against = _against(p50, percentile(found[""], 0.5) * 1000) if name else ""
                what = _named(f"hold, {command.__name__}, {lanes} at once", name)
                yield Row(what, f"p50 {p50:.1f} ms, p99 {p99:.1f} ms to the provider", against)


def _notifications(worlds: Mapping[str, World], sizes: Sizes) -> Iterator[Row]:
    own = {name: one.part(sizes.calls + _HOLDS_PART, sizes.agents) for name, one in worlds.items()}
    for number, workers in enumerate(_WORKERS):
        found = notifications.measure(own, workers, number, sizes.per_second)
        for name, one in found.items():
            lost = f"{one.lost} of {one.sent} lost, {one.doubled} doubled"
            memory = f"{one.kib_per_agent:.0f} KiB for each held poll"
            against = f"; {_against(one.p50, found[''].p50)}" if name else ""
            what = _named(f"to {sizes.agents:,} desktops, {workers} worker(s)", name)
            yield Row(what, f"p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms, {lost}", memory + against)


def _named(what: str, store: str) -> str:
    return f"… {store}" if store else what


def _against(value: float, empty: float) -> str:
    return f"{value / empty:.2f} times the empty store's p50"


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
