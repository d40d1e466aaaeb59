"""Reads attributes of TwiML elements. A value that makes no sense is warned of and the default is used."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ..identifiers import whole_number

if TYPE_CHECKING:
    from .runner import Runner


def text_of(element: Element) -> str:
    """All text inside an element, markup left out, trimmed at both ends."""
    return "".join(element.itertext()).strip()


def number(
    run: Runner, element: Element, name: str, default: float, code: int, low: int = 0, high: int = 10**6
) -> float:
    """A whole number between ``low`` and ``high``."""
    raw = element.get(name)
    if raw is None:
        return default
    value = whole_number(raw.strip())
    if value is None or not low <= value <= high:
        run.warn(code, f"invalid {name} {raw!r}")
        return default
    return value


def flag(run: Runner, element: Element, name: str, default: bool, code: int) -> bool:
    """``true`` or ``false``."""
    raw = element.get(name)
    if raw is None:
        return default
    if raw not in ("true", "false"):
        run.warn(code, f"invalid {name} {raw!r}")
        return default
    return raw == "true"


def method(run: Runner, element: Element, name: str, code: int, default: str = "POST") -> str:
    """GET or POST."""
    raw = element.get(name)
    if raw is None:
        return default
    if raw.upper() not in ("GET", "POST"):
        run.warn(code, f"invalid {name} {raw!r}")
        return default
    return raw.upper()


def words(run: Runner, element: Element, name: str, known: tuple[str, ...], code: int) -> frozenset[str]:
    """A list of words separated by spaces; unknown ones are warned of and left out."""
    given = (element.get(name) or "").split()
    for word in given:
        if word not in known:
            run.warn(code, f"invalid {name} {word!r}")
    return frozenset(given) & frozenset(known)
