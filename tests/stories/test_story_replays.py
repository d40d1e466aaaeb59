"""A client that never got its answer asks again with the same idempotency key: nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.support.product import Product, Talk

ALICE = ("alice", "demo")


def _evo_hold(product: Product, talk: Talk, key: str, reason: str = "Transferring") -> requests.Response:
    return requests.post(
        f"{product.url}/sessions/{talk.session_id}/hold",
        json={"reason": reason},
        auth=ALICE,
        headers={"Idempotency-Key": key},
        timeout=10,
    )


def _number(product: Product) -> int:
    body = {"jsonrpc": "2.0", "id": 1, "method": "list.calls", "params": {"access_token": "demo-access-token"}}
    calls = requests.post(f"{product.url}/v4.0", json=body, timeout=10).json()["result"]["data"]
    return int(calls[0]["call_session_id"])


def _rpc_hold(product: Product, text: str, request_id: str, **headers: str) -> requests.Response:
    body = {
        "jsonrpc": "2.0",
        "id": request_id,
        "method": "hold.call",
        "params": {
            "access_token": "demo-access-token",
            "call_session_id": _number(product),
            "contact_message": {"type": "tts", "value": text},
        },
    }
    return requests.post(f"{product.url}/v4.0", json=body, headers=headers, timeout=10)


def _workspace_hold(product: Product, key: str, operation: str = "Hold") -> requests.Response:
    with requests.Session() as client:
        client.auth = ALICE
        call = client.get(f"{product.url}/api/v2/me/calls?fields=*", timeout=10).json()["calls"][0]["id"]
        return client.post(
            f"{product.url}/api/v2/me/calls/{call}",
            json={"operationName": operation},
            headers={"Idempotency-Key": key, "Connection": "close"},
            timeout=10,
        )


def _holds_asked(product: Product) -> int:
    return sum(entry.kind == "rest" and entry.fields.get("Hold") == "true" for entry in product.simulator.log())


@pytest.mark.parametrize("dialect", ["evo", "call api", "workspace"])
def test_same_key_and_body_gives_the_same_answer_marked_as_a_replay(product: Product, dialect: str) -> None:
    talk = product.given_talk()
    asked: dict[str, Callable[[], requests.Response]] = {
        "evo": lambda: _evo_hold(product, talk, "key-1"),
        "call api": lambda: _rpc_hold(product, "One moment", "a", **{"Idempotency-Key": "key-1"}),
        "workspace": lambda: _workspace_hold(product, "key-1"),
    }

    first, second = asked[dialect](), asked[dialect]()

    assert first.status_code == second.status_code == 200
    assert second.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert _holds_asked(product) == 1


def test_same_key_with_another_body_is_refused_and_changes_nothing(product: Product) -> None:
    talk = product.given_talk()
    assert _evo_hold(product, talk, "key-2").status_code == 200

    refused = _evo_hold(product, talk, "key-2", reason="None")

    assert refused.status_code == 409
    assert refused.json()["responseStatus"]["errorCode"] == "Conflict"
    held = next(session for session in product.sessions() if session["id"] == talk.session_id)
    assert held["holdReason"] == "Transferring"


def test_same_key_with_another_operation_is_refused_by_the_workspace(product: Product) -> None:
    product.given_talk()
    assert _workspace_hold(product, "key-3").json() == {"statusCode": 0}

    refused = _workspace_hold(product, "key-3", operation="Retrieve")

    assert refused.status_code == 409
    assert refused.json()["statusCode"] == 19


def test_request_id_is_the_key_when_a_json_rpc_client_asks_for_it(product: Product) -> None:
    product.given_talk()
    by_id = {"Idempotency-Key-From": "id"}

    first, second = (
        _rpc_hold(product, "One moment", "req-7", **by_id),
        _rpc_hold(product, "One moment", "req-7", **by_id),
    )
    other = _rpc_hold(product, "Another text", "req-7", **by_id)
    without = _rpc_hold(product, "One moment", "req-7")

    assert first.json()["result"]["data"] == second.json()["result"]["data"] == {"success": "true"}
    assert second.headers["Idempotency-Replayed"] == "true"
    assert other.json()["error"]["data"]["mnemonic"] == "invalid_request"
    assert without.json()["error"]["data"]["mnemonic"] == "invalid_state"


def _list_calls(product: Product, **headers: str) -> requests.Response:
    body = {"jsonrpc": "2.0", "id": "poll", "method": "list.calls", "params": {"access_token": "demo-access-token"}}
    return requests.post(f"{product.url}/v4.0", json=body, headers=headers, timeout=10)


def test_what_only_reads_is_answered_anew_whatever_key_it_carries(product: Product) -> None:
    talk = product.given_talk()
    key = {"Idempotency-Key": "key-6"}
    before = _list_calls(product, **key).json()["result"]["data"]
    assert _evo_hold(product, talk, "key-7").status_code == 200

    after = _list_calls(product, **key)

    assert "Idempotency-Replayed" not in after.headers
    assert after.json()["result"]["data"] != before


def test_a_key_that_is_refused_by_the_call_api_is_named_and_says_why(product: Product) -> None:
    product.given_talk()
    assert _rpc_hold(product, "One moment", "a", **{"Idempotency-Key": "key-8"}).status_code == 200

    refused = _rpc_hold(product, "Another text", "a", **{"Idempotency-Key": "key-8"}).json()["error"]["data"]

    assert (refused["mnemonic"], refused["field"]) == ("invalid_request", "Idempotency-Key")
    assert refused["params"] == {"reason": "The idempotency key was used for another request"}


def test_a_verb_given_by_a_header_is_the_verb_that_the_key_was_used_with(product: Product) -> None:
    talk = product.given_talk()

    def send(method: str, verb: str) -> requests.Response:
        headers = {"Idempotency-Key": "key-9", "X-Http-Method-Override": verb}
        url, body = f"{product.url}/sessions/{talk.session_id}", {"callState": "Hold"}
        return requests.request(method, url, json=body, auth=ALICE, headers=headers, timeout=10)

    assert send("POST", "PATCH").status_code == 200
    assert send("POST", "DELETE").status_code == 409
    assert send("GET", "PATCH").headers["Idempotency-Replayed"] == "true"
    assert [session["id"] for session in product.sessions()] == [talk.session_id]


def test_a_key_belongs_to_its_caller(product: Product) -> None:
    talk = product.given_talk()
    assert _evo_hold(product, talk, "key-5").status_code == 200

    same_key_of_another = requests.post(
        f"{product.url}/sessions/{talk.session_id}/hold",
        json={"reason": "Transferring"},
        auth=("bob", "demo"),
        headers={"Idempotency-Key": "key-5"},
        timeout=10,
    )

    assert "Idempotency-Replayed" not in same_key_of_another.headers


def test_a_malformed_key_is_refused(product: Product) -> None:
    talk = product.given_talk()

    assert _evo_hold(product, talk, "x" * 256).status_code == 400
    assert _holds_asked(product) == 0


def test_an_answer_that_the_provider_failed_is_not_kept(product: Product) -> None:
    talk = product.given_talk()
    product.simulator.faults(rest_429=1.0)
    failed = _evo_hold(product, talk, "key-6")
    product.simulator.faults()

    again = _evo_hold(product, talk, "key-6")

    assert failed.status_code >= 500
    assert again.status_code == 200
    assert again.json()["callState"] == "Hold"
