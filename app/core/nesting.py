"""How deep a client's document is nested: one limit for every body that is parsed, since the depth is the sender's choice."""

from typing import Any


def deeper_than(value: Any, levels: int) -> bool:
    """Return whether a parsed document has more than ``levels`` levels, a scalar being one.

    Walks level by level instead of recursing, so that it cannot be led into the interpreter's own limit.
    """
    level = [value]
    for _ in range(levels):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
