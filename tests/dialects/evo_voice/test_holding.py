"""Holding, patching and ending: what a client receives, and what becomes of the call."""

from __future__ import annotations

import pytest

from app.core import errors as core
from app.core.session import Purpose
from tests.dialects.evo_voice.conftest import Client
from tests.dialects.evo_voice.fakes import ALICE


def test_a_held_session_shows_who_holds_it_why_and_where(send: Client) -> None:
    session = send.control.talk()
    customer, agent = session.legs
    answer = send("POST", f"/sessions/{session.id}/hold", json={"callSid": agent.call_sid, "reason": "Transferring"})
    assert answer.status == "200 OK"
    info = answer.get_json()
    assert info["callState"] == "Hold"
    assert info["holdReason"] == "Transferring"
    assert info["holdQueueName"] == f"hold-{session.id}"
    assert info["heldByUserId"] == ALICE.id
    assert info["callSid"] == customer.call_sid
    assert [(m["role"], m["callState"]) for m in info["members"]] == [("Caller", "Hold"), ("Agent", "Connected")]
    assert info["log"][-1]["message"] == "Held by Alice"


def test_holding_again_succeeds_and_changes_the_reason_only(send: Client) -> None:
    session = send.control.talk()
    send("POST", f"/sessions/{session.id}/hold", json={})
    answer = send("POST", f"/sessions/{session.id}/hold", json={"reason": "Transferring"})
    assert (answer.status_code, answer.get_json()["holdReason"]) == (200, "Transferring")
    assert [type(command).__name__ for command in send.control.commands] == ["Hold", "SetHoldReason"]


def test_a_call_sid_of_no_live_leg_is_refused_by_name_and_nothing_changes(send: Client) -> None:
    session = send.control.talk()
    answer = send("POST", f"/sessions/{session.id}/hold", json={"callSid": "CA" + "f" * 32})
    assert answer.status == "400 ArgumentException"
    assert [error["fieldName"] for error in answer.get_json()["responseStatus"]["errors"]] == ["CallSid"]
    assert send.control.commands == []


def test_an_ended_session_cannot_be_held(send: Client) -> None:
    session = send.control.hang_up(send.control.talk(), 0)
    answer = send("POST", f"/sessions/{session.id}/hold", json={"callSid": session.legs[1].call_sid})
    assert answer.status == "409 Conflict"
    assert answer.get_json()["responseStatus"]["errorCode"] == "Conflict"


def test_a_ringing_session_cannot_be_held(send: Client) -> None:
    assert send("POST", f"/sessions/{send.control.call_in().id}/hold", json={}).status == "409 Conflict"


@pytest.mark.parametrize("session_id", ["0" * 24, "nonsense", "%00", "f" * 300])
def test_an_unknown_session_is_not_found(send: Client, session_id: str) -> None:
    answer = send("POST", f"/sessions/{session_id}/hold", json={})
    assert answer.status == "404 NotFound"
    assert answer.get_json()["responseStatus"]["errorCode"] == "NotFound"


def test_another_accounts_session_is_not_found(send: Client) -> None:
    session = send.control.talk()
    assert send("GET", f"/sessions/{session.id}", who="dave").status == "404 NotFound"
    assert send("POST", f"/sessions/{session.id}/hold", who="dave", json={}).status == "404 NotFound"


@pytest.mark.parametrize(("method", "path"), [("POST", "/hold"), ("DELETE", ""), ("POST", "/redirect")])
def test_a_manager_without_the_user_role_may_not_steer_calls(send: Client, method: str, path: str) -> None:
    session = send.control.talk()
    answer = send(method, f"/sessions/{session.id}{path}", who="admin")
    assert answer.status == "403 Invalid Role"
    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("Forbidden")


def test_patching_the_call_state_holds_and_retrieves(send: Client) -> None:
    session = send.control.talk()
    held = send("PATCH", f"/sessions/{session.id}", json={"callState": "Hold", "holdReason": "Transferring"}).get_json()
    assert (held["callState"], held["holdReason"]) == ("Hold", "Transferring")
    back = send("PATCH", f"/sessions/{session.id}", json={"callState": "Connected"}).get_json()
    assert back["callState"] == "Connected"
    assert "holdQueueName" not in back
    assert "heldByUserId" not in back
    assert back["holdReason"] == "None"


def test_patching_to_connected_during_a_consult_makes_the_conference(send: Client) -> None:
    session = send.control.talk()
    send("POST", f"/sessions/{session.id}/hold", json={})
    send("POST", f"/sessions/{session.id}/conference/members", json={"destination": "1002"})
    send.control.answer(send.control.session(session.id))
    info = send("PATCH", f"/sessions/{session.id}", json={"callState": "Connected"}).get_json()
    assert info["callState"] == "Connected"
    assert [(m["role"], m["callState"]) for m in info["members"]] == [
        ("Caller", "Connected"),
        ("Agent", "Connected"),
        ("Transfer", "Connected"),
    ]


