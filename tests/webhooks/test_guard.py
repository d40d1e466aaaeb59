"""The gate of the webhooks behind every kind of front: the signature is checked against the address that Twilio was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.house import TOKEN, a_site
from tests.support.webhooks import signature

PATH = "/webhooks/twilio/status"
FORM = {"CallSid": "CA" + "1" * 32, "CallStatus": "completed"}


@pytest.fixture
def answer(demo_store: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Post to the status webhook of a controller with these settings; the status of the answer."""

    def post(signed_for: str, headers: dict[str, str] | None = None, token: str = TOKEN, **settings: object) -> int:
        with a_site(demo_store, tmp_path, **settings) as site:
            headers = {"X-Twilio-Signature": signature(token, signed_for, FORM), **(headers or {})}
            path = PATH + ("?" + signed_for.partition("?")[2] if "?" in signed_for else "")
            return site.house.flask.test_client().post(path, data=FORM, headers=headers).status_code

    return post


@pytest.mark.parametrize(
    "public_url",
    ["https://calls.example.test", "https://calls.example.test/", "http://calls.example.test:8443", "https://c.test/twilio/hook"],
)  # fmt: skip
def test_what_was_signed_for_the_public_address_passes(answer, public_url: str) -> None:  # type: ignore[no-untyped-def]
    assert answer(public_url.rstrip("/") + PATH, public_url=public_url) == 204


@pytest.mark.parametrize("query", ["?a=1&b=%20x", "?digits=%23*", "?empty="])
def test_the_query_is_signed_as_it_came_over_the_wire(answer, query: str) -> None:  # type: ignore[no-untyped-def]
    assert answer("https://c.test" + PATH + query, public_url="https://c.test") == 204


@pytest.mark.parametrize(
    "signed_for", ["http://c.test", "https://localhost", "https://other.test", "https://c.test/path", "https://c.test:8443"]
)  # fmt: skip
def test_what_was_signed_for_another_address_is_refused(answer, signed_for: str) -> None:  # type: ignore[no-untyped-def]
    forged = {"Host": signed_for.split("//")[1].split("/")[0], "X-Forwarded-Host": signed_for.split("//")[1]}
    assert answer(signed_for + PATH, forged, public_url="https://c.test") == 403


def test_a_trusted_proxy_may_say_what_it_was_asked_for(answer) -> None:  # type: ignore[no-untyped-def]
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "c.test"}
    signed_for = "https://c.test" + PATH
    assert answer(signed_for, proxied, public_url="", trusted_proxy=True) == 204
    assert answer(signed_for, {**proxied, "X-Forwarded-Host": "evil.test"}, public_url="", trusted_proxy=True) == 403
    assert answer(signed_for, {}, public_url="", trusted_proxy=True) == 403


def test_without_a_public_address_and_a_trusted_proxy_nobody_passes(answer) -> None:  # type: ignore[no-untyped-def]
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "c.test", "Host": "c.test"}
    assert answer("https://c.test" + PATH, proxied, public_url="") == 403
    assert answer("http://localhost" + PATH, public_url="") == 403


def test_both_tokens_are_good_while_one_is_being_rotated(answer) -> None:  # type: ignore[no-untyped-def]
    settings = {"public_url": "https://c.test", "twilio_previous_auth_token": "older"}
    assert answer("https://c.test" + PATH, token=TOKEN, **settings) == 204
    assert answer("https://c.test" + PATH, token="older", **settings) == 204
    assert answer("https://c.test" + PATH, token="other", **settings) == 403


def test_without_a_token_nobody_passes(answer) -> None:  # type: ignore[no-untyped-def]
    assert answer("https://c.test" + PATH, token="", public_url="https://c.test", twilio_auth_token="") == 403
