"""What a client is told about parameters that are missing, unknown, or wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.call_api.sessions import NUMBER, held, talking
from tests.dialects.call_api.world import KEY, World, told

MELODY = {"type": "media", "value": "2034"}


def _hold(**changes: Any) -> dict[str, Any]:
    params = {"call_session_id": NUMBER, "contact_message": MELODY, **changes}
    return World(talking()).ask("hold.call", **{name: value for name, value in params.items() if value is not ...})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"call_session_id": ...}, "call_session_id"),
        ({"contact_message": ...}, "contact_message"),
        ({"contact_message": {"type": "tts"}}, "contact_message.value"),
        ({"contact_message": {"value": "2034"}}, "contact_message.type"),
        ({"contact_message": {}}, "contact_message.type"),
        ({"call_session_id": ..., "contact_message": ...}, "call_session_id"),
    ],
)
def test_a_missing_parameter_is_named(changes: dict[str, Any], field: str) -> None:
    answer = _hold(**changes)
    assert told(answer) == (-32602, "required_parameter_missed", field)
    assert answer["error"]["message"] == "The required parameter has been missed"
    assert answer["error"]["data"]["value"] is None


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"extra": 1}, "extra", 1),
        ({"contact_message": {**MELODY, "loop": True}}, "contact_message.loop", True),
        ({"leg_id": {"a": []}}, "leg_id", {"a": []}),
        ({"_schema": {"password": "s3cret", "b": 1}}, "_schema", {"password": None, "b": 1}),
        ({"contact_message": {**MELODY, "_schema": 2}}, "contact_message._schema", 2),
    ],
)
def test_an_unknown_parameter_is_refused_and_named(changes: dict[str, Any], field: str, value: object) -> None:
    answer = _hold(**changes)
    assert told(answer) == (-32602, "unexpected_parameters", field)
    assert (answer["error"]["message"], answer["error"]["data"]["value"]) == ("Unexpected method parameter(s)", value)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"call_session_id": "700012"}, "call_session_id", "700012"),
        ({"call_session_id": True}, "call_session_id", True),
        ({"call_session_id": None}, "call_session_id", None),
        ({"call_session_id": [700012]}, "call_session_id", [700012]),
        ({"contact_message": "2034"}, "contact_message", "2034"),
        ({"contact_message": None}, "contact_message", None),
        ({"contact_message": [MELODY]}, "contact_message", [MELODY]),
        ({"contact_message": {"type": "media", "value": 2034}}, "contact_message.value", 2034),
        ({"contact_message": {"type": 1, "value": "2034"}}, "contact_message.type", 1),
        ({"contact_message": {"type": "tts", "value": None}}, "contact_message.value", None),
    ],
)
def test_a_wrong_type_is_told_with_what_was_sent(changes: dict[str, Any], field: str, value: object) -> None:
    answer = _hold(**changes)
    assert told(answer) == (-32602, "data_type_error", field)
    assert answer["error"]["message"] == "Data supplied is of wrong type"
    assert answer["error"]["data"]["value"] == value


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contact_message": {"type": "MEDIA", "value": "2034"}}, "contact_message.type"),
        ({"contact_message": {"type": "", "value": "2034"}}, "contact_message.type"),
        ({"contact_message": {"type": "tts", "value": ""}}, "contact_message.value"),
        ({"contact_message": {"type": "tts", "value": "  \n"}}, "contact_message.value"),
        ({"contact_message": {"type": "tts", "value": "bell \x07"}}, "contact_message.value"),
        ({"call_session_id": 700012.5}, "call_session_id"),
    ],
)
def test_a_wrong_value_is_told(changes: dict[str, Any], field: str) -> None:
    answer = _hold(**changes)
    assert told(answer) == (-32602, "invalid_parameter_value", field)
    assert answer["error"]["message"] == "Invalid parameter value"


@pytest.mark.parametrize(
    "to", ["+15550100009", "alice", "client:alice", "1002 ", "", "10-02", "1002\n", "1" * 16, "\u0661\u0660"]
)
def test_a_number_to_call_is_digits_alone(to: str) -> None:
    world = World(held())
    assert world.refusal("make.call", call_session_id=NUMBER, to=to) == (-32602, "invalid_parameter_value", "to")


@pytest.mark.parametrize("keys", ["", "12", "A", ".", "1.", "1\n", "\u0661"])
def test_dtmf_is_one_key(keys: str) -> None:
    world = World(talking())
    refused = world.refusal("send.dtmf", call_session_id=NUMBER, dtmf_string=keys)
    assert refused == (-32602, "invalid_parameter_value", "dtmf_string")


def test_of_several_mistakes_the_first_in_the_order_of_checks_is_told() -> None:
    bad_value, bad_type = {"type": "midi", "value": "1"}, {"type": "tts", "value": 1}
    assert told(_hold(call_session_id="x", contact_message=..., extra=1))[1] == "unexpected_parameters"
    assert told(_hold(call_session_id="x", contact_message={**MELODY, "loop": 1}))[1] == "unexpected_parameters"
    assert told(_hold(call_session_id="x", contact_message=...))[1] == "required_parameter_missed"
    assert told(_hold(call_session_id="x", contact_message=bad_value))[1:] == ("data_type_error", "call_session_id")
    assert told(_hold(call_session_id=1.5, contact_message=bad_type))[1:] == (
        "data_type_error",
        "contact_message.value",
    )
    assert told(_hold(call_session_id=1.5, contact_message=bad_value))[2] == "call_session_id"


def test_optional_parameters_may_be_null() -> None:
    assert World().data("list.calls", direction=None, virtual_phone_number=None) == []
    assert World(held()).data("make.call", call_session_id=NUMBER, to="1002", to_message=None) == {"success": "true"}


def test_a_number_beyond_all_numbers_is_of_the_wrong_type_and_echoed_as_sent() -> None:
    for number in (b"1e400", b"-1e999", b"9" * 5000):
        body = (
            b'{"jsonrpc": "2.0", "id": 1, "method": "unhold.call", "params": {"access_token": "%s", "call_session_id": %s}}'
            % (KEY.encode(), number)
        )
        answer = World(held()).send(body)
        assert told(answer) == (-32602, "data_type_error", "call_session_id")
        assert answer["error"]["data"]["value"] == number.decode()


def test_a_whole_number_written_with_a_fraction_is_still_a_number() -> None:
    assert World(held()).data("unhold.call", call_session_id=700012.0) == {"success": "true"}
