"""What goes wrong between the platform and the controller, by seeded chance."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


class BadSetting(ValueError):
    """A setting of the simulator itself has a wrong name or value."""


@dataclass
class Faults:
    """Probabilities from 0 to 1, except ``delay_ms`` (the upper bound of a random delay) and ``seed``.

    ``drop``, ``duplicate`` and ``reorder`` touch status and conference callbacks only: a lost TwiML request would be
    a failed call, not a fault of delivery. ``rest_*`` touch modifying requests only.
    """

    duplicate: float = 0.0
    reorder: float = 0.0
    delay_ms: float = 0.0
    drop: float = 0.0
    rest_429: float = 0.0
    rest_500_after_effect: float = 0.0
    rest_timeout: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Faults:
        """The faults of one PUT: it replaces all, an absent key is 0. Raises BadSetting."""
        known = {field.name for field in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise BadSetting(f"unknown fault {name!r}")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise BadSetting(f"{name} must be a number")
            if name == "seed" and not isinstance(value, int):
                raise BadSetting("seed must be a whole number")
            if name == "delay_ms" and not 0 <= value <= 60_000:
                raise BadSetting("delay_ms must be between 0 and 60000")
            if name not in ("seed", "delay_ms") and not 0 <= value <= 1:
                raise BadSetting(f"{name} must be between 0 and 1")
        return cls(**values)

    def describe(self) -> dict[str, float]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def strikes(self, probability: float) -> bool:
        """Draws once; never draws for a fault that is off, so that one fault does not shift another's sequence."""
        return probability > 0 and self._random.random() < probability

    def delay(self) -> float:
        """Seconds of real time by which the next request is late."""
        return self._random.uniform(0, self.delay_ms) / 1000 if self.delay_ms else 0.0

    def overtaken(self) -> float:
        """Seconds of real time a reordered callback is kept back, so that later ones arrive first."""
        return self._random.uniform(0.05, 0.4)
