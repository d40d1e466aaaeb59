"""Who may ask: cookie or Basic credentials, the CSRF header, and the end of a session."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from app.dialects.workspace.auth import authenticator, login_name
from tests.dialects.workspace.world import ALICE, World, basic

DENIED = {"statusCode": 20, "statusMessage": "Access denied"}
CALL = "/api/v2/me/calls/01HOOKFLASHCALLS0000000000000100"
HOLD = {"operationName": "Hold"}


def cookie_of(response: object) -> str:
    header: str = response.headers.get("Set-Cookie", "")  # type: ignore[attr-defined]
    return header


@pytest.mark.parametrize("path", ["/me", "/me/calls", "/me/calls/x", "/nothing/here", "/diagnostics/version", "/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_without_credentials_everything_is_403_with_code_20_even_what_does_not_exist(
    world: World, path: str, method: str
) -> None:
    response = world.browser().open(f"/api/v2{path}", method=method)
    assert (response.status_code, response.json) == (403, DENIED)
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic YWxpY2U6d3Jvbmc=",
        "Bearer demo",
        "Basic OmRlbW8=",
        "Basic YWxpY2UAOmRlbW8=",
        "Basic /////w==",
    ],
)
def test_wrong_credentials_are_as_good_as_none(world: World, header: str) -> None:
    response = world.browser().get("/api/v2/me", headers={"Authorization": header})
    assert (response.status_code, response.json) == (403, DENIED)


def test_basic_credentials_open_a_session_whose_cookie_is_enough_from_then_on(world: World) -> None:
    client = world.browser()
    first = client.get("/api/v2/me", headers=basic("alice"))
    assert re.fullmatch(r"JSESSIONID=\w+; HttpOnly; Path=/; SameSite=Lax", cookie_of(first))
    second = client.get("/api/v2/me")
    assert second.json["user"]["userName"] == "alice"  # type: ignore[index]
    assert cookie_of(second) == ""


def test_a_client_that_sends_both_is_not_given_a_new_session_each_time(world: World) -> None:
    client = world.browser()
    for _ in range(3):
        assert client.get("/api/v2/me", headers=basic("alice")).status_code == 200
    assert len(world.directory.logins) == 1
    assert world.directory.checked == 1


def test_basic_credentials_of_somebody_else_win_over_the_cookie(world: World) -> None:
    client = world.browser()
    client.get("/api/v2/me", headers=basic("alice"))
    assert client.get("/api/v2/me", headers=basic("bob")).json["user"]["userName"] == "bob"  # type: ignore[index]
    assert client.get("/api/v2/me", headers=basic("carol", "wrong")).status_code == 403


def test_ending_the_contact_center_session_voids_the_cookie(world: World) -> None:
    client = world.browser()
    client.get("/api/v2/me", headers=basic("alice"))
    (token,) = [token for _, token in world.directory.logins]
    ended = client.post("/api/v2/me", json={"operationName": "EndContactCenterSession"})
    assert ended.json == {"statusCode": 0}
    assert "JSESSIONID=;" in cookie_of(ended)
    replayed = world.browser().get("/api/v2/me", headers={"Cookie": f"JSESSIONID={token}"})
    assert (replayed.status_code, replayed.json) == (403, DENIED)


def test_the_notification_server_knows_callers_by_the_same_rules(world: World) -> None:
    authenticate = authenticator(world.services, lambda user_id, login: (user_id, login))
    assert authenticate({}) is None
    assert authenticate({"cookie": "JSESSIONID=unknown"}) is None
    assert authenticate({"authorization": basic("alice")["Authorization"]}) == (ALICE.id, "")
    token = world.directory.open_login("workspace", ALICE, 60)
    assert authenticate({"cookie": f"BAYEUX_BROWSER=x; JSESSIONID={token}"}) == (
        ALICE.id,
        login_name(token),
    )
    assert token not in login_name(token)


def test_a_login_of_another_api_opens_nothing_here(world: World) -> None:
    token = world.directory.open_login("evo", ALICE, 60)
    assert world.browser().get("/api/v2/me", headers={"Cookie": f"JSESSIONID={token}"}).status_code == 403


class TestWithCsrfProtection:
    """With the protection on, modifying requests carry the token that every GET hands out."""

    def logged_in(self) -> tuple[World, FlaskClient, dict[str, str]]:
        world = World(workspace_csrf=True)
        world.talk()
        client = world.browser()
        response = client.get("/api/v2/me", headers=basic("alice"))
        assert response.headers["X-CSRF-HEADER"] == "X-CSRF-TOKEN"
        return world, client, {response.headers["X-CSRF-HEADER"]: response.headers["X-CSRF-TOKEN"]}

    def test_the_token_is_a_uuid_and_stays_for_the_session(self) -> None:
        _, client, header = self.logged_in()
        token = header["X-CSRF-TOKEN"]
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", token)
        assert client.get("/api/v2/me/calls").headers["X-CSRF-TOKEN"] == token

    def test_a_post_with_the_token_is_accepted(self) -> None:
        _, client, header = self.logged_in()
        assert client.post(CALL, json=HOLD, headers=header).json == {"statusCode": 0}

    @pytest.mark.parametrize("token", [None, "", "00000000-0000-0000-0000-000000000000", "ü"])
    def test_a_post_without_the_right_token_is_403(self, token: str | None) -> None:
        world, client, _ = self.logged_in()
        headers = {} if token is None else {"X-CSRF-TOKEN": token}
        response = client.post(CALL, json=HOLD, headers=headers)
        assert response.status_code == 403
        assert response.json == {"statusCode": 3, "statusMessage": "Missing or invalid Csrf token"}
        assert world.control.commands == []

    def test_a_post_without_the_cookie_is_403_even_with_basic_credentials(self) -> None:
        world, _, header = self.logged_in()
        response = world.browser().post(CALL, json=HOLD, headers=header | basic("alice"))
        assert (response.status_code, response.json["statusCode"]) == (403, 3)  # type: ignore[index]


def test_without_the_protection_no_token_is_handed_out_or_asked_for(world: World) -> None:
    world.talk()
    client = world.browser()
    assert "X-CSRF-TOKEN" not in client.get("/api/v2/me", headers=basic("alice")).headers
    assert client.post(CALL, json=HOLD).json == {"statusCode": 0}
