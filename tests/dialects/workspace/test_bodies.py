"""What a request's body may be."""

from __future__ import annotations

import pytest

from app.core.ids import call_uuid
from tests.dialects.workspace.world import World, basic, refused

FIRST = call_uuid(1, 0)
SECOND = call_uuid(1, 1)
TO_BOB = {"destination": {"phoneNumber": "1002"}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 2),
        (b"{", 2),
        (b"[]", 2),
        (b"null", 2),
        (b'"Hold"', 2),
        (b"{}", 1),
        (b'{"operationName": null}', 1),
        (b'{"operationName": 5}', 2),
        (b'{"operationName": "Hold", "x": NaN}', 2),
        (b'{"operationName": "Hold", "x": 1e999}', 2),
        (b'{"operationName": "Hold", "x": "\\ud800"}', 2),
        (b'{"operationName": "Hold", "x": "\xff"}', 2),
        (b'{"operationName": "Hold", "x": ' + b"9" * 5000 + b"}", 2),
        (b'{"operationName": "Hold", "x": ' + b"[" * 50 + b"]" * 50 + b"}", 2),
        (b'{"operationName": "Hold", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 2),
    ],
)
def test_a_body_that_is_no_operation_object_is_refused(world: World, body: bytes, code: int) -> None:
    world.talk()
    answer = world.browser().post(f"/api/v2/me/calls/{FIRST}", data=body, headers=basic("alice"))
    assert refused(answer, code)
    assert world.control.commands == []


def test_a_body_over_a_mebibyte_is_too_large(world: World) -> None:
    world.talk()
    body = b'{"operationName": "Hold", "x": "' + b"x" * 1024 * 1024 + b'"}'
    answer = world.browser().post(f"/api/v2/me/calls/{FIRST}", data=body, headers=basic("alice"))
    assert answer.status_code == 413
    assert set(answer.json) == {"statusCode", "statusMessage"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", "text/plain", "application/x-www-form-urlencoded", None]
)
def test_the_content_type_does_not_matter(world: World, content_type: str | None) -> None:
    world.talk()
    answer = world.browser().post(
        f"/api/v2/me/calls/{FIRST}/",
        data=b'\xef\xbb\xbf{"operationName": "Hold", "unknown": {"is": "ignored"}}',
        headers=basic("alice"),
        content_type=content_type,
    )
    assert answer.json == {"statusCode": 0}
