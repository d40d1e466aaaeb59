"""Reading: the user, her devices and calls, whole or in part."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.ids import call_uuid
from app.core.session import Party
from tests.dialects.workspace.world import ALICE, BOB, CAROL, World, basic

FIRST = call_uuid(1, 0)


def body(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    assert response.json["statusCode"] == 0
    answer: dict[str, Any] = response.json
    return answer


@pytest.mark.parametrize("path", ["/me", "/me/"])
def test_me_is_the_user_and_nothing_embedded(world: World, path: str) -> None:
    user = body(world.agent(CAROL).get(path))["user"]
    assert (user["id"], user["userName"], user["firstName"]) == (CAROL.person_id, "carol", "Carol")
    assert set(user["roles"]) == {"ROLE_AGENT", "ROLE_SUPERVISOR", "ROLE_ADMIN"}
    assert user["uri"] == f"http://localhost/api/v2/users/{CAROL.person_id}"
    assert user["path"] == f"/users/{CAROL.person_id}"
    assert {"devices", "calls", "channels"}.isdisjoint(user)


def test_me_embeds_the_subresources_asked_for_for_recovery(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    some = body(alice.get("/me/?subresources=devices,calls,chats"))["user"]
    assert [device["id"] for device in some["devices"]] == [ALICE.device_id]
    assert [call["id"] for call in some["calls"]] == [FIRST]
    assert some["chats"] == []
    assert "features" not in some
    every = body(alice.get("/me?subresources=*&fields=id"))["user"]
    assert every["features"][0]["id"] == "api-voice"
    assert "userName" not in every
    assert body(world.agent(BOB).get("/me?subresources=calls"))["user"]["calls"] == []


def test_the_users_and_devices_own_addresses_lead_somewhere(world: World) -> None:
    alice = world.agent(ALICE)
    assert body(alice.get(f"/users/{ALICE.person_id}"))["user"]["userName"] == "alice"
    assert body(alice.get(f"/devices/{ALICE.device_id}"))["device"]["phoneNumber"] == "1001"
    assert alice.get(f"/users/{BOB.person_id}").status_code == 404
    assert alice.get(f"/devices/{BOB.device_id}").json["statusCode"] == 6  # type: ignore[index]


def test_a_device_is_a_public_phone_that_is_ready(world: World) -> None:
    alice = world.agent(ALICE)
    assert body(alice.get("/me/devices"))["uris"] == [f"http://localhost/api/v2/devices/{ALICE.device_id}"]
    (device,) = body(alice.get("/me/devices?fields=*"))["devices"]
    assert device == body(alice.get(f"/me/devices/{ALICE.device_id}/"))["device"]
    assert device["telephonyNetwork"] == "Public"
    assert device["doNotDisturb"] == "Off"
    assert device["userState"] == {
        "id": "9430250E-0A1B-421F-B372-F29E69366DED", "displayName": "Ready", "state": "Ready",
    }  # fmt: skip


def test_calls_are_addresses_unless_fields_are_asked_for(world: World) -> None:
    world.talk()
    world.talk()
    alice = world.agent(ALICE)
    uris = body(alice.get("/me/calls"))
    assert uris == {"statusCode": 0, "uris": [f"http://localhost/api/v2/me/calls/{call_uuid(n, 0)}" for n in (1, 2)]}
    assert [set(call) for call in body(alice.get("/me/calls?fields=id,state,nonsense"))["calls"]] == [
        {"id", "state"}
    ] * 2
    assert body(alice.get(f"/me/calls/{FIRST}?fields=state"))["call"] == {"state": "Established"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=Held", [1]),
        ("state=Established", [2]),
        ("state=held", []),
        ("callType=Inbound&state=Held", [1]),
        ("monitoring=false&mute=Off", [1, 2]),
        ("monitoring=true", []),
        ("parentCallPath=%2Fcalls%2Fx", []),
        ("_=1699999", [1, 2]),
    ],
)
def test_calls_can_be_filtered_by_any_attribute(world: World, query: str, expected: list[int]) -> None:
    world.talk()
    world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "Hold")
    wanted = [call_uuid(n, 0) for n in expected]
    assert [call["id"] for call in body(alice.get(f"/me/calls?fields=*&{query}"))["calls"]] == wanted
    assert len(body(alice.get(f"/me/calls?{query}"))["uris"]) == len(wanted)


def test_a_call_reads_the_same_in_the_list_alone_and_without_me(world: World) -> None:
    world.talk()
    world.clock.moment += 61.9
    alice = world.agent(ALICE)
    call = alice.call()
    assert call["duration"] == "61"
    assert body(alice.get(f"/me/calls/{FIRST}"))["call"] == call
    assert body(alice.get(f"/calls/{FIRST}/"))["call"] == call


def test_addresses_use_the_host_that_the_client_used(world: World) -> None:
    world.talk()
    headers = {"Host": "calls.example:8443"} | basic("alice")
    call = world.browser().get(f"/api/v2/me/calls/{FIRST}", headers=headers).json["call"]  # type: ignore[index]
    assert call["uri"] == f"http://calls.example:8443/api/v2/me/calls/{FIRST}"
    assert call["deviceUri"].startswith("http://calls.example:8443/api/v2/devices/")


@pytest.mark.parametrize("host", ['a"b', "a b", "[::1", "x" * 300, "host:port", ""])
def test_a_senseless_host_header_is_no_accident_of_ours(world: World, host: str) -> None:
    world.talk()
    response = world.browser().get("/api/v2/me/calls?fields=*", headers={"Host": host} | basic("alice"))
    assert response.status_code in (200, 400)


def test_a_caller_without_a_telephone_number_is_shown_as_the_text_that_came(world: World) -> None:
    session = world.control.open(ALICE, Party("anonymous", "anonymous"))
    world.control.answers(session.id, "client:alice")
    assert world.agent(ALICE).call()["participants"] == [
        {"e164Number": "", "formattedPhoneNumber": "anonymous", "phoneNumber": "anonymous", "digits": "anonymous"}
    ]


def test_services_and_version_are_told(world: World) -> None:
    alice = world.agent(ALICE)
    (voice,) = body(alice.get("/services?fields=*"))["services"]
    assert (voice["type"], voice["state"]) == ("Voice", "Active")
    assert body(alice.get("/diagnostics/version"))["version"].startswith("8.5.")


def test_starting_a_session_on_voice_succeeds_and_other_channels_fail_alone(world: World) -> None:
    alice = world.agent(ALICE)
    start = {"operationName": "StartContactCenterSession"}
    assert alice.post("/me", {**start, "channels": ["voice"]}).json == {"statusCode": 0}
    partly = alice.post("/me/", {**start, "channels": ["voice", "chat"]})
    assert partly.status_code == 200
    assert partly.json is not None
    assert partly.json["statusCode"] == 7
    assert partly.json["succeeded"] == [{"statusCode": 0, "channel": "voice"}]
    assert [(one["statusCode"], one["channel"]) for one in partly.json["failed"]] == [(4, "chat")]
    assert "statusMessage" not in partly.json
    assert alice.post("/me", {**start, "channels": ["chat"]}).status_code == 500
    assert alice.post("/me", start).json["statusCode"] == 1  # type: ignore[index]
    assert alice.post("/me", {**start, "channels": "voice"}).json["statusCode"] == 2  # type: ignore[index]
    foreign = {**start, "channels": ["voice"], "devicePath": f"/devices/{BOB.device_id}"}
    assert alice.post("/me", foreign).json["statusCode"] == 6  # type: ignore[index]


@pytest.mark.parametrize(
    "path", ["/me", f"/me/devices/{ALICE.device_id}", f"/me/devices/{ALICE.device_id}/calls", "/me/channels/voice"]
)
def test_an_operation_that_is_not_carried_out_is_refused(world: World, path: str) -> None:
    alice = world.agent(ALICE)
    refused = alice.post(path, {"operationName": "DoNotDisturbOn"})
    assert (refused.status_code, refused.json["statusCode"]) == (400, 2)  # type: ignore[index]
    nameless = alice.post(path, {})
    assert (nameless.status_code, nameless.json["statusCode"]) == (400, 1)  # type: ignore[index]


def test_a_foreign_device_is_unknown(world: World) -> None:
    refused = world.agent(ALICE).post(f"/me/devices/{BOB.device_id}", {"operationName": "DoNotDisturbOn"})
    assert (refused.status_code, refused.json["statusCode"]) == (404, 6)  # type: ignore[index]
