"""Who may do what through the Evo Voice API, as the published clients learn of it."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from servicestack import WebServiceException

from tests.dialects.evo_voice import service_client as evo
from tests.support.product import Product
from tests.support.waiting import until


def refusal(client: object, request: object) -> WebServiceException:
    """Send what must be refused and return how the client understood it."""
    with pytest.raises(WebServiceException) as refused:
        client.send(request)  # type: ignore[attr-defined]
    return refused.value


def test_a_login_without_the_role_is_told_invalid_role(product: Product) -> None:
    talk = product.given_talk()
    refused = refusal(evo.client(product.url, "admin"), evo.HoldSession(session_id=talk.session_id))
    assert (refused.status_code, refused.response_status.error_code, refused.response_status.message) == (
        403,
        "403",
        "Invalid Role",
    )


def test_nobody_is_told_unauthorized(product: Product) -> None:
    refused = refusal(evo.client(product.url, None), evo.HoldSession(session_id="0" * 24))
    assert (refused.status_code, refused.response_status.error_code, refused.response_status.message) == (
        401,
        "401",
        "Unauthorized",
    )


def test_an_unknown_operation_is_a_405_the_client_can_read(product: Product) -> None:
    answer = requests.post(f"{product.url}/api/UnholdSession", json={}, timeout=10)
    assert (answer.status_code, answer.json()["responseStatus"]["errorCode"]) == (405, "NotImplementedException")


def test_another_accounts_people_find_no_such_session(product: Product) -> None:
    talk = product.given_talk()
    dave = evo.client(product.url, "dave")
    for request in (evo.GetSession(session_id=talk.session_id), evo.HoldSession(session_id=talk.session_id)):
        refused = refusal(dave, request)
        assert (refused.status_code, refused.response_status.error_code) == (404, "NotFound")
    assert dave.send(evo.GetActiveSessions()).sessions == []


def test_a_wrong_password_is_understood_by_the_client(product: Product) -> None:
    refused = refusal(
        evo.client(product.url, None), evo.Authenticate(provider="credentials", user_name="alice", password="x")
    )
    assert (refused.status_code, refused.response_status.error_code) == (401, "Unauthorized")
    assert refused.response_status.message == "Invalid Username or Password"


def test_logging_out_voids_the_cookie_in_every_worker(product: Product) -> None:
    login = {"provider": "credentials", "userName": "alice", "password": "demo", "rememberMe": True}
    with requests.Session() as session:
        assert session.post(f"{product.url}/auth/credentials", json=login, timeout=10).status_code == 200
        status = session.get(f"{product.url}/auth/status", timeout=10).json()
        assert (status["isAuthenticated"], status["name"]) == (True, "Alice")
        stolen = dict(session.cookies)
        assert session.post(f"{product.url}/auth/logout", timeout=10).json() == {}
    again = [requests.get(f"{product.url}/sessions/my", cookies=stolen, timeout=10).status_code for _ in range(6)]
    assert set(again) == {401}


def test_a_body_over_one_mebibyte_is_too_large_even_when_its_length_is_not_announced(product: Product) -> None:
    url, chunks = f"{product.url}/sessions/{'0' * 24}", (b"x" * 65536 for _ in range(20))
    json = {"Content-Type": "application/json"}
    answer = requests.patch(url, data=chunks, headers=json, auth=("alice", "demo"), timeout=10)
    assert (answer.status_code, answer.json()["responseStatus"]["errorCode"]) == (413, "RequestEntityTooLarge")


def test_a_plain_curl_can_hold_a_call(product: Product) -> None:
    talk = product.given_talk()
    command = [
        "curl",
        "-s",
        "-u",
        "alice:demo",
        "-d",
        "reason=Transferring",
        f"{product.url}/sessions/{talk.session_id}/hold",
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
    assert '"callState":"Hold"' in printed
    assert '"holdReason":"Transferring"' in printed


def test_a_hold_by_a_program_through_the_call_api_shows_here_and_ends_here(product: Product) -> None:
    talk = product.given_talk()
    access = {"access_token": "demo-access-token"}

    def call_api(method: str, **params: object) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**access, **params}}
        answer: dict[str, Any] = requests.post(f"{product.url}/v4.0", json=body, timeout=10).json()
        return answer["result"]

    number = call_api("list.calls")["data"][0]["call_session_id"]
    call_api("hold.call", call_session_id=number, contact_message={"type": "tts", "value": "One moment"})
    alice = evo.client(product.url)
    me = alice.post(evo.Authenticate(provider="credentials", user_name="alice", password="demo")).user_id
    held = alice.send(evo.GetSession(session_id=talk.session_id))
    assert (held.call_state, held.held_by_user_id) == (evo.CallState.HOLD, me)
    back = alice.send(evo.PatchSession(session_id=talk.session_id, call_state=evo.CallState.CONNECTED))
    assert back.call_state is evo.CallState.CONNECTED
    until(lambda: product.simulator.hearing(talk.customer).others == {talk.agent}, what="the caller hears alice again")


def test_simultaneous_holds_end_in_one_hold_and_no_error_of_ours(product: Product) -> None:
    talk = product.given_talk()
    url = f"{product.url}/sessions/{talk.session_id}/hold"
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: requests.post(url, json={}, auth=("alice", "demo"), timeout=10), range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    info = evo.client(product.url).send(evo.GetSession(session_id=talk.session_id))
    assert [line.message for line in info.log].count("Held by Alice") == 1
