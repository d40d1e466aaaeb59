"""Requests that nobody should send: too big, too deep, not text, to nowhere. Each gets a clear 4xx, and the call goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.dialects.call_api.client import KEY
from tests.stories.scene import Scene
from tests.stories.test_story_leaving import talk
from tests.support import webhooks
from tests.support.product import Product

JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "application/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MIB = 1024 * 1024
BY = ("alice", "demo")


@pytest.fixture(scope="module")
def lasting_talk(started_product: Product) -> Iterator[Scene]:
    """One talk that outlasts everything that is thrown at it."""
    started_product.settle()
    scene = Scene(started_product)
    talk(scene)
    yield scene
    started_product.settle()


@pytest.fixture
def scene(lasting_talk: Scene) -> Scene:
    """Caller and alice talk. An empty body is a good request to hold: where a test sent one, the caller is brought back."""
    if lasting_talk.session()["callState"] == "Hold":
        lasting_talk.evo("PATCH", callState="Connected")
    lasting_talk.sees("caller", "talks with alice")
    return lasting_talk


def send(scene: Scene, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Any:
    """A request as alice, with ``{session}`` and ``{call}`` in the path filled in."""
    path = path.format(session=scene.session_id, call=scene.desk("alice").call()["id"])
    headers = headers or {}
    if path.startswith(webhooks.PREFIX):
        # Signed, so that it is the body alone that can be refused.
        token = scene.phones.account().auth_token
        headers = {**headers, "X-Twilio-Signature": webhooks.signature(token, scene.product.url + path)}
    return requests.request(method, scene.product.url + path, data=body, headers=headers, auth=BY, timeout=30)


def the_call_goes_on(scene: Scene) -> None:
    assert scene.phones.hearing(scene.legs["caller"]).others == {scene.legs["alice"]}
    assert scene.session()["callState"] == "Connected"


PLACES = [
    ("POST", "/sessions/{session}/hold"),
    ("PATCH", "/sessions/{session}"),
    ("POST", "/json/reply/HoldSession"),
    ("POST", "/v4.0"),
    ("POST", "/api/v2/me/calls/{call}"),
    ("POST", "/api/v2/notifications"),
]
every_place = pytest.mark.parametrize(("method", "path"), PLACES, ids=[path for _, path in PLACES])


def refused(answer: requests.Response, path: str, *statuses: int) -> None:
    """A clear refusal. The Call API says no inside a 200, except where HTTP itself has a word for it."""
    if path == "/v4.0" and answer.status_code == 200:
        assert "error" in answer.json(), answer.text
        return
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    assert "Traceback" not in answer.text


@every_place
def test_a_body_above_a_mebibyte_is_too_large(scene: Scene, method: str, path: str) -> None:
    body = b'{"x": "' + b"a" * (MIB + 1) + b'"}'
    assert send(scene, method, path, body, JSON).status_code == 413
    the_call_goes_on(scene)


def test_a_webhook_above_a_mebibyte_is_too_large(scene: Scene) -> None:
    answer = send(scene, "POST", f"{webhooks.PREFIX}/voice", b"a=" + b"b" * (MIB + 1), FORM)
    assert answer.status_code == 413
    the_call_goes_on(scene)


@every_place
@pytest.mark.parametrize("nest", ["[", '{"a":'], ids=["arrays", "objects"])
def test_json_that_is_too_deep_is_a_bad_request(scene: Scene, method: str, path: str, nest: str) -> None:
    for depth in (300, 100_000):
        body = (nest * depth + "1" + ("]" if nest == "[" else "}") * depth).encode()
        refused(send(scene, method, path, body, JSON), path, 400)
    the_call_goes_on(scene)


@every_place
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"7", b'"text"', b"\xff\xfe\xfa", b'{"reason": "\xff"}', b'{"a": 1}{"b": 2}', b"NaN", b"\x00"],
    ids=repr,
)
def test_a_body_that_is_no_json_object_is_never_a_server_error(
    scene: Scene, method: str, path: str, body: bytes
) -> None:
    answer = send(scene, method, path, body, JSON)
    assert answer.status_code < 500, (answer.status_code, answer.text[:300])


@pytest.mark.parametrize("depth", [300, 20_000])
def test_xml_that_is_too_deep_is_a_bad_request(scene: Scene, depth: int) -> None:
    body = ("<a>" * depth + "</a>" * depth).encode()
    assert send(scene, "POST", "/sessions/{session}/hold", body, XML).status_code == 400
    the_call_goes_on(scene)


def test_xml_with_entities_is_a_bad_request(scene: Scene) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><HoldSession>&c;</HoldSession>'
    assert send(scene, "POST", "/sessions/{session}/hold", bomb, XML).status_code == 400
    file = b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><HoldSession><Reason>&f;</Reason></HoldSession>'
    answer = send(scene, "POST", "/sessions/{session}/hold", file, XML)
    assert answer.status_code == 400
    assert "root:" not in answer.text
    the_call_goes_on(scene)


NOWHERE = ["/nothing", "/sessions/nowhere/to/go", "/api/v2/nothing", "/api/v3", "/v4.0/more", "/v3.0", "/media/../app",
           "/media/nothing", "/webhooks", "/console/nothing", "/%2e%2e/%2e%2e/etc/passwd", "/\u00e9", "/sessions/%ff"]  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_not_found(scene: Scene, method: str, path: str) -> None:
    answer = send(scene, method, path)
    assert answer.status_code in (404, 405), (answer.status_code, answer.text[:200])


@pytest.mark.parametrize("path", ["/v4.0", "/api/v2/me/calls/{call}", "/sessions/{session}/hold"])
def test_a_get_of_what_is_posted_changes_nothing(scene: Scene, path: str) -> None:
    assert send(scene, "GET", path).status_code < 500
    the_call_goes_on(scene)


@pytest.mark.parametrize("session", ["0", "-1", "1e3", "9" * 30, '"1"', "null", "[]", "true", "1.5"])
def test_a_session_number_that_is_none_is_an_error_object(scene: Scene, session: str) -> None:
    body = (
        f'{{"jsonrpc": "2.0", "id": 1, "method": "unhold.call", "params": {{"access_token": "{KEY}", '
        f'"call_session_id": {session}}}}}'
    )
    answer = send(scene, "POST", "/v4.0", body.encode(), JSON)
    assert answer.status_code == 200
    assert answer.json()["error"]["code"] < 0


@pytest.mark.parametrize(
    "text", ["\ud83d", "a\x00b", "\x01", " ", "x" * 1001], ids=["surrogate", "nul", "control", "blank", "long"]
)
def test_a_text_that_cannot_be_spoken_holds_nobody(scene: Scene, text: str) -> None:
    assert "error" in hold_with(scene, text)
    the_call_goes_on(scene)


def hold_with(scene: Scene, text: str) -> dict[str, Any]:
    """The Call API's answer to holding the one live call with a text; a lone surrogate travels as an escape."""
    number = call_api(scene, "list.calls")["result"]["data"][0]["call_session_id"]
    return call_api(scene, "hold.call", call_session_id=number, contact_message={"type": "tts", "value": text})


def call_api(scene: Scene, method: str, **params: Any) -> dict[str, Any]:
    sent = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"access_token": KEY, **params}}
    answer: dict[str, Any] = send(scene, "POST", "/v4.0", json.dumps(sent).encode(), JSON).json()
    return answer


def test_a_text_is_spoken_word_for_word_whatever_it_contains(scene: Scene) -> None:
    text = "</Say><Hangup/><Say> & \"quotes\" 'single' 🎶 &amp; ]]> é\u2028"
    assert "error" not in hold_with(scene, text)
    scene.sees("caller", "waits")
    assert scene.phones.hearing(scene.legs["caller"]).now == f"say: {text.strip()}"
