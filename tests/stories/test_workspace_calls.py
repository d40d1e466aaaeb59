"""An agent's desktop on the workspace API: what its REST calls answer, what its subscription receives, what people hear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.dialects.workspace.client import Desk
from tests.support.bayeux import Bayeux, Event
from tests.support.twilio_side import Simulator
from tests.support.waiting import until

CALLER = "+15550100001"
OUTSIDE = "+15550100002"
ALICE_LINE = "+15550001001"
DATA = {"AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"}
BASE = DATA | {
    "Hangup", "SendDtmf", "Hold", "InitiateTransfer", "InitiateConference", "SingleStepTransfer", "SingleStepConference",
}  # fmt: skip
HELD = BASE - {"Hold", "SendDtmf"} | {"Retrieve"}


@dataclass
class Floor:
    """A caller talks with alice; her and bob's desktops listen."""

    phones: Simulator
    alice: Desk
    bob: Desk
    told: Bayeux
    bob_told: Bayeux
    caller_leg: str
    alice_leg: str
    call_id: str

    def hears(self, who: str, *others: str) -> None:
        """Wait until a leg hears exactly these others."""
        until(lambda: self.phones.hearing(who).others == frozenset(others), 8, f"{who} hears {others}")

    def hears_hold(self, who: str) -> None:
        """Wait until a leg hears its hold message."""
        until(lambda: self.phones.hearing(who).kind == "hold" and self.phones.hearing(who).now, 8, f"{who} is on hold")

    def consult(
        self, operation: str = "InitiateConference", number: str = "1002", address: str = "client:bob"
    ) -> tuple[str, str]:
        """Alice consults somebody, who answers: (the consult's id, their leg). The notifications of it are taken."""
        self.alice.does(self.call_id, operation, destination={"phoneNumber": number})
        _, dialing = self.told.take(2)
        leg = self.phones.ringing(address)
        self.phones.answer(leg)
        assert self.told.next()["data"]["call"]["state"] == "Established"
        return dialing["data"]["call"]["id"], leg


def gist(events: list[Event]) -> list[tuple[str, str, str]]:
    """(notificationType, callType, state) of each event."""
    return [(e["data"]["notificationType"], e["data"]["call"]["callType"], e["data"]["call"]["state"]) for e in events]


@pytest.fixture
def floor(product: Any) -> Iterator[Floor]:
    phones: Simulator = product.simulator
    with (
        Desk(product.url, "alice") as alice,
        Desk(product.url, "bob") as bob,
        alice.listen() as told,
        bob.listen() as bob_told,
    ):
        caller_leg = phones.place_call(CALLER, ALICE_LINE)
        alice_leg = phones.ringing("client:alice")
        ringing = told.next()
        assert (ringing["data"]["call"]["state"], set(ringing["data"]["call"]["capabilities"])) == ("Ringing", DATA)
        phones.answer(alice_leg)
        established = told.next()
        assert established["data"]["call"]["state"] == "Established"
        call_id = established["data"]["call"]["id"]
        floor = Floor(phones, alice, bob, told, bob_told, caller_leg, alice_leg, call_id)
        floor.hears(caller_leg, alice_leg)
        yield floor


def test_an_inbound_call_is_listed_whole_while_it_lives_and_gone_when_released(floor: Floor) -> None:
    call = floor.alice.call()
    assert (call["id"], call["state"], call["callType"]) == (floor.call_id, "Established", "Inbound")
    assert set(call["capabilities"]) == BASE
    assert (call["ani"], call["dnis"]) == (CALLER, ALICE_LINE)
    assert call["participants"][0]["e164Number"] == CALLER
    assert (
        call["deviceUri"]
        == f"{floor.alice.base_url}/api/v2/devices/{floor.alice.get('/me/devices?fields=*')['devices'][0]['id']}"
    )
    floor.phones.hangup(floor.caller_leg)
    released = floor.told.next()
    assert (released["data"]["call"]["state"], released["data"]["call"]["capabilities"]) == ("Released", [])
    assert released["data"]["call"]["participants"] == call["participants"]
    assert floor.alice.calls() == []
    assert floor.told.rest() == []


