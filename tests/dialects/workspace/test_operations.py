"""What an operation may be asked for, when, and how a wrong request is refused: at once, with nothing changed or told."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.ids import call_uuid
from tests.dialects.workspace.world import ALICE, BOB, CUSTOMER, World, refused

FIRST = call_uuid(1, 0)
SECOND = call_uuid(1, 1)
TO_BOB = {"destination": {"phoneNumber": "1002"}}


@pytest.mark.parametrize(
    "operation",
    ["Answer", "Retrieve", "CompleteConference", "CompleteTransfer", "SwapCalls", "RemoveParticipantFromConference", "MuteCall",
     "UnmuteCall", "ClearCall", "StartCallRecording", "Alternate", "hold", ""],
)  # fmt: skip
def test_what_an_established_call_does_not_offer_is_refused_and_nobody_is_told(world: World, operation: str) -> None:
    world.talk()
    before = world.control.sessions.copy()
    assert refused(world.agent(ALICE).does(FIRST, operation), 2)
    assert world.control.commands == []
    assert world.control.sessions == before
    assert world.notifications(ALICE) == []


def test_everything_an_established_call_offers_is_accepted(world: World) -> None:
    parameters: dict[str, dict[str, Any]] = {
        "AttachUserData": {"userData": {"a": "1"}},
        "UpdateUserData": {"userData": {"a": "2"}},
        "DeleteUserDataPair": {"key": "a"},
        "SendDtmf": {"digits": "1"},
        "InitiateTransfer": TO_BOB,
        "InitiateConference": TO_BOB,
        "SingleStepTransfer": TO_BOB,
        "SingleStepConference": TO_BOB,
    }
    offered = []
    for name in sorted(offered_when_established()):
        fresh = World()
        fresh.talk()
        answer = fresh.agent(ALICE).does(FIRST, name, **parameters.get(name, {}))
        assert (name, answer.json) == (name, {"statusCode": 0})
        offered.append(name)
    assert len(offered) == 11


def offered_when_established() -> list[str]:
    fresh = World()
    fresh.talk()
    names: list[str] = fresh.agent(ALICE).call()["capabilities"]
    return names


def test_a_ringing_call_is_answered_on_the_phone_so_neither_answer_nor_hangup_is_possible(world: World) -> None:
    world.control.open(ALICE)
    alice = world.agent(ALICE)
    assert refused(alice.does(FIRST, "Answer"), 2)
    assert refused(alice.does(FIRST, "Hangup"), 2)


def test_while_the_consult_dials_it_can_be_transferred_but_not_joined(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "InitiateConference", **TO_BOB)
    assert refused(alice.does(SECOND, "CompleteConference"), 2)
    assert refused(alice.does(FIRST, "CompleteConference"), 2)
    assert refused(alice.does(FIRST, "Retrieve"), 2)
    assert refused(alice.does(FIRST, "InitiateConference", destination={"phoneNumber": "1003"}), 2)
    assert set(alice.get(f"/me/calls/{FIRST}").json["call"]["capabilities"]) == {  # type: ignore[index]
        "AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair", "Hangup", "SwapCalls", "CompleteTransfer",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("InitiateConference", {}, 1),
        ("InitiateConference", {"destination": None}, 1),
        ("InitiateConference", {"destination": {}}, 1),
        ("InitiateConference", {"destination": {"phoneNumber": None}}, 1),
        ("InitiateConference", {"destination": {"phoneNumber": ""}}, 2),
        ("InitiateConference", {"destination": {"phoneNumber": 1002}}, 2),
        ("InitiateConference", {"destination": "1002"}, 2),
        ("InitiateConference", {"destination": ["1002"]}, 2),
        ("InitiateConference", {"destination": {"phoneNumber": "9999"}}, 2),
        ("InitiateConference", {"destination": {"phoneNumber": "1001"}}, 2),
        ("InitiateConference", {**TO_BOB, "userData": "x"}, 2),
        ("InitiateConference", {**TO_BOB, "userData": {"a": None}}, 2),
        ("InitiateTransfer", {}, 1),
        ("SingleStepTransfer", {}, 1),
        ("SingleStepConference", {"destination": {"phoneNumber": "nobody"}}, 2),
        ("SendDtmf", {}, 1),
        ("SendDtmf", {"digits": ""}, 2),
        ("SendDtmf", {"digits": "12a"}, 2),
        ("SendDtmf", {"digits": "12\n"}, 2),
        ("SendDtmf", {"digits": 12}, 2),
        ("AttachUserData", {}, 1),
        ("UpdateUserData", {"userData": None}, 1),
        ("UpdateUserData", {"userData": [1]}, 2),
        ("UpdateUserData", {"userData": {"": "x"}}, 2),
        ("UpdateUserData", {"userData": {"a": "x" * 70_000}}, 2),
        ("DeleteUserDataPair", {}, 1),
        ("DeleteUserDataPair", {"key": 1}, 2),
        ("SetCallDisposition", {}, 1),
        ("SetCallDisposition", {"disposition": 5}, 2),
        ("SetCallDisposition", {"disposition": "x", "callUuid": SECOND}, 2),
        ("SetCallDisposition", {"disposition": "x", "callUri": f"http://h/api/v2/calls/{SECOND}"}, 2),
    ],
)
def test_wrong_parameters_are_refused_with_nothing_changed(
    world: World, operation: str, parameters: dict[str, Any], code: int
) -> None:
    world.talk()
    assert refused(world.agent(ALICE).does(FIRST, operation, **parameters), code)
    assert world.control.commands == []
    assert world.notifications(ALICE) == []


def test_swapping_needs_the_other_call_of_the_pair(world: World) -> None:
    world.talk()
    world.control.answering.add("client:bob")
    alice = world.agent(ALICE)
    alice.does(FIRST, "InitiateConference", **TO_BOB)
    assert refused(alice.does(FIRST, "SwapCalls"), 1)
    assert refused(alice.does(FIRST, "SwapCalls", otherCallUri=f"http://h/api/v2/me/calls/{FIRST}"), 2)
    assert refused(alice.does(FIRST, "CompleteConference", consultCallUri=f"http://h/api/v2/me/calls/{FIRST}"), 2)


def test_data_together_over_the_limit_is_out_of_range(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    assert alice.does(FIRST, "AttachUserData", userData={"a": "x" * 40_000}).json == {"statusCode": 0}
    assert refused(alice.does(FIRST, "AttachUserData", userData={"b": "x" * 40_000}), 10)


def test_user_data_is_attached_updated_and_deleted_and_absent_when_empty(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "AttachUserData", userData={"a": "1", "nested": {"deep": [1, 2]}})
    alice.does(FIRST, "UpdateUserData", userData={"a": "2", "b": "3"})
    assert alice.call()["userData"] == {"a": "2", "b": "3", "nested": {"deep": [1, 2]}}
    alice.does(FIRST, "DeleteUserDataPair", key="a")
    assert alice.call()["userData"] == {"b": "3", "nested": {"deep": [1, 2]}}
    alice.does(FIRST, "DeleteUserData")
    assert "userData" not in alice.call()


def test_a_consult_without_data_may_say_so_with_null(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    assert alice.does(FIRST, "InitiateConference", **TO_BOB, userData=None).json == {"statusCode": 0}
    assert alice.does(FIRST, "CompleteTransfer", consultCallUri=None).json == {"statusCode": 0}


def test_a_consult_has_data_of_its_own(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "AttachUserData", userData={"case": "7"})
    alice.does(FIRST, "InitiateConference", **TO_BOB, userData={"why": "help"})
    alice.does(SECOND, "UpdateUserData", userData={"more": "yes"})
    by_id = {call["id"]: call.get("userData") for call in alice.calls()}
    assert by_id == {FIRST: {"case": "7"}, SECOND: {"why": "help", "more": "yes"}}


def test_holding_in_a_conference_sets_only_the_holding_agent_aside(world: World) -> None:
    session = world.talk()
    alice, bob = world.agent(ALICE), world.agent(BOB)
    alice.does(FIRST, "SingleStepConference", **TO_BOB)
    world.control.answers(session.id, "client:bob")
    alice.does(FIRST, "Hold")
    assert (alice.call()["state"], bob.call()["state"]) == ("Held", "Established")
    alice.does(FIRST, "Retrieve")
    assert alice.call()["state"] == "Established"


def test_hanging_up_between_two_ends_the_call_for_the_customer_too(world: World) -> None:
    session = world.talk()
    world.agent(ALICE).does(FIRST, "Hangup")
    assert world.control.sessions[session.id].live is False


def test_hanging_up_in_a_conference_lets_the_others_talk_on(world: World) -> None:
    session = world.talk()
    world.agent(ALICE).does(FIRST, "SingleStepConference", **TO_BOB)
    world.control.answers(session.id, "client:bob")
    world.agent(ALICE).does(FIRST, "Hangup")
    assert world.control.sessions[session.id].live
    assert world.agent(BOB).call()["state"] == "Established"
    assert world.agent(ALICE).calls() == []


def test_a_participant_goes_by_any_of_its_listed_numbers_and_nobody_else_can_be_removed(world: World) -> None:
    session = world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "SingleStepConference", destination={"phoneNumber": "+15550100002"})
    world.control.answers(session.id, "+15550100002")
    assert refused(alice.does(FIRST, "RemoveParticipantFromConference"), 1)
    assert refused(alice.does(FIRST, "RemoveParticipantFromConference", participant="1001"), 2)
    assert refused(alice.does(FIRST, "RemoveParticipantFromConference", participant="5550100009"), 2)
    assert alice.does(FIRST, "RemoveParticipantFromConference", participant="5550100002").json == {"statusCode": 0}
    assert len(alice.call()["participants"]) == 1


def test_removing_the_customer_ends_the_call_for_everybody(world: World) -> None:
    session = world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "SingleStepConference", **TO_BOB)
    world.control.answers(session.id, "client:bob")
    assert alice.does(FIRST, "RemoveParticipantFromConference", participant=CUSTOMER).json == {"statusCode": 0}
    assert (alice.calls(), world.agent(BOB).calls()) == ([], [])


def test_only_the_owner_of_a_conference_may_remove(world: World) -> None:
    session = world.talk()
    world.agent(ALICE).does(FIRST, "SingleStepConference", **TO_BOB)
    world.control.answers(session.id, "client:bob")
    assert refused(world.agent(BOB).does(FIRST, "RemoveParticipantFromConference", participant="1001"), 2)


def test_extra_capabilities_are_offered_and_work_when_the_operator_switches_them_on() -> None:
    world = World(workspace_extra_capabilities=("ClearCall", "MuteCall", "StartCallRecording"))
    session = world.talk()
    alice = world.agent(ALICE)
    assert {"ClearCall", "MuteCall"} <= set(alice.call()["capabilities"])
    assert {"UnmuteCall", "StartCallRecording"}.isdisjoint(alice.call()["capabilities"])
    assert alice.does(FIRST, "MuteCall").json == {"statusCode": 0}
    (muted,) = world.notifications(ALICE)
    assert (muted["data"]["notificationType"], muted["data"]["call"]["mute"]) == ("StatusChange", "On")
    assert "UnmuteCall" in alice.call()["capabilities"]
    assert refused(alice.does(FIRST, "MuteCall"), 2)
    assert alice.does(FIRST, "UnmuteCall").json == {"statusCode": 0}
    assert alice.call()["mute"] == "Off"
    assert alice.does(FIRST, "ClearCall").json == {"statusCode": 0}
    assert world.control.sessions[session.id].live is False
    assert world.notifications(ALICE)[-1]["data"]["call"]["capabilities"] == []


def test_clearing_a_consult_ends_the_consult_alone() -> None:
    world = World(workspace_extra_capabilities=("ClearCall",))
    session = world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "InitiateConference", **TO_BOB)
    assert alice.does(SECOND, "ClearCall").json == {"statusCode": 0}
    assert world.control.sessions[session.id].live
    assert alice.call()["state"] == "Held"


def test_the_consulted_agent_may_leave_but_neither_hold_nor_complete(world: World) -> None:
    world.talk()
    world.control.answering.add("client:bob")
    world.agent(ALICE).does(FIRST, "InitiateConference", **TO_BOB)
    bob = world.agent(BOB)
    for operation in ("Hold", "CompleteConference", "CompleteTransfer", "SwapCalls", "InitiateTransfer"):
        assert refused(bob.does(SECOND, operation, **TO_BOB), 2)
    assert bob.does(SECOND, "Hangup").json == {"statusCode": 0}
    assert bob.calls() == []
    assert world.agent(ALICE).call()["state"] == "Held"
