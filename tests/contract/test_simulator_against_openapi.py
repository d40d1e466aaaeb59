"""Every answer of the simulator's REST interface fits Twilio's OpenAPI document, property for property."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

from tests.support.waiting import until
from tests.twiml.simulator.documents import enqueue, pause, response, say
from tests.twiml.simulator.world import ALICE, BOB, CALLER, LINE, SECOND_CALLER, World

PREFIX = "api.v2010.account"
# Only the reply to a create tells it.
MAY_BE_ABSENT = {f"{PREFIX}.conference.participant": {"queue_time"}}

Requested = tuple[str, str, dict[str, str] | None]


@pytest.fixture(scope="module")
def judge(openapi_document: dict[str, Any], world: World) -> OpenAPI:
    document = copy.deepcopy(openapi_document)
    here = [{"url": world.simulator.base_url}]
    document["servers"] = here
    for path in document["paths"].values():
        path["servers"] = here
    for schema in document["components"]["schemas"].values():
        # Some enumerations are null for a while by the document's own words, yet are not declared so.
        if "will be `null`" in schema.get("description", "") and "enum" in schema:
            schema["nullable"] = True
            schema["enum"].append(None)
    return OpenAPI.from_dict(document)


@pytest.fixture(scope="module")
def properties(openapi_document: dict[str, Any]) -> Mapping[str, set[str]]:
    schemas = openapi_document["components"]["schemas"]
    return {name: set(schema.get("properties", ())) for name, schema in schemas.items()}


@pytest.fixture(scope="module")
def scene(world: World) -> dict[str, str]:
    """Two in a room, one of them held, a leg that rings, a caller in a queue, a call that is over."""
    room = "contract room"
    caller, agent = world.talk(room, participantLabel="customer", record="record-from-start")
    world.hold(room, caller)
    ringing = world.client.conferences(room).participants.create(from_=LINE, to=BOB, label="consult").call_sid
    world.simulator.ringing(BOB)
    waiting = world.call_in(response(enqueue("contract queue", waitUrl=world.app.url("/wait"))), SECOND_CALLER)
    world.wait_kind(waiting, "queue")
    ended = world.call_in(response(say("bye"), pause(60)), "+15550100003")
    world.wait_now(ended, "say: bye")
    world.simulator.hangup(ended)
    world.wait_ended(ended)
    call_recording = world.client.calls(agent).recordings.create().sid
    queue = world.simulator.queue("contract queue")
    assert queue is not None
    number = world.client.incoming_phone_numbers.list(phone_number=LINE)[0].sid
    application = world.client.applications.create(friendly_name="contract").sid
    return {
        "room": world.room(room).sid,
        "name": room,
        "caller": caller,
        "agent": agent,
        "ringing": ringing,
        "waiting": waiting,
        "ended": ended,
        "queue": queue.sid,
        "recording": call_recording,
        "room_recording": world.client.conferences(world.room(room).sid).recordings.list()[0].sid,
        "number": number,
        "application": application,
    }


def ask(world: World, method: str, path: str, form: Mapping[str, str] | None = None) -> requests.Response:
    answer = world.raw(method, path, form)
    assert answer.ok, answer.text
    return answer


def check(judge: OpenAPI, answer: requests.Response) -> None:
    """Raises what the judge finds wrong with the answer."""
    judge.validate_response(RequestsOpenAPIRequest(answer.request), RequestsOpenAPIResponse(answer))


RESOURCES = [
    ("call", "/Calls/{caller}.json"),
    ("call", "/Calls/{agent}.json"),
    ("call", "/Calls/{ringing}.json"),
    ("call", "/Calls/{ended}.json"),
    ("conference", "/Conferences/{room}.json"),
    ("conference.participant", "/Conferences/{room}/Participants/{caller}.json"),
    ("conference.participant", "/Conferences/{room}/Participants/customer.json"),
    ("conference.participant", "/Conferences/{room}/Participants/{ringing}.json"),
    ("call.call_recording", "/Calls/{agent}/Recordings/{recording}.json"),
    ("conference.conference_recording", "/Conferences/{room}/Recordings/{room_recording}.json"),
    ("queue", "/Queues/{queue}.json"),
    ("queue.member", "/Queues/{queue}/Members/{waiting}.json"),
    ("queue.member", "/Queues/{queue}/Members/Front.json"),
    ("incoming_phone_number", "/IncomingPhoneNumbers/{number}.json"),
    ("application", "/Applications/{application}.json"),
]


@pytest.mark.parametrize(("schema", "path"), RESOURCES, ids=[path for _, path in RESOURCES])
def test_fetched_resource_fits_its_schema_and_has_all_its_properties(
    world: World, judge: OpenAPI, properties: Mapping[str, set[str]], scene: dict[str, str], schema: str, path: str
) -> None:
    answer = ask(world, "GET", path.format(**scene))
    check(judge, answer)
    name = f"{PREFIX}.{schema}"
    assert set(answer.json()) | MAY_BE_ABSENT.get(name, set()) == properties[name]


LISTS = [
    ("call", "calls", "/Calls.json"),
    ("conference", "conferences", "/Conferences.json"),
    ("conference.participant", "participants", "/Conferences/{room}/Participants.json"),
    ("call.call_recording", "recordings", "/Calls/{agent}/Recordings.json"),
    ("conference.conference_recording", "recordings", "/Conferences/{room}/Recordings.json"),
    ("queue", "queues", "/Queues.json"),
    ("queue.member", "queue_members", "/Queues/{queue}/Members.json"),
    ("incoming_phone_number", "incoming_phone_numbers", "/IncomingPhoneNumbers.json"),
    ("application", "applications", "/Applications.json"),
]


@pytest.mark.parametrize(("schema", "key", "path"), LISTS, ids=[path for _, _, path in LISTS])
def test_listed_resources_fit_their_schema_and_have_all_its_properties(
    world: World,
    judge: OpenAPI,
    properties: Mapping[str, set[str]],
    scene: dict[str, str],
    schema: str,
    key: str,
    path: str,
) -> None:
    answer = ask(world, "GET", path.format(**scene))
    check(judge, answer)
    name = f"{PREFIX}.{schema}"
    records = answer.json()[key]
    assert records
    for record in records:
        assert set(record) | MAY_BE_ABSENT.get(name, set()) == properties[name]


CHANGES = [
    ("call", "POST", "/Calls.json", {"To": ALICE, "From": LINE, "Twiml": "<Response/>"}),
    ("call", "POST", "/Calls/{caller}.json", {"Twiml": "<Response><Pause length='60'/></Response>"}),
    ("conference", "POST", "/Conferences/{room}.json", {"AnnounceUrl": "http://127.0.0.1:9/"}),
    ("conference.participant", "POST", "/Conferences/{name}/Participants.json", {"To": "client:carol", "From": LINE}),
    ("conference.participant", "POST", "/Conferences/{room}/Participants/{agent}.json", {"Muted": "true"}),
    ("call.call_recording", "POST", "/Calls/{agent}/Recordings/{recording}.json", {"Status": "paused"}),
    ("queue", "POST", "/Queues.json", {"FriendlyName": "another contract queue"}),
    ("queue", "POST", "/Queues/{queue}.json", {"MaxSize": "50"}),
    ("queue.member", "POST", "/Queues/{queue}/Members/{waiting}.json", {"Url": "http://127.0.0.1:9/"}),
    ("incoming_phone_number", "POST", "/IncomingPhoneNumbers/{number}.json", {"VoiceUrl": "http://127.0.0.1:9/"}),
    ("application", "POST", "/Applications.json", {"FriendlyName": "another"}),
    ("application", "POST", "/Applications/{application}.json", {"VoiceUrl": "http://127.0.0.1:9/"}),
]


@pytest.mark.parametrize(("schema", "method", "path", "form"), CHANGES, ids=[f"{m} {p}" for _, m, p, _ in CHANGES])
def test_reply_to_a_change_fits_its_schema_and_has_all_its_properties(
    world: World,
    judge: OpenAPI,
    properties: Mapping[str, set[str]],
    scene: dict[str, str],
    schema: str,
    method: str,
    path: str,
    form: dict[str, str],
) -> None:
    answer = ask(world, method, path.format(**scene), form)
    check(judge, answer)
    name = f"{PREFIX}.{schema}"
    assert set(answer.json()) | MAY_BE_ABSENT.get(name, set()) == properties[name]


def test_finished_conference_fits_the_schema_too(
    world: World, judge: OpenAPI, properties: Mapping[str, set[str]]
) -> None:
    caller = world.caller_joins("short room", CALLER)
    sid = world.room("short room").sid
    world.simulator.hangup(caller)
    until(lambda: world.simulator.room("short room") is None)
    answer = ask(world, "GET", f"/Conferences/{sid}.json")
    check(judge, answer)
    assert answer.json()["status"] == "completed"
    assert set(answer.json()) == properties[f"{PREFIX}.conference"]