def test_hold_lets_the_caller_hear_the_message_and_retrieve_brings_both_together_again(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "Hold")
    assert floor.alice.call()["state"] == "Held"
    floor.hears_hold(floor.caller_leg)
    held = floor.told.next()
    assert set(held["data"]["call"]["capabilities"]) == HELD
    assert floor.alice.refused(floor.call_id, "Hold") == (400, 2)
    floor.alice.does(floor.call_id, "Retrieve")
    floor.hears(floor.caller_leg, floor.alice_leg)
    assert floor.told.next()["data"]["call"]["state"] == "Established"
    assert floor.told.rest() == []


def test_a_conference_is_initiated_with_exactly_two_notifications_and_completed_with_everybody_talking(
    floor: Floor,
) -> None:
    floor.alice.does(floor.call_id, "InitiateConference", destination={"phoneNumber": "1002"})
    held, dialing = floor.told.take(2)
    assert set(held["data"]["call"]["capabilities"]) == HELD
    assert set(dialing["data"]["call"]["capabilities"]) == DATA | {
        "Hangup",
        "SendDtmf",
        "SwapCalls",
        "CompleteTransfer",
    }
    assert dialing["data"]["call"]["parentCallUri"] == held["data"]["call"]["uri"]
    assert set(dialing) == {"channel", "data"}
    bob_leg = floor.phones.ringing("client:bob")
    assert floor.told.rest() == []
    floor.hears_hold(floor.caller_leg)

    floor.phones.answer(bob_leg)
    consult = floor.told.next()["data"]["call"]
    assert (consult["state"], "CompleteConference" in consult["capabilities"]) == ("Established", True)
    floor.hears(bob_leg, floor.alice_leg)

    floor.alice.does(consult["id"], "CompleteConference")
    assert gist(floor.told.take(2)) == [
        ("StatusChange", "Consult", "Released"),
        ("StatusChange", "Inbound", "Established"),
    ]
    floor.hears(floor.caller_leg, floor.alice_leg, bob_leg)
    assert {p["phoneNumber"] for p in floor.alice.call()["participants"]} == {"5550100001", "1002"}
    assert "RemoveParticipantFromConference" in floor.alice.call()["capabilities"]

    floor.alice.does(floor.call_id, "RemoveParticipantFromConference", participant="1002")
    floor.hears(floor.caller_leg, floor.alice_leg)
    updated = floor.told.next()["data"]
    assert (updated["notificationType"], len(updated["call"]["participants"])) == ("ParticipantsUpdated", 1)


def test_a_consultation_becomes_a_transfer_and_the_colleague_keeps_the_caller(floor: Floor) -> None:
    consult_id, bob_leg = floor.consult("InitiateTransfer")
    floor.alice.does(consult_id, "CompleteTransfer")
    assert gist(floor.told.take(2)) == [
        ("StatusChange", "Inbound", "Released"),
        ("StatusChange", "Consult", "Released"),
    ]
    floor.hears(floor.caller_leg, bob_leg)
    assert floor.alice.calls() == []
    until(lambda: [p["phoneNumber"] for p in floor.bob.call()["participants"]] == ["5550100001"])
    assert floor.bob.call()["id"] == consult_id
    assert floor.told.rest() == []


def test_a_transfer_completed_while_dialing_reaches_the_target_when_it_answers(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "InitiateTransfer", destination={"phoneNumber": OUTSIDE})
    _, dialing = floor.told.take(2)
    floor.alice.does(floor.call_id, "CompleteTransfer", consultCallUri=dialing["data"]["call"]["uri"])
    assert [state for _, _, state in gist(floor.told.take(2))] == ["Released", "Released"]
    floor.hears_hold(floor.caller_leg)
    target = floor.phones.ringing(OUTSIDE)
    floor.phones.answer(target)
    floor.hears(floor.caller_leg, target)


def test_swapping_lets_one_party_wait_while_the_other_talks(floor: Floor) -> None:
    consult_id, bob_leg = floor.consult()
    floor.alice.does(floor.call_id, "SwapCalls", otherCallUri=floor.alice.call(call_type="Consult")["uri"])
    floor.hears(floor.caller_leg, floor.alice_leg)
    floor.hears_hold(bob_leg)
    assert set(gist(floor.told.take(2))) == {
        ("StatusChange", "Inbound", "Established"),
        ("StatusChange", "Consult", "Held"),
    }
    floor.alice.does(consult_id, "SwapCalls", otherCallUri=f"/calls/{floor.call_id}")
    floor.hears(bob_leg, floor.alice_leg)
    floor.hears_hold(floor.caller_leg)


