"""Logging in and out, who is refused, and how."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.dialects.evo_voice.conftest import Client
from tests.dialects.evo_voice.fakes import ACME, ADMIN, ALICE, OTHER

LOGIN = {"provider": "credentials", "userName": "alice", "password": "demo"}


@pytest.fixture
def browser(send: Client) -> FlaskClient:
    """A client that keeps cookies."""
    return send.flask.test_client()


def test_without_credentials_the_answer_is_empty_and_names_the_way_in(send: Client) -> None:
    answer = send("POST", f"/sessions/{'0' * 24}/hold", who=None, json={})
    assert (answer.status, answer.data) == ("401 Unauthorized", b"")
    assert answer.headers["WWW-Authenticate"] == 'basic realm="/auth/basic"'


def test_wrong_basic_credentials_are_told_so(send: Client) -> None:
    answer = send("GET", "/sessions", who="mallory")
    assert answer.status == "401 Invalid Username or Password"
    assert answer.get_json()["responseStatus"] == {
        "errorCode": "Unauthorized",
        "message": "Invalid Username or Password",
        "errors": [],
    }


def test_a_login_answers_who_it_is_and_its_cookies_carry_it(browser: FlaskClient) -> None:
    answer = browser.post("/auth/credentials", json=LOGIN)
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["userId"], body["userName"], body["displayName"], body["roles"]) == (
        ALICE.id,
        "alice",
        "Alice",
        ["User"],
    )
    assert browser.get("/sessions/active").status_code == 200
    assert browser.get("/auth").get_json()["userId"] == ALICE.id


def test_cookies_are_shaped_as_published_and_hold_no_comma(browser: FlaskClient) -> None:
    cookies = browser.post("/auth/credentials", json={**LOGIN, "rememberMe": True}).headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["ss-id", "ss-pid", "ss-opt", "X-UAId"]
    for cookie in cookies:
        assert "," not in cookie
        assert all(part in cookie for part in ("Path=/", "HttpOnly", "SameSite=Lax"))
        assert "Secure" not in cookie


def test_cookies_are_secure_on_https(browser: FlaskClient) -> None:
    answer = browser.post("/auth/credentials", json=LOGIN, base_url="https://localhost")
    assert all("Secure" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("remember", [True, False, None])
def test_the_two_ids_alone_are_enough_also_as_headers(
    send: Client, browser: FlaskClient, remember: bool | None
) -> None:
    browser.post("/auth/credentials", json={**LOGIN, "rememberMe": remember})
    ids = {name: browser.get_cookie(name) for name in ("ss-id", "ss-pid")}
    values = {name: cookie.value for name, cookie in ids.items() if cookie is not None}
    replayed = {"Cookie": "; ".join(f"{name}={value}" for name, value in values.items())}
    assert send("GET", "/sessions/my", who=None, headers=replayed).status_code == 200
    as_headers = {f"X-{name}": value for name, value in values.items()}
    assert send("GET", "/sessions/my", who=None, headers=as_headers).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/auth/logout"), ("POST", "/auth/logout"), ("DELETE", "/auth")])
def test_logging_out_answers_an_empty_object_and_voids_the_cookie(browser: FlaskClient, method: str, path: str) -> None:
    browser.post("/auth/credentials", json=LOGIN)
    stolen = browser.get_cookie("ss-id")
    assert stolen is not None
    answer = browser.open(path, method=method)
    assert (answer.status_code, answer.get_json()) == (200, {})
    assert browser.get("/sessions/my").status_code == 401
    browser.set_cookie("ss-id", stolen.value)
    assert browser.get("/sessions/my").status_code == 401


def test_a_new_login_voids_the_old_one(browser: FlaskClient, send: Client) -> None:
    browser.post("/auth/credentials", json=LOGIN)
    old = browser.get_cookie("ss-id")
    assert old is not None
    browser.post("/auth/credentials", json=LOGIN)
    assert send("GET", "/sessions/my", who=None, headers={"Cookie": f"ss-id={old.value}"}).status_code == 401
    assert browser.get("/sessions/my").status_code == 200


@pytest.mark.parametrize(
    "cookie", ["ss-id=unknown", "ss-id=é; 01 Jan 2044 00:00:00 GMT=null", "ss-id=" + "a" * 5000, "=;;;,"]
)
def test_unknown_and_malformed_cookies_are_nobody(send: Client, cookie: str) -> None:
    assert send("GET", "/sessions/my", who=None, headers={"Cookie": cookie}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/auth/credentials", {**LOGIN, "password": "no"}, "401 Unauthorized", "Unauthorized"),
        ("POST", "/auth/credentials", {**LOGIN, "userName": "a\0b"}, "401 Unauthorized", "Unauthorized"),
        ("POST", "/auth/credentials", {"userName": "", "password": ""}, "400 NotEmpty", "NotEmpty"),
        ("POST", "/auth/login", {}, "400 NotEmpty", "NotEmpty"),
        ("POST", "/auth/google", {}, "404 NotFound", "NotFound"),
        ("GET", "/auth/credentials", None, "405 NotSupportedException", "NotSupportedException"),
    ],
)
def test_a_login_that_cannot_be_is_refused(
    send: Client, method: str, path: str, body: Any, status: str, code: str
) -> None:
    answer = send(method, path, who=None, json=body)
    assert (answer.status, answer.get_json()["responseStatus"]["errorCode"]) == (status, code)


def test_what_is_missing_from_a_login_is_named(send: Client) -> None:
    status = send("POST", "/auth/credentials", who=None, json={"userName": "alice"}).get_json()["responseStatus"]
    assert [(one["errorCode"], one["fieldName"]) for one in status["errors"]] == [("NotEmpty", "Password")]
    assert status["message"].startswith("Validation failed: ")


def test_logging_in_works_by_name_and_by_form(send: Client) -> None:
    assert send("POST", "/api/Authenticate", who=None, json=LOGIN).get_json()["userId"] == ALICE.id
    assert send("POST", "/json/reply/Authenticate", who=None, json=LOGIN).get_json()["userId"] == ALICE.id
    form = {"UserName": "alice", "Password": "demo"}
    assert send("POST", "/auth/login", who=None, data=form).get_json()["userId"] == ALICE.id


def test_asking_who_is_logged_in_without_a_login_is_an_empty_401(send: Client) -> None:
    assert (send("GET", "/auth", who=None).status_code, send("GET", "/auth", who=None).data) == (401, b"")


def test_the_status_of_nobody_is_200_and_of_a_user_her_accounts(send: Client) -> None:
    nobody = send("GET", "/auth/status", who=None)
    assert (nobody.status_code, nobody.get_json()["isAuthenticated"]) == (200, False)
    alice = send("GET", "/auth/status").get_json()
    assert (alice["id"], alice["isAuthenticated"], alice["accountIds"]) == (ALICE.id, True, [ACME.id])
    admin = send("GET", "/auth/status", who="admin").get_json()
    assert (admin["roles"], admin["accountIds"]) == (["Manager", "SystemAdministrator"], [ACME.id, OTHER.id])


def test_a_manager_reads_patches_and_adds_but_has_no_sessions_of_her_own(send: Client) -> None:
    session = send.control.talk()
    assert send("GET", "/sessions", who="admin").status_code == 200
    assert send("GET", f"/sessions/{session.id}", who="admin").status_code == 200
    held = send("PATCH", f"/sessions/{session.id}", who="admin", json={"callState": "Hold"}).get_json()
    assert (held["heldByUserId"], held["lastModifiedBy"]) == (ADMIN.id, "Admin")
    assert send("GET", "/sessions/my", who="admin").status == "403 Invalid Role"
    assert send("GET", "/sessions/active", who="admin").status == "403 Invalid Role"


def test_a_bad_value_is_told_before_anybody_is_asked_who_they_are(send: Client) -> None:
    assert send("POST", "/sessions/x/hold?reason=Bogus", who=None).status_code == 400
