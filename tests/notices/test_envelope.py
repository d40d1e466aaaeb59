"""What counts as a Bayeux request body."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from app.notices.envelope import MOST_MESSAGES, MalformedEnvelope, unwrap, wrap

MESSAGE = {"channel": "/meta/connect", "id": "1"}
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


@pytest.mark.parametrize("content_type", ["application/json;charset=UTF-8", "text/json", "text/plain", ""])
def test_an_array_and_a_bare_object_are_understood_whatever_they_are_called(content_type: str) -> None:
    assert unwrap(json.dumps([MESSAGE, MESSAGE]).encode(), content_type) == [MESSAGE, MESSAGE]
    assert unwrap(json.dumps(MESSAGE).encode(), content_type) == [MESSAGE]


def test_a_form_carries_messages_in_one_or_more_fields() -> None:
    body = urlencode([("message", json.dumps(MESSAGE)), ("other", "x"), ("message", json.dumps([MESSAGE, MESSAGE]))])
    assert unwrap(body.encode(), FORM) == [MESSAGE] * 3


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", ""),
        (b"[]", ""),
        (b"hello", ""),
        (b"7", ""),
        (b"null", ""),
        (b'["text"]', ""),
        (b'[{"id":NaN}]', ""),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
        (b'{"data":' + b"[" * 100 + b"]" * 100 + b"}", ""),
        (json.dumps([{}] * (MOST_MESSAGES + 1)).encode(), ""),
        (b"other=1", FORM),
        (b"message=hello", FORM),
        (b"message=%FF", FORM),
        (b"&".join([b"message={}"] * (MOST_MESSAGES + 1)), FORM),
    ],
)
def test_what_is_not_json_or_has_no_messages_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(MalformedEnvelope):
        unwrap(body, content_type)


def test_replies_are_an_array_that_survives_any_text() -> None:
    assert json.loads(wrap([{"id": "\ud800 ü"}])) == [{"id": "\ud800 ü"}]
