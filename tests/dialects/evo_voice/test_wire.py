"""How requests are read and which form the reply takes: the rules of the framework behind the published API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.dialects.evo_voice import formats
from tests.dialects.evo_voice.conftest import Client

DECLARED = [
    "dialState",
    "callState",
    "queueState",
    "accountId",
    "accountName",
    "customerBreadcrumb",
    "endpointId",
    "endpointName",
    "toAddress",
    "fromAddress",
    "fromName",
    "answeredByName",
    "channel",
    "ended",
    "callSid",
    "holdReason",
    "conferenceSid",
    "displayName",
    "log",
    "members",
    "answeredById",
    "direction",
    "mostRecentParticipantCallSid",
    "wasMissed",
    "id",
    "dateCreated",
    "dateLastModified",
    "createdBy",
    "lastModifiedBy",
]


def chosen(
    accept: str = "", content_type: str = "", callback: str = "", query: str = "", path: str | None = None
) -> str:
    parts = accept.split(",") if accept else []
    return formats.choose(callback=callback, query=query, path=path, accept=parts, content_type=content_type)


@pytest.mark.parametrize(
    ("accept", "content_type", "expected"),
    [
        ("", "", "json"),
        ("", "application/xml", "json"),
        ("application/xml", "", "xml"),
        ("application/xml, application/json", "", "json"),
        ("application/xml;q=0.9, application/json;q=0.1", "application/xml; charset=utf-8", "xml"),
        ("application/json, application/xml", "application/xml", "xml"),
        ("*/*", "application/xml", "xml"),
        ("*/*", "application/x-www-form-urlencoded", "json"),
        ("*/*", "text/plain", "json"),
        ("text/csv", "", "csv"),
        ("*/*, text/csv", "", "json"),
        ("text/jsv", "", "jsv"),
        ("image/png", "application/xml", "json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", "json"),
    ],
)
def test_the_servers_order_decides_unless_the_bodys_type_is_accepted(
    accept: str, content_type: str, expected: str
) -> None:
    assert chosen(accept, content_type) == expected


def test_callback_beats_format_beats_path_beats_accept() -> None:
    assert chosen("application/xml", callback="cb", query="xml", path="xml") == "json"
    assert chosen("application/json", query="XML", path="jsv") == "xml"
    assert chosen("application/json", path="xml") == "xml"
    assert chosen("application/xml", query="yaml") == "xml"


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/sessions/active.xml", "application/xml"),
        ("/sessions/active.csv", "text/csv"),
        ("/sessions.xml", "application/xml"),
        ("/Sessions.JSON", "application/json; charset=utf-8"),
        ("/sessions/active?format=xml", "application/xml"),
        ("/sessions/active.xml?format=json", "application/json; charset=utf-8"),
        ("/xml/reply/GetActiveSessions", "application/xml"),
        ("/json/reply/GetActiveSessions?format=xml", "application/xml"),
        ("/api/GetActiveSessions", "application/json; charset=utf-8"),
        ("/api/GetActiveSessions.xml", "application/xml"),
        ("/api/getactivesessions", "application/json; charset=utf-8"),
        ("/SESSIONS/Active/", "application/json; charset=utf-8"),
    ],
)
def test_the_path_may_say_the_format_and_its_letters_case_does_not_matter(
    send: Client, path: str, content_type: str
) -> None:
    send.control.talk()
    answer = send("GET", path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
    assert answer.headers["Vary"] == "Accept"


def test_json_members_come_in_declared_order_without_nulls_or_blanks(send: Client) -> None:
    session = send.control.talk()
    answer = send("GET", f"/sessions/{session.id}")
    assert list(answer.get_json()) == DECLARED
    assert answer.text.startswith('{"dialState":"None","callState":"Connected","queueState":"None","accountId":"')


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"json": {"REASON": "transferring"}}, "Transferring"),
        ({"json": {"reason": 1}}, "Transferring"),
        ({"json": {"reason": "1"}}, "Transferring"),
        ({"json": {"reason": "Bogus"}}, "None"),
        ({"json": {"reason": {"a": 1}, "extra": []}}, "None"),
        ({"json": {"reason": None}}, "None"),
        ({"data": ""}, "None"),
        ({"data": {"Reason": "Transferring"}}, "Transferring"),
        ({"data": {"reason": "1"}}, "Transferring"),
        ({"query_string": {"reason": "TRANSFERRING"}}, "Transferring"),
        ({"query_string": {"reason": ""}, "json": {"reason": "Transferring"}}, "Transferring"),
        ({"query_string": {"reason": "None"}, "json": {"reason": "Transferring"}}, "None"),
        ({"data": "{reason:Transferring}", "content_type": "text/jsv"}, "Transferring"),
        ({"data": '{"reason":"Transferring"}', "content_type": "image/png"}, "None"),
    ],
)
def test_body_query_and_form_are_bound_leniently_in_the_published_order(
    send: Client, options: Any, expected: str
) -> None:
    answer = send("POST", f"/sessions/{send.control.talk().id}/hold", **options)
    assert (answer.status_code, answer.get_json()["holdReason"]) == (200, expected)


@pytest.mark.parametrize("options", [{"query_string": {"reason": "Bogus"}}, {"data": {"reason": "Bogus"}}])
def test_a_bad_value_in_query_or_form_is_refused_by_name(send: Client, options: Any) -> None:
    answer = send("POST", f"/sessions/{send.control.talk().id}/hold", **options)
    assert answer.status == "400 Bad Request"
    assert answer.get_json() == {
        "responseStatus": {
            "errorCode": "SerializationException",
            "message": "Unable to bind to request 'HoldSession'",
            "errors": [
                {
                    "errorCode": "SerializationException",
                    "fieldName": "reason",
                    "message": "'Bogus' is an Invalid value for 'reason'",
                }
            ],
        }
    }


def test_the_query_beats_the_path_and_the_bound_session_is_the_one_that_is_checked(send: Client) -> None:
    mine = send.control.talk()
    foreign = send.control.talk(
        agent=send.directory.people[3],
        line="+15550001009",
        account=send.directory.accounts_of(send.directory.people[3])[0],
    )
    assert send("POST", f"/sessions/{mine.id}/hold?sessionId={foreign.id}").status_code == 404
    other = send.control.talk()
    assert send("POST", f"/sessions/{mine.id}/hold?sessionId={other.id}").get_json()["id"] == other.id


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '"text"',
        "7",
        b"\xff\xfe",
        "[" * 100_000,
        '{"a":' * 500 + "1" + "}" * 500,
        '{"reason":' + "9" * 6000 + "}",
    ],
    ids=["cut off", "array", "text", "number", "not utf-8", "deep", "deep objects", "endless number"],
)
def test_a_body_that_is_no_json_object_is_a_clear_400(send: Client, body: str | bytes) -> None:
    answer = send("POST", f"/sessions/{send.control.talk().id}/hold", data=body, content_type="application/json")
    assert answer.status == "400 Bad Request"
    assert answer.get_json()["responseStatus"]["errorCode"] == "SerializationException"
    assert send.control.commands == []


def test_a_body_over_one_mebibyte_is_too_large(send: Client) -> None:
    body = json.dumps({"consoleData": "x" * 1024 * 1024})
    answer = send("PATCH", f"/sessions/{send.control.talk().id}", data=body, content_type="application/json")
    assert answer.status_code == 413
    assert answer.get_json()["responseStatus"]["errorCode"] == "RequestEntityTooLarge"


def test_half_a_character_in_json_is_replaced_not_an_error_of_ours(send: Client) -> None:
    answer = send(
        "PATCH",
        f"/sessions/{send.control.talk().id}",
        data=r'{"consoleData":"a\ud800b\u0000"}',
        content_type="application/json",
    )
    assert answer.get_json()["consoleData"] == "a\ufffdb\ufffd"


def test_a_verb_may_be_overridden_by_header_or_in_a_post_but_never_by_a_mere_link(send: Client) -> None:
    path = f"/sessions/{send.control.talk().id}"
    assert (
        send("POST", path, json={"callState": "Hold"}, headers={"X-Http-Method-Override": "PATCH"}).get_json()[
            "callState"
        ]
        == "Hold"
    )
    assert send("GET", f"{path}?X-Http-Method-Override=DELETE").get_json()["callState"] == "Hold"
    assert send("POST", f"{path}?X-Http-Method-Override=DELETE").status_code == 204


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sessions/x/hold"),
        ("PUT", "/sessions/x"),
        ("GET", "/sessions/x/y/z"),
        ("GET", "/json/metadata"),
        ("POST", "/auth/a/b"),
        ("GET", "/api/GetSession/x"),
        ("GET", "/api"),
        ("GET", "/api/"),
    ],
)
def test_an_unmatched_path_or_verb_is_a_plain_404(send: Client, method: str, path: str) -> None:
    answer = send(method, path)
    assert (answer.status, answer.mimetype, answer.text) == ("404 Not Found", "text/plain", "404")


@pytest.mark.parametrize("path", ["/api/Foo", "/json/reply/Foo", "/api/Foo[]"])
def test_an_unknown_operation_is_a_405(send: Client, path: str) -> None:
    answer = send("POST", path, json={})
    status = answer.get_json()["responseStatus"]
    assert answer.status_code == 405
    assert (status["errorCode"], status["message"]) == (
        "NotImplementedException",
        "The operation 'Foo' does not exist for this service",
    )
    assert send("GET", "/api/HoldSession").status_code == 405


def test_the_predefined_routes_read_the_body_alone_in_their_own_format(send: Client) -> None:
    session = send.control.talk()
    body = json.dumps({"sessionId": session.id})
    answer = send("POST", "/json/reply/HoldSession?reason=Transferring", data=body, content_type="application/xml")
    assert (answer.status_code, answer.get_json()["holdReason"]) == (200, "None")
    form = {"sessionId": session.id, "reason": "Transferring"}
    assert send("POST", "/api/HoldSession", data=form).get_json()["holdReason"] == "Transferring"
    assert send("DELETE", f"/api/EndSession?sessionId={session.id}").status_code == 204


@pytest.mark.parametrize("path", ["/api/HoldSession[]", "/json/reply/HoldSession%5B%5D"])
def test_a_batch_answers_an_array_in_order(send: Client, path: str) -> None:
    first, second = send.control.talk(), send.control.talk()
    answer = send("POST", path, json=[{"sessionId": second.id}, {"sessionId": first.id, "reason": "Transferring"}])
    assert [(info["id"], info["holdReason"]) for info in answer.get_json()] == [
        (second.id, "None"),
        (first.id, "Transferring"),
    ]


def test_a_batch_stops_at_the_first_failure_and_says_where(send: Client) -> None:
    first, second = send.control.talk(), send.control.talk()
    batch = [{"sessionId": first.id}, {"sessionId": "0" * 24}, {"sessionId": second.id}]
    answer = send("POST", "/api/HoldSession[]", json=batch)
    assert (answer.status, answer.headers["X-AutoBatch-Completed"]) == ("404 NotFound", "1")
    assert answer.get_json()["responseStatus"]["meta"] == {"AutoBatchIndex": "1"}
    assert len(send.control.commands) == 1


def test_jsonp_wraps_answers_and_errors_with_200(send: Client) -> None:
    answer = send("GET", "/sessions/active?callback=show.it")
    assert (answer.mimetype, answer.text) == ("text/javascript", 'show.it({"sessions":[]})')
    failed = send("GET", f"/sessions/{'0' * 24}?callback=cb")
    assert failed.status_code == 200
    assert failed.text.startswith('cb({"responseStatus":{"errorCode":"NotFound"')
    assert send("GET", "/sessions/active?callback=cb", who=None).text.startswith(
        'cb({"responseStatus":{"errorCode":"Unauthorized"'
    )
    assert send("GET", "/sessions/active?callback=alert(1)").mimetype == "application/json"


def test_another_apis_version_path_is_left_to_it(send: Client) -> None:
    adapter = send.flask.url_map.bind("localhost")
    assert not adapter.test("/api/v2/me", method="GET")
    assert not adapter.test("/api/v2", method="GET")
    assert adapter.test("/api/v2GetSession", method="GET")


def test_a_oneway_call_is_carried_out_and_answers_nothing(send: Client) -> None:
    session = send.control.talk()
    answer = send("POST", "/json/oneway/HoldSession", json={"sessionId": session.id})
    assert (answer.status_code, answer.data) == (204, b"")
    assert send.control.session(session.id).hold is not None


def test_head_is_a_get_without_the_body(send: Client) -> None:
    answer = send("HEAD", "/sessions/active")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"", "application/json")


def test_a_batch_has_a_limit(send: Client) -> None:
    assert send("POST", "/api/GetMySessions[]", json=[{}] * 1001).status_code == 400
