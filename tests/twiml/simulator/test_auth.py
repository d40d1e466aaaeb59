"""Who may ask: credentials come before existence, and refusals have Twilio's shape."""

from __future__ import annotations

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.twiml.simulator.world import World

NO_SUCH_CALL = "CA" + "0" * 32


def url(world: World, path: str) -> str:
    return f"{world.simulator.base_url}/2010-04-01/Accounts/{world.simulator.account().sid}{path}"


@pytest.mark.parametrize("path", ["/Calls.json", f"/Calls/{NO_SUCH_CALL}.json", "/NoSuchResource.json"])
def test_request_without_credentials_is_401_whether_or_not_the_resource_exists(world: World, path: str) -> None:
    answer = requests.get(url(world, path), timeout=5)
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003


def test_wrong_token_is_refused_before_the_resource_is_looked_up(world: World) -> None:
    stranger = Client(world.simulator.account().sid, "not-the-token")
    stranger.api.base_url = world.simulator.base_url
    with pytest.raises(TwilioRestException) as refusal:
        stranger.calls(NO_SUCH_CALL).fetch()
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_wrong_token_cannot_create_a_call(world: World) -> None:
    answer = requests.post(
        url(world, "/Calls.json"),
        data={"To": "client:alice", "From": "+15550001000", "Url": world.app.url("/voice")},
        auth=(world.simulator.account().sid, "not-the-token"),
        timeout=5,
    )
    assert answer.status_code == 401
    assert world.simulator.phone("client:alice") == []


def test_unknown_resource_with_good_credentials_is_404_and_names_the_path(world: World) -> None:
    answer = world.raw("GET", f"/Calls/{NO_SUCH_CALL}.json")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": 20404,
        "message": f"The requested resource /2010-04-01/Accounts/{world.simulator.account().sid}"
        f"/Calls/{NO_SUCH_CALL}.json was not found",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/Calls.json"), ("PUT", "/Conferences.json"), ("POST", "/Conferences.json")]
)
def test_method_the_resource_does_not_have_is_405(world: World, method: str, path: str) -> None:
    answer = world.raw(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, 20004)


def test_another_account_is_not_readable_with_this_ones_credentials(world: World) -> None:
    answer = world.raw("GET", f"/2010-04-01/Accounts/AC{'0' * 32}/Calls.json")
    assert answer.status_code in (401, 403, 404)
    assert set(answer.json()) == {"code", "message", "more_info", "status"}