def test_a_colleague_who_answers_after_a_swap_is_held_and_has_never_heard_the_caller(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "InitiateConference", destination={"phoneNumber": "1002"})
    floor.told.take(2)
    consult_id, bob_leg = floor.alice.call(call_type="Consult")["id"], floor.phones.ringing("client:bob")
    floor.alice.does(floor.call_id, "SwapCalls", otherCallUri=f"/calls/{consult_id}")
    assert gist(floor.told.take(1)) == [("StatusChange", "Inbound", "Established")]
    floor.hears(floor.caller_leg, floor.alice_leg)
    floor.hears(floor.alice_leg, floor.caller_leg)
    floor.phones.answer(bob_leg)
    floor.hears_hold(bob_leg)
    assert all(floor.caller_leg not in heard.others for heard in floor.phones.call(bob_leg).heard)
    floor.hears(floor.caller_leg, floor.alice_leg)

    floor.alice.does(consult_id, "CompleteConference")
    floor.hears(bob_leg, floor.caller_leg, floor.alice_leg)
    floor.hears(floor.alice_leg, floor.caller_leg, bob_leg)


def test_a_transfer_completed_after_a_swap_while_dialing_tells_only_of_the_two_releases(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "InitiateTransfer", destination={"phoneNumber": "1002"})
    floor.told.take(2)
    bob_leg = floor.phones.ringing("client:bob")
    floor.alice.does(floor.call_id, "SwapCalls", otherCallUri=floor.alice.call(call_type="Consult")["uri"])
    floor.told.next()
    floor.alice.does(floor.call_id, "CompleteTransfer")
    assert gist(floor.told.rest()) == [
        ("StatusChange", "Inbound", "Released"),
        ("StatusChange", "Consult", "Released"),
    ]
    floor.hears_hold(floor.caller_leg)
    floor.phones.answer(bob_leg)
    floor.hears(bob_leg, floor.caller_leg)


def test_an_agent_who_calls_a_line_from_her_softphone_is_told_first_that_her_call_dials(floor: Floor) -> None:
    floor.phones.place_call("client:bob", ALICE_LINE)
    assert gist(floor.bob_told.take(1)) == [("StatusChange", "Internal", "Dialing")]


def test_giving_up_the_consult_leaves_the_caller_held_until_retrieved(floor: Floor) -> None:
    consult_id, _ = floor.consult()
    floor.alice.does(consult_id, "Hangup")
    assert gist(floor.told.take(1)) == [("StatusChange", "Consult", "Released")]
    assert set(floor.alice.call()["capabilities"]) == HELD
    floor.hears_hold(floor.caller_leg)
    floor.alice.does(floor.call_id, "Retrieve")
    floor.hears(floor.caller_leg, floor.alice_leg)


def test_a_single_step_transfer_gives_the_caller_away(floor: Floor) -> None:
    floor.alice.does(
        floor.call_id,
        "SingleStepTransfer",
        destination={"phoneNumber": "1002"},
        userData={"TransferReason": "Escalation"},
    )
    ringing = floor.bob_told.next()["data"]["call"]
    assert (ringing["state"], ringing["userData"]) == ("Ringing", {"TransferReason": "Escalation"})
    assert gist(floor.told.take(1)) == [("StatusChange", "Inbound", "Released")]
    bob_leg = floor.phones.ringing("client:bob")
    floor.phones.answer(bob_leg)
    floor.hears(floor.caller_leg, bob_leg)


def test_a_single_step_conference_adds_the_party_when_it_answers(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "SingleStepConference", destination={"phoneNumber": OUTSIDE})
    leg = floor.phones.ringing(OUTSIDE)
    assert floor.told.rest(0.3) == []
    floor.phones.answer(leg)
    assert gist(floor.told.take(1)) == [("ParticipantsUpdated", "Inbound", "Established")]
    floor.hears(floor.caller_leg, floor.alice_leg, leg)


def test_digits_are_heard_by_the_caller_and_confirmed(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "SendDtmf", digits="42")
    assert floor.told.next()["data"]["notificationType"] == "DtmfSent"
    floor.hears(floor.caller_leg, floor.alice_leg)


