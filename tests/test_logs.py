"""What the logs keep to themselves: telephone numbers and secrets, wherever in a record they stand."""

from __future__ import annotations

import json
import logging

import pytest

from app.logs import JsonFormatter, masked


@pytest.mark.parametrize("number", ["+15550100001", "15550100001", "+441632960961", "+4930901820", "5550100001"])
@pytest.mark.parametrize("text", ["to {}", "{} rang", "From={}&To=x", '"{}"', "tel:{};x", "({})"])
def test_a_telephone_number_is_masked(number: str, text: str) -> None:
    shown = masked(text.format(number))
    assert number.removeprefix("+") not in shown
    assert "<number>" in shown


@pytest.mark.parametrize(
    "text",
    ["token=abc123", "Token: abc123", '{"access_token": "abc123"}', "password='abc123'", "auth_token=abc123&x=1",
     "Authorization: Basic abc123", "X-Twilio-Signature: abc123", "{'twilio_api_secret': 'abc123'}",
     "postgresql://user:abc123@db/hookflash", "Authorization: Bearer abc123"],
)  # fmt: skip
def test_a_secret_is_masked(text: str) -> None:
    assert "abc123" not in masked(text)


@pytest.mark.parametrize(
    "text",
    ["CA0123456789abcdef0123456789abcdef", "65681f2b0caddbe02a2292d9", "5f8e00000000000000000001-12", "port 8000", "error 21220",
     "CF00000000000000000000000000000000", "session 700001", "webhook refused: signature not valid", "the token has expired"],
)  # fmt: skip
def test_the_ids_one_searches_by_stay_readable(text: str) -> None:
    assert masked(text) == text


def entry(**extra: object) -> dict[str, object]:
    """The log line of a failure about a caller, as JSON."""
    try:
        raise ValueError("no such number +15550100001, password=abc123")
    except ValueError as error:
        record = logging.LogRecord(
            "app.x", logging.ERROR, "f", 1, "call from %s", ("+15550100001",), (ValueError, error, None)
        )
    vars(record).update(extra)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_a_line_is_json_with_its_ids_and_without_numbers_or_secrets() -> None:
    line = entry(session_id="65681f2b0caddbe02a2292d9", caller="+15550100001", code=21220)
    assert line["message"] == "call from <number>"
    assert (line["level"], line["logger"], line["session_id"]) == ("ERROR", "app.x", "65681f2b0caddbe02a2292d9")
    assert (line["caller"], line["code"]) == ("<number>", 21220)
    assert "5550100001" not in json.dumps(line)
    assert "abc123" not in json.dumps(line)


def test_what_hides_in_a_list_or_a_mapping_is_masked_as_well() -> None:
    line = entry(callers=["+15550100001"], sent={"To": "+15550100001", "token": "abc123"})
    assert "5550100001" not in json.dumps(line)
    assert "abc123" not in json.dumps(line)
