"""Whatever Twilio's OpenAPI document allows to be sent, and much that it does not, never makes a server error."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.twiml.simulator.world import World

ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
IMPLEMENTED = [
    "/Calls",
    "/Calls/{Sid}",
    "/Conferences",
    "/Conferences/{Sid}",
    "/Conferences/{ConferenceSid}/Participants",
    "/Conferences/{ConferenceSid}/Participants/{CallSid}",
    "/Queues",
    "/Queues/{Sid}",
    "/Queues/{QueueSid}/Members",
    "/Queues/{QueueSid}/Members/{CallSid}",
    "/IncomingPhoneNumbers",
    "/IncomingPhoneNumbers/{Sid}",
    "/Applications",
    "/Applications/{Sid}",
]
# Nobody answers there: what is made up must not be asked for on the network.
NOBODY = "http://127.0.0.1:9/"


@pytest.fixture(scope="module")
def voice_schema(openapi_document: dict[str, Any], world: World) -> Any:
    """Twilio's document, cut down to the resources that the simulator has."""
    document = copy.deepcopy(openapi_document)
    paths = {f"{ACCOUNT}{path}.json": document["paths"][f"{ACCOUNT}{path}.json"] for path in IMPLEMENTED}
    for path in paths.values():
        path.pop("servers", None)
    document["paths"] = paths
    document["servers"] = [{"url": world.simulator.base_url}]
    return schemathesis.openapi.from_dict(document)


def kept_on_this_machine(body: Any) -> Any:
    """The body with every address that could be asked for replaced by one that refuses."""
    if not isinstance(body, dict):
        return body

    def harmless(value: Any) -> Any:
        if isinstance(value, list):
            return [harmless(item) for item in value]
        return NOBODY if isinstance(value, str) and urlsplit(value).netloc else value

    return {name: harmless(value) for name, value in body.items()}


@pytest.mark.parametrize("path", IMPLEMENTED)
@given(data=st.data())
@settings(
    max_examples=12,
    database=None,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_made_up_request_never_makes_a_server_error(
    data: st.DataObject, path: str, voice_schema: Any, world: World
) -> None:
    operations = voice_schema[f"{ACCOUNT}{path}.json"]
    method = data.draw(st.sampled_from(sorted({"get", "post", "delete"} & set(operations))))
    case = data.draw(operations[method].as_strategy())
    account = world.simulator.account()
    case.path_parameters["AccountSid"] = account.sid
    case.body = kept_on_this_machine(case.body)
    answer = case.call(base_url=world.simulator.base_url, auth=(account.sid, account.auth_token))
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].startswith("application/json"), (answer.request.url, answer.text)
        assert set(answer.json()) == {"code", "message", "more_info", "status"}
        assert answer.json()["status"] == answer.status_code
