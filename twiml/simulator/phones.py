"""The telephones of the simulated world and how their owners react when they ring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .faults import BadSetting

REACTIONS = ("ring", "answer", "busy", "reject", "fail")


@dataclass
class Phone:
    """One telephone: an E.164 number or ``client:<identity>``. It takes any number of calls at once."""

    address: str
    on_ring: str = "ring"
    after: float = 0.0

    def set_reaction(self, values: Mapping[str, Any]) -> None:
        """Choose what happens when it is rung: ``on_ring`` and ``after`` simulated seconds. Raises BadSetting."""
        on_ring = values.get("on_ring", "ring")
        after = values.get("after", 0)
        if on_ring not in REACTIONS:
            raise BadSetting(f"on_ring must be one of {', '.join(REACTIONS)}")
        if isinstance(after, bool) or not isinstance(after, int | float) or not 0 <= after <= 86_400:
            raise BadSetting("after must be seconds between 0 and 86400")
        self.on_ring, self.after = on_ring, float(after)


class Phones:
    """All telephones by address; one that nobody has touched simply rings."""

    def __init__(self) -> None:
        self._phones: dict[str, Phone] = {}

    def __getitem__(self, address: str) -> Phone:
        return self._phones.setdefault(address, Phone(address))

    def reset(self) -> None:
        self._phones.clear()