def test_parking_shows_hold_without_an_agent_and_connecting_rings_who_asks(send: Client) -> None:
    session = send.control.talk()
    parked = send("PATCH", f"/sessions/{session.id}", json={"queueState": "Hold"}).get_json()
    assert (parked["callState"], parked["queueState"]) == ("Hold", "Hold")
    assert [(m["role"], m["callState"]) for m in parked["members"]] == [("Caller", "Hold")]
    ringing = send("PATCH", f"/sessions/{session.id}", who="bob", json={"callState": "Connected"}).get_json()
    assert [(m["identity"], m["callState"]) for m in ringing["members"][1:]] == [("bob", "Ringing")]
    again = send("PATCH", f"/sessions/{session.id}", who="bob", json={"callState": "Connected"})
    assert again.get_json()["members"] == ringing["members"]
    assert send("PATCH", f"/sessions/{session.id}", json={"callState": "Connected"}).status == "409 Conflict"


def test_patching_to_disconnected_ends_the_session(send: Client) -> None:
    session = send.control.talk()
    info = send("PATCH", f"/sessions/{session.id}", json={"callState": "Disconnected"}).get_json()
    assert (info["callState"], info["ended"], info["members"]) == ("Disconnected", True, [])
    assert info["dateCompleted"].endswith("Z")


def test_a_client_may_send_back_what_it_has_read(send: Client) -> None:
    session = send.control.talk()
    info = send("GET", f"/sessions/{session.id}").get_json()
    answer = send("PATCH", f"/sessions/{session.id}", json={**info, "consoleData": "line 3"})
    assert (answer.status_code, answer.get_json()["consoleData"]) == (200, "line 3")
    assert [type(command).__name__ for command in send.control.commands] == ["SetConsoleData"]


def test_a_held_ring_queue_call_sent_back_as_read_stays_with_its_agent_until_parking_is_asked_for(send: Client) -> None:
    session = send.control.talk(queue=("support", "e" * 24))
    held = send("POST", f"/sessions/{session.id}/hold", json={}).get_json()
    assert (held["callState"], held["queueState"]) == ("Hold", "Hold")
    again = send("PATCH", f"/sessions/{session.id}", json=held).get_json()
    assert [member["role"] for member in again["members"]] == ["Caller", "Agent"]
    parked = send("PATCH", f"/sessions/{session.id}", json={"queueState": "Hold"}).get_json()
    assert [member["role"] for member in parked["members"]] == ["Caller"]


def test_a_held_call_of_a_direct_line_is_in_no_queue(send: Client) -> None:
    info = send("POST", f"/sessions/{send.control.talk().id}/hold", json={}).get_json()
    assert (info["callState"], info["queueState"]) == ("Hold", "None")


@pytest.mark.parametrize("patch", [{"callState": "Ringing"}, {"callState": "Passive"}, {"queueState": "Queued"}])
def test_states_that_nobody_can_order_are_refused_by_name(send: Client, patch: dict[str, str]) -> None:
    session = send.control.talk()
    answer = send("PATCH", f"/sessions/{session.id}", json=patch)
    field = next(iter(patch))
    assert answer.status_code == 400
    assert answer.get_json()["responseStatus"]["errors"][0]["fieldName"].lower() == field.lower()
    assert send.control.commands == []


def test_console_data_can_still_be_kept_after_the_end(send: Client) -> None:
    session = send.control.hang_up(send.control.talk(), 0)
    assert send("PATCH", f"/sessions/{session.id}", json={"consoleData": "note"}).get_json()["consoleData"] == "note"
    assert send("PATCH", f"/sessions/{session.id}", json={"callState": "Connected"}).status == "409 Conflict"


def test_a_member_added_to_a_talk_rings_and_joins_without_holding_anybody(send: Client) -> None:
    session = send.control.talk()
    info = send("POST", f"/sessions/{session.id}/conference/members", json={"destination": "+15550100002"}).get_json()
    newest = info["members"][-1]
    assert (newest["role"], newest["callState"], newest["identity"]) == ("Transfer", "Ringing", "+15550100002")
    assert info["mostRecentParticipantCallSid"] == newest["callSid"]
    assert (info["callState"], info["dialState"]) == ("Connected", "Active")


def test_a_member_added_while_held_is_a_consult_and_the_customer_stays_held(send: Client) -> None:
    session = send.control.talk()
    send("POST", f"/sessions/{session.id}/hold", json={})
    info = send("POST", f"/sessions/{session.id}/conference/members", json={"destination": "1002"}).get_json()
    assert info["callState"] == "Hold"
    assert [(m["role"], m["callState"]) for m in info["members"]] == [
        ("Caller", "Hold"),
        ("Agent", "Connected"),
        ("Transfer", "Ringing"),
    ]
    consult = send.control.session(session.id).consult
    assert consult is not None
    assert consult.purpose is Purpose.CONFERENCE


@pytest.mark.parametrize("destination", [None, "", "  ", "nobody"])
@pytest.mark.parametrize("path", ["conference/members", "redirect"])
def test_a_destination_that_is_missing_or_nobody_is_a_bad_request(
    send: Client, destination: str | None, path: str
) -> None:
    answer = send("POST", f"/sessions/{send.control.talk().id}/{path}", json={"destination": destination})
    assert answer.status == "400 BadRequest"
    assert answer.get_json()["responseStatus"]["errors"][0]["fieldName"] == "Destination"


