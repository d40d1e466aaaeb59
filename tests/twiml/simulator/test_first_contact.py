"""Small promises of the wire: cookies, HTTPS addresses, reply headers, bodies that make no sense."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.support.processes import free_port
from tests.support.waiting import until
from tests.support.webhook_receiver import Reply
from tests.twiml.simulator.documents import redirect, response, say
from tests.twiml.simulator.world import ALICE, CALLER, LINE, SECOND_CALLER, World


def test_cookie_of_a_call_comes_back_in_that_call_only(world: World) -> None:
    world.app.on("/next", response(say("next", loop=0)))
    with_cookie = Reply(response(redirect("/next")), headers={"Set-Cookie": "step=one; Path=/"})
    first = world.call_in(with_cookie)
    world.wait_now(first, "say: next")
    second = world.call_in(response(redirect("/next")), SECOND_CALLER)
    world.wait_now(second, "say: next")
    cookies = {r.params["CallSid"]: r.headers.get("Cookie", "") for r in world.app.received("/next")}
    assert "step=one" in cookies[first]
    assert cookies[second] == ""


def test_https_address_is_signed_without_its_port(world: World) -> None:
    """Nobody needs to answer: what was sent is in the log."""
    port = free_port()
    world.set_number(voice_url=f"https://127.0.0.1:{port}/voice?x=1#rc=0", voice_method="POST", voice_fallback_url="")
    world.simulator.place_call(CALLER, LINE)
    entry = until(lambda: [e for e in world.simulator.log() if e.kind == "webhook"])[0]
    assert entry.url == f"https://127.0.0.1:{port}/voice?x=1"
    signer = RequestValidator(world.simulator.account().auth_token)
    assert entry.headers["X-Twilio-Signature"] == signer.compute_signature("https://127.0.0.1/voice?x=1", entry.fields)


def test_rest_reply_has_a_request_id_and_is_json(world: World) -> None:
    answer = world.raw("GET", "/Calls.json")
    assert re.fullmatch(r"RQ[0-9a-f]{32}", answer.headers["Twilio-Request-Id"])
    assert answer.headers["Content-Type"].startswith("application/json")


def test_softphone_may_be_rung_with_parameters_of_its_own(world: World) -> None:
    room = world.room_name()
    leg = world.client.conferences(room).participants.create(from_=LINE, to="client:alice?session=7&reason=a%20b")
    assert world.simulator.ringing(ALICE) == leg.call_sid


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"To=%ff%fe&From=%00", b"{}", b"&&&===", b"To" * 10_000])
def test_senseless_form_is_a_client_error(world: World, body: bytes) -> None:
    account = world.simulator.account()
    answer = requests.post(
        f"{world.simulator.base_url}/2010-04-01/Accounts/{account.sid}/Calls.json",
        data=body,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=(account.sid, account.auth_token),
        timeout=5,
    )
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "more_info", "status"}


@pytest.mark.parametrize("name", ["a\nb", "a b", "ä", "%2F", "x" * 2000])
def test_strange_name_in_a_path_is_not_found_in_twilios_shape(world: World, name: str) -> None:
    path = "/Conferences/" + quote(name, safe="") + ".json"
    answer = world.raw("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)
    without_login = requests.get(answer.request.url or "", timeout=5)
    assert (without_login.status_code, without_login.json()["code"]) == (401, 20003)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"\xff"])
def test_steering_body_that_is_no_object_is_a_client_error(world: World, body: bytes) -> None:
    for method, path in (("PUT", "/faults"), ("PUT", "/policy"), ("PUT", "/clock"), ("POST", "/clock/advance")):
        answer = requests.request(method, f"{world.simulator.base_url}/simulator{path}", data=body, timeout=5)
        # No faults and no switches at all is a sentence; no speed and no seconds is none.
        allowed = range(200, 500) if body == b"" and path in ("/faults", "/policy") else range(400, 500)
        assert answer.status_code in allowed, (path, answer.text)
