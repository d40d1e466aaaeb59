"""What a REST handler gets and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..platform import Platform
from .errors import RestError, not_found
from .forms import Form


@dataclass(frozen=True)
class RestRequest:
    """One authenticated request: ``form`` holds the fields of the body, ``query`` those of the URL, ``keys`` the
    variable parts of the path, unescaped."""

    platform: Platform
    path: str
    keys: dict[str, str]
    form: Form
    query: Form

    def not_found(self) -> RestError:
        return not_found(self.path)


Answer = tuple[int, dict[str, Any] | None]
Handler = Callable[[RestRequest], Answer]
