"""The catalogue of errors and the table that leads to it."""

from __future__ import annotations

import pytest

from app.core.errors import (
    HookflashError,
    LimitExceeded,
    MediaNotFound,
    TextTooLong,
    every_error,
)
from app.dialects.call_api.errors import CATALOGUE, TABLE, RpcError, translated

# The four errors of the published hold.call page, with its braces filled in.
PUBLISHED = [
    (RpcError("invalid_state"), -32004, "This method can not be called in this state"),
    (translated(MediaNotFound(media_id="2034")), -32602, "The media file with id 2034 not found"),
    (
        translated(TextTooLong(limit=1000, length=1001)),
        -32602,
        "The maximum length of Text-to-Speech message is 1000. The length of your message is 1001",
    ),
    (RpcError("character_encoding_not_allowed"), -32602, "The character encoding must be UTF-8"),
]


@pytest.mark.parametrize(("error", "code", "text"), PUBLISHED)
def test_the_published_errors_of_hold_call_are_word_for_word(error: RpcError, code: int, text: str) -> None:
    assert (error.body()["code"], error.body()["message"]) == (code, text)


def test_every_error_of_the_core_has_its_place() -> None:
    assert set(every_error()) <= set(TABLE)


@pytest.mark.parametrize("kind", list(TABLE))
def test_every_place_exists(kind: type[HookflashError]) -> None:
    assert TABLE[kind][0] in CATALOGUE


def test_a_day_limit_reads_as_one() -> None:
    assert translated(LimitExceeded(limit_type="day", limit=750)).body()["message"] == (
        "Limit per day has been exceeded. Value of current limit per day is 750"
    )
