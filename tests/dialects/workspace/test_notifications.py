"""What subscribers to ``/v2/me/calls`` receive, field by field as the published samples have it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.workspace.world import ALICE, BOB, CUSTOMER, LINE, World

BASE = {
    "UpdateUserData", "SendDtmf", "InitiateConference", "Hold", "SingleStepTransfer", "InitiateTransfer", "AttachUserData",
    "DeleteUserDataPair", "SingleStepConference", "DeleteUserData", "Hangup",
}  # fmt: skip
HELD = BASE - {"Hold", "SendDtmf"} | {"Retrieve"}
FIRST = "01HOOKFLASHCALLS0000000000000100"
SECOND = "01HOOKFLASHCALLS0000000000000101"
THE_CUSTOMER = {
    "e164Number": CUSTOMER, "formattedPhoneNumber": "(555) 010-0001", "phoneNumber": "5550100001", "digits": "5550100001",
}  # fmt: skip
BASE_URL = "http://desk.example:8080"


def sorted_capabilities(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with their capabilities as a set: their order means nothing."""
    for message in messages:
        names = message["data"]["call"]["capabilities"]
        assert len(names) == len(set(names))
        message["data"]["call"]["capabilities"] = set(names)
    return messages


def told(world: World, *agents: Any) -> list[tuple[str, str, str, str]]:
    """(agent's DN, notificationType, end of the call's id, state) of everything sent since the last look."""
    return [
        (data["phoneNumber"], data["notificationType"], data["call"]["id"][-1], data["call"]["state"])
        for agent in agents or (ALICE,)
        for data in (message["data"] for message in world.notifications(agent))
    ]


def test_initiating_a_conference_tells_the_initiator_of_exactly_held_and_dialing_in_the_published_shape(
    world: World,
) -> None:
    world.talk()
    world.clock.moment += 31.7
    assert world.agent(ALICE).does(FIRST, "InitiateConference", destination={"phoneNumber": "1002"}).json == {
        "statusCode": 0
    }
    device = f"{BASE_URL}/api/v2/devices/{ALICE.device_id}"
    assert sorted_capabilities(world.notifications(ALICE, BASE_URL)) == [
        {
            "channel": "/v2/me/calls",
            "data": {
                "notificationType": "StatusChange",
                "call": {
                    "id": FIRST,
                    "state": "Held",
                    "callUuid": FIRST,
                    "connId": "0071000000000400",
                    "deviceUri": device,
                    "participants": [THE_CUSTOMER],
                    "dnis": LINE,
                    "ani": CUSTOMER,
                    "callType": "Inbound",
                    "capabilities": HELD,
                    "duration": "31",
                    "mute": "Off",
                    "supervisorListeningIn": False,
                    "monitoredUserMuted": False,
                    "monitoring": False,
                    "uri": f"{BASE_URL}/api/v2/me/calls/{FIRST}",
                    "path": f"/calls/{FIRST}",
                },
                "phoneNumber": "1001",
                "extensions": {"BusinessCall": 0},
                "messageType": "CallStateChangeMessage",
            },
        },
        {
            "channel": "/v2/me/calls",
            "data": {
                "notificationType": "StatusChange",
                "call": {
                    "id": SECOND,
                    "state": "Dialing",
                    "callUuid": SECOND,
                    "connId": "0071000000000401",
                    "deviceUri": device,
                    "participants": [
                        {"e164Number": "", "formattedPhoneNumber": "1002", "phoneNumber": "1002", "digits": "1002"}
                    ],
                    "dnis": "1002",
                    "callType": "Consult",
                    "capabilities": {
                        "UpdateUserData", "SendDtmf", "SwapCalls", "AttachUserData", "DeleteUserDataPair", "DeleteUserData",
                        "Hangup", "CompleteTransfer",
                    },
                    "parentCallUri": f"{BASE_URL}/api/v2/me/calls/{FIRST}",
                    "duration": "0",
                    "mute": "Off",
                    "supervisorListeningIn": False,
                    "monitoredUserMuted": False,
                    "monitoring": False,
                    "uri": f"{BASE_URL}/api/v2/me/calls/{SECOND}",
                    "path": f"/calls/{SECOND}",
                    "parentCallPath": f"/calls/{FIRST}",
                },
                "phoneNumber": "1001",
                "messageType": "CallStateChangeMessage",
            },
        },
    ]  # fmt: skip


