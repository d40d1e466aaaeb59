"""Our own reason phrases on the status line, and nothing else that a phrase could smuggle in."""

from __future__ import annotations

from typing import Any

import pytest

from app.reasons import HEADER, with_reasons


def passed_on(status: str) -> list[tuple[str, str]]:
    """What reaches the server as headers when an application answers with this status line."""
    seen: list[tuple[str, str]] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response(status, [("Vary", "Accept")])
        return []

    with_reasons(application)({}, lambda status, headers, *exc_info: seen.extend(headers))
    return seen


def test_an_own_phrase_is_passed_on_beside_the_headers() -> None:
    assert passed_on("403 Invalid Role") == [("Vary", "Accept"), (HEADER, "Invalid Role")]


@pytest.mark.parametrize("status", ["200 OK", "404 NOT FOUND", "500 ", "400 a\r\nSet-Cookie: x=1", "400 é"])
def test_standard_phrases_need_no_help_and_strange_ones_get_none(status: str) -> None:
    assert passed_on(status) == [("Vary", "Accept")]
