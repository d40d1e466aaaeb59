"""Keys, log-ins and limits of the Call API on the running product, and a published client that works with it."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from comagic import Comagic
from comagic.errors import ComagicException

from tests.dialects.call_api.client import CallApi
from tests.support.product import Product
from tests.support.waiting import until

MELODY = {"type": "media", "value": "2034"}


def _call_to(product: Product, line: str, address: str, api: CallApi) -> int:
    product.simulator.place_call("+15550100001", line)
    product.simulator.answer(product.simulator.ringing(address))
    found: int = until(
        lambda: next((c["call_session_id"] for c in api.calls() if c["legs"][0]["state"] == "Talking"), 0)
    )
    return found


@pytest.mark.parametrize(
    ("token", "mnemonic"),
    [
        ("demo-expired-token", "access_token_expired"),
        ("demo-blocked-token", "access_token_blocked"),
        ("demo-basic-token", "component_disabled"),
        ("nobody", "access_token_invalid"),
    ],
)
def test_each_demo_key_is_in_its_condition(product: Product, token: str, mnemonic: str) -> None:
    assert CallApi(product.url, token).refusal("list.calls") == mnemonic


def test_a_person_logs_in_steers_a_call_and_logs_out(product: Product) -> None:
    api = CallApi(product.url)
    data = api.send("login.user", {"login": "alice", "password": "demo"})["result"]["data"]
    assert abs(data["expire_at"] - time.time() - 3600) < 60
    assert isinstance(data["app_id"], int)
    person = CallApi(product.url, data["access_token"])
    session = _call_to(product, "+15550001001", "client:alice", person)
    person.command("hold.call", session, contact_message=MELODY)
    assert person.data("logout.user") == {"success": True}
    assert person.refusal("unhold.call", call_session_id=session) == "access_token_invalid"
    api.command("unhold.call", session)


def test_a_wrong_password_opens_nothing(product: Product) -> None:
    answer = CallApi(product.url).send("login.user", {"login": "alice", "password": "wrong"})
    assert answer["error"]["data"]["mnemonic"] == "auth_error"


def test_a_key_of_two_points_a_minute_is_refused_at_the_third_command(product: Product) -> None:
    api = CallApi(product.url, "demo-limited-token")
    session = _call_to(product, "+15550001009", "client:dave", api)
    first = api.ask("hold.call", call_session_id=session, contact_message=MELODY)
    assert first["result"]["metadata"]["limits"]["minute_remaining"] == 1
    assert api.refusal("hold.call", call_session_id=session, contact_message=MELODY) == "invalid_state"
    api.command("unhold.call", session)
    third = api.ask("hold.call", call_session_id=session, contact_message=MELODY)["error"]
    assert (third["code"], third["data"]["mnemonic"]) == (-32029, "limit_exceeded")
    assert third["message"] == "Limit per minute has been exceeded. Value of current limit per minute is 2"
    assert third["data"]["metadata"]["limits"]["minute_remaining"] == 0
    assert len(api.calls()) == 1


def test_another_accounts_call_cannot_be_seen_or_touched(product: Product) -> None:
    api = CallApi(product.url)
    session = _call_to(product, "+15550001001", "client:alice", api)
    # A person of the other account: its key has too few points to be asked twice within a minute.
    dave = api.send("login.user", {"login": "dave", "password": "demo"})["result"]["data"]
    stranger = CallApi(product.url, dave["access_token"])
    assert stranger.calls() == []
    assert stranger.refusal("release.call", call_session_id=session) == "call_session_not_found"
    assert api.states(session) == ["Talking", "Talking"]


def test_a_caller_in_a_ring_queue_is_listed_before_anybody_answers(product: Product) -> None:
    api = CallApi(product.url)
    product.simulator.place_call("+15550100001", "+15550001000")
    product.simulator.ringing("client:alice")
    until(lambda: [leg["state"] for call in api.calls() for leg in call["legs"]] == ["Next in line", "Dial"])
    (call,) = api.calls()
    assert api.refusal("hold.call", call_session_id=call["call_session_id"], contact_message=MELODY) == "invalid_state"
    api.command("release.call", call["call_session_id"])
    until(lambda: api.calls() == [])


def test_a_body_over_a_mebibyte_is_refused(product: Product) -> None:
    reply = requests.post(f"{product.url}/v4.0", data=b" " * (1024 * 1024 + 1), timeout=15)
    assert reply.status_code == 413


def test_a_published_client_steers_a_call(product: Product) -> None:
    client = Comagic(token="demo-access-token")
    client.API_URL = f"{product.url}/v4.0"
    client._session.headers["Connection"] = "close"

    def ask(verb: str, noun: str, **params: Any) -> Any:
        return client._send_api_request(client._create_endpoint_params(verb, noun, **params))

    session = _call_to(product, "+15550001001", "client:alice", CallApi(product.url))
    assert [call["call_session_id"] for call in ask("list", "calls")] == [session]
    assert ask("hold", "call", call_session_id=session, contact_message=MELODY) == {"success": "true"}
    with pytest.raises(ComagicException) as refused:
        ask("hold", "call", call_session_id=session, contact_message=MELODY)
    assert refused.value.error_data["data"]["mnemonic"] == "invalid_state"
    assert ask("unhold", "call", call_session_id=session) == {"success": "true"}
    assert ask("release", "call", call_session_id=session) == {"success": "true"}