def test_a_disposition_of_a_live_call_is_told_as_changed_data_with_the_whole_call_and_no_extensions(
    world: World,
) -> None:
    world.talk()
    world.clock.moment += 262
    disposed = world.agent(ALICE).does(
        FIRST, "SetCallDisposition", disposition="Referred", dispositionKey="DispositionCode"
    )
    assert disposed.json == {"statusCode": 0}
    (message,) = sorted_capabilities(world.notifications(ALICE))
    data = message["data"]
    assert set(data) == {"notificationType", "call", "phoneNumber", "messageType"}
    assert data["notificationType"] == "AttachedDataChanged"
    call = data["call"]
    assert (call["state"], call["duration"], call["userData"]) == (
        "Established",
        "262",
        {"DispositionCode": "Referred"},
    )
    assert call["capabilities"] == BASE


def test_the_held_that_starts_a_transfer_offers_its_completion_and_no_retrieve_and_has_no_extensions(
    world: World,
) -> None:
    world.talk()
    world.agent(ALICE).does(FIRST, "InitiateTransfer", destination={"phoneNumber": "1002"})
    held, dialing = sorted_capabilities(world.notifications(ALICE))
    assert held["data"]["call"]["state"] == "Held"
    assert held["data"]["call"]["capabilities"] == HELD - {"Retrieve"} | {"SwapCalls", "CompleteTransfer"}
    assert "extensions" not in held["data"]
    assert dialing["data"]["call"]["state"] == "Dialing"
    assert "extensions" not in dialing["data"]


def test_an_inbound_call_rings_is_established_and_released_with_extensions_each_time(world: World) -> None:
    session = world.control.open(ALICE)
    world.control.answers(session.id, "client:alice")
    world.control.leaves(session.id, CUSTOMER)
    messages = world.notifications(ALICE)
    assert [message["data"]["call"]["state"] for message in messages] == ["Ringing", "Established", "Released"]
    assert [message["data"]["extensions"] for message in messages] == [{"BusinessCall": 0}] * 3
    assert set(messages[0]["data"]["call"]["capabilities"]) == BASE - {
        "Hangup", "SendDtmf", "Hold", "InitiateTransfer", "InitiateConference", "SingleStepTransfer", "SingleStepConference",
    }  # fmt: skip
    assert messages[2]["data"]["call"]["capabilities"] == []
    assert messages[2]["data"]["call"]["participants"] == [THE_CUSTOMER]


def test_hold_and_retrieve_are_each_told_once(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "Hold")
    (held,) = sorted_capabilities(world.notifications(ALICE))
    assert (held["data"]["call"]["state"], held["data"]["call"]["capabilities"]) == ("Held", HELD)
    alice.does(FIRST, "Retrieve")
    (back,) = sorted_capabilities(world.notifications(ALICE))
    assert (back["data"]["call"]["state"], back["data"]["call"]["capabilities"]) == ("Established", BASE)
    assert held["data"]["extensions"] == back["data"]["extensions"] == {"BusinessCall": 0}


def test_the_consulted_agent_sees_a_ringing_consult_under_the_initiators_consult_identity(world: World) -> None:
    session = world.talk()
    world.agent(ALICE).does(FIRST, "InitiateConference", destination={"phoneNumber": "1002"}, userData={"why": "help"})
    (ringing,) = world.notifications(BOB)
    call = ringing["data"]["call"]
    assert (call["id"], call["state"], call["callType"]) == (SECOND, "Ringing", "Consult")
    assert call["participants"][0]["phoneNumber"] == "1001"
    assert call["userData"] == {"why": "help"}
    assert "parentCallUri" not in call
    world.notifications(ALICE)
    world.control.answers(session.id, "client:bob")
    assert told(world, ALICE, BOB) == [
        ("1001", "StatusChange", "1", "Established"),
        ("1002", "StatusChange", "1", "Established"),
    ]