def test_attached_data_follows_the_call_and_is_told_to_everybody_on_it(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "SingleStepConference", destination={"phoneNumber": "1002"})
    floor.phones.answer(floor.phones.ringing("client:bob"))
    floor.told.next()
    floor.bob_told.until(lambda event: event["data"]["call"]["state"] == "Established")
    floor.alice.does(floor.call_id, "AttachUserData", userData={"case": {"id": 7}})
    for listener in (floor.told, floor.bob_told):
        data = listener.next()["data"]
        assert (data["notificationType"], data["call"]["userData"]) == ("AttachedDataChanged", {"case": {"id": 7}})
        assert "extensions" not in data
    floor.bob.does(floor.bob.call()["id"], "DeleteUserData")
    assert "userData" not in floor.told.next()["data"]["call"]


def test_a_disposition_is_told_while_the_call_lives_and_taken_silently_after(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "SetCallDisposition", disposition="Referred")
    told = floor.told.next()["data"]
    assert (told["notificationType"], told["call"]["userData"]) == (
        "AttachedDataChanged",
        {"DispositionCode": "Referred"},
    )
    floor.phones.hangup(floor.caller_leg)
    assert floor.told.next()["data"]["call"]["state"] == "Released"
    floor.alice.does(floor.call_id, "SetCallDisposition", disposition="Sold", callUuid=floor.call_id)
    assert floor.told.rest() == []
    assert floor.alice.refused(floor.call_id, "Hold") == (400, 2)
    assert floor.bob.refused(floor.call_id, "SetCallDisposition", disposition="x") == (404, 6)


def test_the_caller_hanging_up_during_a_consult_releases_the_original_and_then_the_consult(floor: Floor) -> None:
    _, bob_leg = floor.consult()
    floor.phones.hangup(floor.caller_leg)
    assert gist(floor.told.take(2)) == [
        ("StatusChange", "Inbound", "Released"),
        ("StatusChange", "Consult", "Released"),
    ]
    until(lambda: floor.phones.call(bob_leg).status == "completed")
    assert floor.told.rest() == []


def test_a_consulted_colleague_who_rejects_leaves_the_caller_held_and_retrievable(floor: Floor) -> None:
    floor.alice.does(floor.call_id, "InitiateConference", destination={"phoneNumber": "1002"})
    floor.told.take(2)
    floor.phones.reject(floor.phones.ringing("client:bob"))
    assert gist(floor.told.take(1)) == [("StatusChange", "Consult", "Released")]
    until(lambda: "Retrieve" in floor.alice.call()["capabilities"])
    floor.hears_hold(floor.caller_leg)


def test_what_is_not_possible_now_is_refused_at_once_and_nobody_is_told(floor: Floor) -> None:
    log = floor.phones.log_position()
    for operation in ("Answer", "Retrieve", "CompleteConference", "MuteCall", "Alternate"):
        assert floor.alice.refused(floor.call_id, operation) == (400, 2)
    assert floor.alice.refused(floor.call_id, "InitiateConference") == (400, 1)
    assert floor.alice.refused(floor.call_id, "InitiateConference", destination={"phoneNumber": "9999"}) == (400, 2)
    assert floor.bob.refused(floor.call_id, "Hold") == (404, 6)
    assert floor.told.rest() == []
    assert [entry for entry in floor.phones.log(log) if entry.kind == "rest" and entry.method == "POST"] == []


def test_a_consult_that_the_provider_refuses_is_reported_with_the_call_as_it_was(floor: Floor) -> None:
    before = set(floor.alice.call()["capabilities"])
    floor.phones.faults(rest_429=1.0, seed=1)
    answer = floor.alice.post(floor.call_id, "InitiateConference", destination={"phoneNumber": "1002"})
    floor.phones.faults()
    assert (answer.status_code, answer.json()["statusCode"]) == (500, 4)
    reported = floor.told.next()["data"]
    assert (reported["notificationType"], reported["call"]["state"]) == ("Error", "Established")
    assert set(reported["call"]["capabilities"]) == before


def test_the_provider_refusing_the_hold_is_told_and_leaves_the_call_established(floor: Floor) -> None:
    floor.phones.faults(rest_429=1.0, seed=1)
    answer = floor.alice.post(floor.call_id, "Hold")
    floor.phones.faults()
    assert (answer.status_code, answer.json()["statusCode"]) == (500, 4)
    assert floor.alice.call()["state"] == "Established"
    floor.hears(floor.caller_leg, floor.alice_leg)