def test_only_numbers_of_the_account_can_be_shown_as_caller(send: Client) -> None:
    path = f"/sessions/{send.control.talk().id}/redirect"
    refused = send("POST", path, json={"destination": "1002", "callerId": "+15550999999"})
    assert refused.get_json()["responseStatus"]["errors"][0]["fieldName"] == "CallerId"
    assert send("POST", path, json={"destination": "1002", "callerId": "15550001001"}).status_code == 204


def test_a_redirect_answers_nothing_and_gives_the_customer_away(send: Client) -> None:
    session = send.control.talk()
    answer = send("POST", f"/sessions/{session.id}/redirect", json={"destination": "1002"})
    assert (answer.status_code, answer.data) == (204, b"")
    send.control.answer(send.control.session(session.id))
    members = send("GET", f"/sessions/{session.id}").get_json()["members"]
    assert [(m["identity"], m["role"], m["callState"]) for m in members[1:]] == [("bob", "Agent", "Connected")]


def test_deleting_ends_the_session_with_an_empty_answer(send: Client) -> None:
    session = send.control.talk()
    answer = send("DELETE", f"/sessions/{session.id}?callSid={session.legs[1].call_sid}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert send("GET", f"/sessions/{session.id}").get_json()["ended"] is True
    assert send("DELETE", f"/sessions/{session.id}").status == "409 Conflict"


def test_an_agent_who_hangs_up_by_delete_while_the_customer_is_held_ends_the_call_for_both(send: Client) -> None:
    session = send.control.talk()
    send("POST", f"/sessions/{session.id}/hold", json={})
    send("DELETE", f"/sessions/{session.id}?callSid={session.legs[1].call_sid}")
    assert send("GET", f"/sessions/{session.id}").get_json()["ended"] is True


def test_the_call_sid_of_somebody_who_has_left_is_refused(send: Client) -> None:
    session = send.control.talk()
    send("POST", f"/sessions/{session.id}/conference/members", json={"destination": "1002"})
    session = send.control.hang_up(send.control.answer(send.control.session(session.id)), 2)
    answer = send("POST", f"/sessions/{session.id}/hold", json={"callSid": session.legs[2].call_sid})
    assert answer.get_json()["responseStatus"]["errors"][0]["fieldName"] == "CallSid"


def test_deleting_one_leg_of_three_leaves_the_others_talking(send: Client) -> None:
    session = send.control.talk()
    send("POST", f"/sessions/{session.id}/conference/members", json={"destination": "1002"})
    session = send.control.answer(send.control.session(session.id))
    assert send("DELETE", f"/sessions/{session.id}?callSid={session.legs[1].call_sid}").status_code == 204
    info = send("GET", f"/sessions/{session.id}").get_json()
    assert (info["ended"], [m["identity"] for m in info["members"]]) == (False, ["+15550100001", "bob"])


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (core.ProviderRefused("no", code=21211), 500, "TwilioException"),
        (core.StoreUnavailable(), 503, "ServiceUnavailable"),
    ],
)
def test_faults_behind_us_are_told_in_the_apis_own_shape(
    send: Client, failure: Exception, status: int, code: str
) -> None:
    session = send.control.talk()
    send.control.refuse = failure
    answer = send("POST", f"/sessions/{session.id}/hold", json={})
    assert (answer.status_code, answer.get_json()["responseStatus"]["errorCode"]) == (status, code)


def test_a_held_session_sent_back_as_connected_is_retrieved_and_what_else_has_changed_is_kept(send: Client) -> None:
    session = send.control.talk()
    held = send("POST", f"/sessions/{session.id}/hold", json={"reason": "Transferring"}).get_json()
    answer = send("PATCH", f"/sessions/{session.id}", json={**held, "callState": "Connected", "consoleData": "line 3"})
    assert answer.status == "200 OK"
    assert (answer.get_json()["callState"], answer.get_json()["consoleData"]) == ("Connected", "line 3")


@pytest.mark.parametrize("state", ["Connected", "Disconnected"])
def test_a_held_ring_queue_call_sent_back_with_another_call_state_gets_it(send: Client, state: str) -> None:
    session = send.control.talk(queue=("support", "e" * 24))
    held = send("POST", f"/sessions/{session.id}/hold", json={"reason": "Transferring"}).get_json()
    assert held["queueState"] == "Hold"
    answer = send("PATCH", f"/sessions/{session.id}", json={**held, "callState": state})
    assert (answer.status_code, answer.get_json()["callState"]) == (200, state)


def test_a_reason_for_a_hold_that_is_to_end_is_refused_before_anything_has_happened(send: Client) -> None:
    session = send.control.talk()
    send("POST", f"/sessions/{session.id}/hold", json={})
    both = {"callState": "Connected", "holdReason": "Transferring"}
    assert send("PATCH", f"/sessions/{session.id}", json=both).status == "409 Conflict"
    assert send("GET", f"/sessions/{session.id}").get_json()["callState"] == "Hold"