def test_completing_a_conference_releases_the_consult_before_the_original_comes_back_with_both_parties(
    world: World,
) -> None:
    session = world.talk()
    alice = world.agent(ALICE)
    world.control.answering.add("client:bob")
    alice.does(FIRST, "InitiateConference", destination={"phoneNumber": "1002"})
    world.notifications(ALICE)
    world.notifications(BOB)
    assert alice.does(SECOND, "CompleteConference").json == {"statusCode": 0}
    released, original = world.notifications(ALICE)
    assert (released["data"]["call"]["id"], released["data"]["call"]["state"]) == (SECOND, "Released")
    assert released["data"]["call"]["parentCallPath"] == f"/calls/{FIRST}"
    assert (original["data"]["call"]["id"], original["data"]["call"]["state"]) == (FIRST, "Established")
    assert {p["phoneNumber"] for p in original["data"]["call"]["participants"]} == {"5550100001", "1002"}
    assert set(original["data"]["call"]["capabilities"]) == BASE | {"RemoveParticipantFromConference"}
    (joined,) = world.notifications(BOB)
    assert (joined["data"]["notificationType"], joined["data"]["call"]["id"]) == ("ParticipantsUpdated", SECOND)
    assert session.number == 1


@pytest.mark.parametrize("answered", [True, False])
def test_completing_a_transfer_releases_the_original_then_the_consult(world: World, answered: bool) -> None:
    world.talk()
    alice = world.agent(ALICE)
    if answered:
        world.control.answering.add("client:bob")
    alice.does(FIRST, "InitiateTransfer", destination={"phoneNumber": "1002"})
    world.notifications(ALICE)
    assert (
        alice.does(FIRST, "CompleteTransfer", consultCallUri=f"http://elsewhere/api/v2/me/calls/{SECOND}").status_code
        == 200
    )
    assert told(world) == [("1001", "StatusChange", "0", "Released"), ("1001", "StatusChange", "1", "Released")]
    assert alice.calls() == []


def test_swapping_tells_of_both_calls_and_back_again(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    world.control.answering.add("client:bob")
    alice.does(FIRST, "InitiateConference", destination={"phoneNumber": "1002"})
    world.notifications(ALICE)
    assert alice.does(FIRST, "SwapCalls", otherCallUri=f"http://any/api/v2/me/calls/{SECOND}").json == {"statusCode": 0}
    assert set(told(world)) == {("1001", "StatusChange", "0", "Established"), ("1001", "StatusChange", "1", "Held")}
    assert alice.does(SECOND, "SwapCalls", otherCallUri=f"/calls/{FIRST}").json == {"statusCode": 0}
    assert set(told(world)) == {("1001", "StatusChange", "0", "Held"), ("1001", "StatusChange", "1", "Established")}


def test_a_single_step_transfer_tells_only_of_the_release_and_the_target_gets_its_data(world: World) -> None:
    world.talk()
    world.agent(ALICE).does(FIRST, "AttachUserData", userData={"case": "7"})
    world.notifications(ALICE)
    world.agent(ALICE).does(
        FIRST, "SingleStepTransfer", destination={"phoneNumber": "1002"}, userData={"TransferReason": "Escalation"}
    )
    assert told(world) == [("1001", "StatusChange", "0", "Released")]
    ringing = [message["data"]["call"] for message in world.notifications(BOB)]
    assert {call["state"] for call in ringing} == {"Ringing"}
    assert ringing[0]["userData"] == ringing[-1]["userData"] == {"case": "7", "TransferReason": "Escalation"}
    assert ringing[-1]["participants"] == [THE_CUSTOMER]


def test_a_single_step_conference_tells_of_the_new_party_when_it_answers(world: World) -> None:
    session = world.talk()
    world.agent(ALICE).does(FIRST, "SingleStepConference", destination={"phoneNumber": "1002"})
    assert told(world) == []
    world.control.answers(session.id, "client:bob")
    assert told(world) == [("1001", "ParticipantsUpdated", "0", "Established")]


def test_removing_a_participant_tells_of_who_is_left(world: World) -> None:
    session = world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "SingleStepConference", destination={"phoneNumber": "1002"})
    world.control.answers(session.id, "client:bob")
    world.notifications(ALICE)
    world.notifications(BOB)
    assert alice.does(FIRST, "RemoveParticipantFromConference", participant="1002").json == {"statusCode": 0}
    (left,) = sorted_capabilities(world.notifications(ALICE))
    assert left["data"]["notificationType"] == "ParticipantsUpdated"
    assert left["data"]["call"]["participants"] == [THE_CUSTOMER]
    assert left["data"]["call"]["capabilities"] == BASE
    assert told(world, BOB) == [("1002", "StatusChange", "0", "Released")]


