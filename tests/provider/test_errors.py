"""What an error answer of Twilio means: gone, again, look first, refused, or unknown and loud."""

from __future__ import annotations

import pytest

from app.provider.errors import Meaning, meaning_of

# Codes and statuses as Twilio's error dictionary and the REST API's documentation give them.
KNOWN = [
    (20404, 404, Meaning.GONE),
    (21220, 400, Meaning.GONE),
    (20429, 429, Meaning.AGAIN),
    (20500, 500, Meaning.UNKNOWN_OUTCOME),
    (20503, 503, Meaning.UNKNOWN_OUTCOME),
    (20003, 401, Meaning.REFUSED),
    (21205, 400, Meaning.REFUSED),
    (21211, 400, Meaning.REFUSED),
    (21212, 400, Meaning.REFUSED),
    (21215, 400, Meaning.REFUSED),
]


@pytest.mark.parametrize(("code", "status", "meaning"), KNOWN)
def test_a_known_code_has_its_meaning(code: int, status: int, meaning: Meaning) -> None:
    assert meaning_of(code, status) is meaning


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (404, Meaning.GONE),
        (429, Meaning.AGAIN),
        (500, Meaning.UNKNOWN_OUTCOME),
        (502, Meaning.UNKNOWN_OUTCOME),
        (504, Meaning.UNKNOWN_OUTCOME),
        (400, Meaning.UNKNOWN),
        (409, Meaning.UNKNOWN),
    ],
)
@pytest.mark.parametrize("code", [None, 99999])
def test_without_a_known_code_the_status_decides_what_it_safely_can(
    code: int | None, status: int, meaning: Meaning
) -> None:
    assert meaning_of(code, status) is meaning
