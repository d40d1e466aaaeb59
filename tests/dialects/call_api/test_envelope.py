"""What a client receives for a request that is more or less JSON-RPC."""

from __future__ import annotations

import json

import pytest

from tests.dialects.call_api.sessions import held, talking
from tests.dialects.call_api.world import KEY, World, told


def _request(**members: object) -> bytes:
    whole = {"jsonrpc": "2.0", "id": "req1", "method": "list.calls", "params": {"access_token": KEY}}
    return json.dumps({name: value for name, value in {**whole, **members}.items() if value is not ...}).encode()


@pytest.mark.parametrize("given", ["req1", "", "7", 7, 0, -3, 1.5, 10**15])
def test_the_id_comes_back_with_its_type(given: object) -> None:
    answer = World().send(_request(id=given))
    assert (answer["id"], type(answer["id"])) == (given, type(given))
    assert answer["jsonrpc"] == "2.0"


def test_the_id_comes_back_with_errors_too() -> None:
    assert World().send(_request(id=42, method="no.such"))["id"] == 42


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"\xff\xfe{\x00}\x00",
        b'\xef\xbb\xbf{"a": 1}',
        b"{} {}",
    ],
)
def test_what_is_not_json_is_a_parse_error_without_id(body: bytes) -> None:
    answer = World().send(body)
    assert answer["id"] is None
    assert answer["error"] == {
        "code": -32700,
        "message": "Invalid JSON was received by the server.",
        "data": {
            "mnemonic": "parse_error",
            "field": None,
            "value": None,
            "params": {"object": None},
            "extended_helper": None,
        },
    }


def test_a_batch_is_refused_as_a_whole() -> None:
    answer = World().send(b"[" + _request() + b"]")
    assert told(answer) == (-32099, "batch_opreations_not_supported", None)
    assert answer["error"]["message"] == "Batch operations not supported"
    assert answer["id"] is None


def test_an_empty_batch_is_a_batch() -> None:
    assert told(World().send(b"[]"))[1] == "batch_opreations_not_supported"


def test_a_notification_is_refused_with_a_reply() -> None:
    answer = World().send(_request(id=...))
    assert told(answer) == (-32099, "notifications_not_supported", None)
    assert answer["error"]["message"] == "Notifications not supported"


@pytest.mark.parametrize(
    "members",
    [
        {"jsonrpc": "1.0"},
        {"jsonrpc": 2.0},
        {"jsonrpc": ...},
        {"jsonrpc": ..., "id": ...},
        {"id": None},
        {"id": True},
        {"id": []},
        {"id": {"a": 1}},
        {"method": 7},
        {"method": ...},
        {"params": []},
        {"params": None},
        {"params": ...},
    ],
)
def test_a_wrong_envelope_is_an_invalid_request(members: dict[str, object]) -> None:
    answer = World().send(_request(**members))
    assert told(answer) == (-32600, "invalid_request", None)
    assert answer["error"]["message"] == "Invalid Request The JSON sent is not a valid Request object"


@pytest.mark.parametrize("body", [b'"text"', b"7", b"null", b"true"])
def test_json_that_is_no_object_is_an_invalid_request(body: bytes) -> None:
    assert told(World().send(body))[1] == "invalid_request"


def test_an_id_beyond_all_numbers_is_an_invalid_request() -> None:
    body = _request(id=1).replace(b'"id": 1', b'"id": 1e400')
    assert told(World().send(body))[1] == "invalid_request"


def test_an_unknown_method_does_not_exist() -> None:
    answer = World().ask("transfer.call")
    assert told(answer) == (-32601, "method_not_found", None)
    assert answer["error"]["message"] == "The method does not exist / is not available"
    assert "metadata" not in answer["error"]["data"]


def test_of_two_equal_keys_the_last_counts() -> None:
    body = _request().replace(b'"method": "list.calls"', b'"method": "no.such", "method": "list.calls"')
    assert World().send(body)["result"]["data"] == []


def test_members_of_the_envelope_that_nobody_knows_are_ignored() -> None:
    assert World().send(_request(extra=1))["result"]["data"] == []


def test_the_content_type_does_not_matter() -> None:
    http = World().http
    for content_type in ("application/json; charset=UTF-8", "application/json", "text/plain", None):
        reply = http.post("/v4.0", data=_request(), content_type=content_type)
        assert (reply.status_code, reply.mimetype) == (200, "application/json")


def test_json_nested_without_end_is_refused_before_it_is_read() -> None:
    body = _request(params=0).replace(b'"params": 0', b'"params": {"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}")
    assert told(World().send(body, status=400))[1] == "parse_error"


def test_brackets_inside_a_text_are_only_text() -> None:
    message = {"type": "tts", "value": "[" * 10 + '\\"' + "{" * 8}
    assert World(talking()).data("hold.call", call_session_id=700012, contact_message=message) == {"success": "true"}
    deep = json.dumps({"jsonrpc": "2.0", "id": "[" * 500 + '"', "method": "no.such", "params": {}}).encode()
    assert told(World().send(deep))[1] == "method_not_found"


def test_a_body_over_a_mebibyte_is_refused_by_size() -> None:
    assert told(World().send(b" " * (1024 * 1024 + 1), status=413))[1] == "parse_error"


def test_only_post_is_taken() -> None:
    for verb in ("get", "put", "delete", "patch", "options"):
        reply = getattr(World().http, verb)("/v4.0")
        assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")
        assert reply.get_json()["error"]["data"]["mnemonic"] == "invalid_request"


def test_nothing_lies_below_the_address() -> None:
    reply = World().http.post("/v4.0/hold.call", data=_request())
    assert reply.status_code == 404
    assert reply.get_json()["error"]["data"]["mnemonic"] == "method_not_found"


def test_stray_bytes_in_a_message_are_told_as_encoding() -> None:
    message = {"type": "tts", "value": "@"}
    params = {"access_token": KEY, "call_session_id": 700012, "contact_message": message}
    body = _request(method="hold.call", params=params).replace(b'"@"', b'"caf\xe9"')
    answer = World(talking()).send(body)
    assert told(answer) == (-32602, "character_encoding_not_allowed", "contact_message.value")
    assert answer["error"]["message"] == "The character encoding must be UTF-8"


def test_half_a_surrogate_pair_in_a_message_is_told_as_encoding() -> None:
    params = {
        "access_token": KEY,
        "call_session_id": 700012,
        "to": "1002",
        "to_message": {"type": "tts", "value": "\ud83d"},
    }
    answer = World(held()).send(_request(method="make.call", params=params))
    assert told(answer) == (-32602, "character_encoding_not_allowed", "to_message.value")


@pytest.mark.parametrize("where", [b'"list.calls"', b'"access_token"', b'"req1"', b'"2.0"'])
def test_stray_bytes_anywhere_else_are_not_json(where: bytes) -> None:
    body = _request().replace(where, where[:-1] + b'\xff"')
    assert told(World().send(body))[1] == "parse_error"


def test_a_whole_emoji_is_text_like_any_other() -> None:
    message = {"type": "tts", "value": "one moment \N{WAVING HAND SIGN}"}
    assert World(talking()).data("hold.call", call_session_id=700012, contact_message=message) == {"success": "true"}