def test_digits_are_confirmed_without_being_repeated(world: World) -> None:
    world.talk()
    assert world.agent(ALICE).does(FIRST, "SendDtmf", digits="1234").json == {"statusCode": 0}
    (sent,) = world.notifications(ALICE)
    assert (sent["data"]["notificationType"], sent["data"]["call"]["state"]) == ("DtmfSent", "Established")
    assert sent["data"]["extensions"] == {"BusinessCall": 0}
    assert "1234" not in str(sent["data"]).replace(CUSTOMER, "")


def test_digits_on_a_consult_are_confirmed_on_the_consult_and_to_the_sender_alone(world: World) -> None:
    world.talk()
    world.control.answering.add("client:bob")
    alice = world.agent(ALICE)
    alice.does(FIRST, "InitiateConference", destination={"phoneNumber": "1002"})
    told(world, ALICE, BOB)
    alice.does(SECOND, "SendDtmf", digits="1")
    assert told(world, ALICE, BOB) == [("1001", "DtmfSent", "1", "Established")]


def test_digits_sent_while_the_consult_dials_are_confirmed_once_it_is_answered(world: World) -> None:
    session = world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "InitiateConference", destination={"phoneNumber": "1002"})
    world.notifications(ALICE)
    assert alice.does(SECOND, "SendDtmf", digits="1").json == {"statusCode": 0}
    assert told(world) == []
    world.control.answers(session.id, "client:bob")
    assert set(told(world)) == {("1001", "StatusChange", "1", "Established"), ("1001", "DtmfSent", "1", "Established")}


def test_after_a_transfer_consult_comes_to_nothing_the_agent_is_told_that_she_can_retrieve_again(world: World) -> None:
    session = world.talk()
    world.agent(ALICE).does(FIRST, "InitiateTransfer", destination={"phoneNumber": "1002"})
    world.notifications(ALICE)
    world.control.leaves(session.id, "client:bob")
    released, original = sorted_capabilities(world.notifications(ALICE))
    assert (released["data"]["call"]["id"], released["data"]["call"]["state"]) == (SECOND, "Released")
    assert (original["data"]["call"]["id"], original["data"]["call"]["state"]) == (FIRST, "Held")
    assert original["data"]["call"]["capabilities"] == HELD
    assert original["data"]["extensions"] == {"BusinessCall": 0}


def test_a_single_step_conference_that_comes_to_nothing_is_reported_with_the_call_as_it_is(world: World) -> None:
    session = world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "SingleStepConference", destination={"phoneNumber": "1002"})
    world.control.leaves(session.id, "client:bob")
    (error,) = sorted_capabilities(world.notifications(ALICE))
    assert (error["data"]["notificationType"], error["data"]["call"]["state"]) == ("Error", "Established")
    assert "Bob" in error["data"]["errorMessage"]
    assert error["data"]["call"]["capabilities"] == BASE


def test_hanging_up_the_consult_leaves_the_original_held_and_retrievable(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "InitiateConference", destination={"phoneNumber": "1002"})
    world.notifications(ALICE)
    alice.does(SECOND, "Hangup")
    assert told(world) == [("1001", "StatusChange", "1", "Released")]
    assert set(alice.call()["capabilities"]) == HELD
