"""Hold, consult, conference, park and end through the Evo Voice API: what callers hear and what published clients receive."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from servicestack import JsonServiceClient, WebServiceException

from tests.dialects.evo_voice import service_client as evo
from tests.support.product import Product, Talk
from tests.support.waiting import until


@pytest.fixture
def talk(product: Product) -> Talk:
    """A customer talks with alice."""
    return product.given_talk()


@pytest.fixture
def alice(product: Product) -> JsonServiceClient:
    """alice at the published client, signed in by cookies."""
    return evo.client(product.url, cookies=True)


def hears(product: Product, who: str, *others: str) -> None:
    """Wait until one hears exactly these others."""
    until(lambda: product.simulator.hearing(who).others == frozenset(others), 8, f"{who} hears {others}")


def waits(product: Product, who: str) -> None:
    """Wait until one is on hold: hears nobody, and something sounds."""
    until(lambda: _on_hold(product, who), 8, f"{who} is on hold with something to hear")


def _on_hold(product: Product, who: str) -> bool:
    hearing = product.simulator.hearing(who)
    return hearing.kind in ("hold", "queue") and not hearing.others and hearing.now is not None


def roles(info: evo.SessionInfo) -> list[tuple[str | None, str | None]]:
    return [(member.role, member.call_state) for member in info.members]


def provider_writes(product: Product, since: int) -> int:
    """How many modifying requests the provider got."""
    return len(
        [entry for entry in product.simulator.log(since) if entry.kind == "rest" and entry.method in ("POST", "DELETE")]
    )


@pytest.mark.parametrize("way", ["api", "json/reply", "route"])
def test_a_held_caller_hears_the_melody_and_the_reply_already_says_hold(product: Product, talk: Talk, way: str) -> None:
    client = evo.client(product.url, predefined=way == "json/reply")
    hold = evo.HoldSession(session_id=talk.session_id, call_sid=talk.agent, reason=evo.HoldReasons.TRANSFERRING)
    before = product.simulator.log_position()
    info = client.post_url(f"/sessions/{talk.session_id}/hold", hold) if way == "route" else client.send(hold)
    assert provider_writes(product, before) == 1
    assert info.call_state is evo.CallState.HOLD
    assert info.hold_reason is evo.HoldReasons.TRANSFERRING
    assert info.hold_queue_name == f"hold-{talk.session_id}"
    assert info.call_sid == talk.customer
    assert roles(info) == [("Caller", "Hold"), ("Agent", "Connected")]
    waits(product, talk.customer)
    hears(product, talk.agent)


def test_retrieving_by_patch_lets_both_hear_each_other_again(product: Product, talk: Talk, alice: Any) -> None:
    me = alice.post(evo.Authenticate(provider="credentials", user_name="alice", password="demo")).user_id
    assert alice.send(evo.HoldSession(session_id=talk.session_id)).held_by_user_id == me
    waits(product, talk.customer)
    before = product.simulator.log_position()
    info = alice.send(evo.PatchSession(session_id=talk.session_id, call_state=evo.CallState.CONNECTED))
    assert provider_writes(product, before) == 1
    assert (info.call_state, info.hold_queue_name, info.held_by_user_id) == (evo.CallState.CONNECTED, None, None)
    hears(product, talk.customer, talk.agent)
    hears(product, talk.agent, talk.customer)


def test_a_hold_in_xml_answers_the_session_in_xml(product: Product, talk: Talk) -> None:
    body = (
        '<HoldSession xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns="http://schemas.datacontract.org/2004/07/Voice.Api.Sessions">'
        f"<CallSid>{talk.agent}</CallSid><Reason>Transferring</Reason><SessionId>{talk.session_id}</SessionId></HoldSession>"
    )
    answer = requests.post(
        f"{product.url}/sessions/{talk.session_id}/hold",
        data=body,
        headers={"Content-Type": "application/xml", "Accept": "application/xml"},
        auth=("alice", "demo"),
        timeout=10,
    )
    assert (answer.status_code, answer.reason, answer.headers["Content-Type"]) == (200, "OK", "application/xml")
    assert "<CallState>Hold</CallState>" in answer.text
    assert f"<CallSid>{talk.customer}</CallSid>" in answer.text
    waits(product, talk.customer)


def test_a_second_hold_asks_the_provider_nothing_and_changes_the_reason(
    product: Product, talk: Talk, alice: Any
) -> None:
    alice.send(evo.HoldSession(session_id=talk.session_id))
    before = product.simulator.log_position()
    info = alice.send(evo.HoldSession(session_id=talk.session_id, reason=evo.HoldReasons.TRANSFERRING))
    assert (info.call_state, info.hold_reason) == (evo.CallState.HOLD, evo.HoldReasons.TRANSFERRING)
    assert provider_writes(product, before) == 0


def test_a_member_added_while_held_talks_in_private_and_connecting_makes_the_conference(
    product: Product, talk: Talk, alice: Any
) -> None:
    alice.send(evo.HoldSession(session_id=talk.session_id))
    info = alice.send(evo.AddConferenceMember(session_id=talk.session_id, call_sid=talk.agent, destination="1002"))
    bob = product.simulator.ringing("client:bob")
    assert info.most_recent_participant_call_sid == bob
    assert roles(info) == [("Caller", "Hold"), ("Agent", "Connected"), ("Transfer", "Ringing")]
    product.simulator.answer(bob)
    hears(product, bob, talk.agent)
    waits(product, talk.customer)
    until(lambda: roles(alice.send(evo.GetSession(session_id=talk.session_id)))[-1] == ("Transfer", "Connected"))
    info = alice.send(evo.PatchSession(session_id=talk.session_id, call_state=evo.CallState.CONNECTED))
    assert info.call_state is evo.CallState.CONNECTED
    assert info.conference_sid is not None
    for one, others in ((talk.customer, (talk.agent, bob)), (bob, (talk.agent, talk.customer))):
        hears(product, one, *others)


def test_a_member_added_to_a_talk_joins_it_on_answering(product: Product, talk: Talk, alice: Any) -> None:
    info = alice.send(evo.AddConferenceMember(session_id=talk.session_id, destination="+15550100002"))
    assert roles(info)[-1] == ("Transfer", "Ringing")
    hears(product, talk.customer, talk.agent)
    third = product.simulator.ringing("+15550100002")
    product.simulator.answer(third)
    hears(product, talk.customer, talk.agent, third)
    alice.send(evo.EndSession(session_id=talk.session_id, call_sid=talk.agent))
    hears(product, talk.customer, third)


def test_a_redirected_caller_hears_the_melody_until_the_target_answers(
    product: Product, talk: Talk, alice: Any
) -> None:
    assert alice.send(evo.RedirectSession(session_id=talk.session_id, destination="1002")) is None
    waits(product, talk.customer)
    bob = product.simulator.ringing("client:bob")
    product.simulator.answer(bob)
    hears(product, talk.customer, bob)
    assert alice.send(evo.GetMySessions()).sessions == []
    assert [one.id for one in evo.client(product.url, "bob").send(evo.GetMySessions()).sessions] == [talk.session_id]


def test_a_parked_caller_waits_in_the_hold_queue_and_a_colleague_picks_up(
    product: Product, talk: Talk, alice: Any
) -> None:
    info = alice.send(evo.PatchSession(session_id=talk.session_id, queue_state="Hold"))
    assert (info.call_state, info.hold_queue_name) == (evo.CallState.HOLD, f"hold-{talk.session_id}")
    until(lambda: talk.customer in getattr(product.simulator.queue(f"hold-{talk.session_id}"), "members", ()), 8)
    waits(product, talk.customer)
    bob = evo.client(product.url, "bob")
    bob.send(evo.PatchSession(session_id=talk.session_id, call_state=evo.CallState.CONNECTED))
    leg = product.simulator.ringing("client:bob")
    product.simulator.answer(leg)
    hears(product, talk.customer, leg)
    until(lambda: bob.send(evo.GetSession(session_id=talk.session_id)).call_state is evo.CallState.CONNECTED)


def test_ending_a_session_ends_every_call_and_leaves_it_in_the_list(product: Product, talk: Talk, alice: Any) -> None:
    assert alice.send(evo.EndSession(session_id=talk.session_id)) is None
    for leg in (talk.customer, talk.agent):
        until(lambda leg=leg: product.simulator.call(leg).status == "completed")
    info = alice.send(evo.GetSession(session_id=talk.session_id))
    assert (info.ended, info.call_state, info.members) == (True, evo.CallState.DISCONNECTED, [])
    listed = alice.send(evo.ListSessions(specific_ids=[talk.session_id])).items
    assert [(one.id, one.ended) for one in listed] == [(talk.session_id, True)]
    assert [line.message for line in listed[0].log][-1] == "Ended"


def test_a_ringing_session_is_already_in_its_agents_lists(product: Product, alice: Any) -> None:
    caller = product.simulator.place_call("+15550100001", "+15550001001")
    product.simulator.ringing("client:alice")
    ringing = until(lambda: alice.send(evo.GetMySessions()).sessions)
    assert (ringing[0].call_sid, ringing[0].call_state) == (caller, evo.CallState.RINGING)
    assert ringing[0].members[-1].call_state == "Ringing"
    assert [one.id for one in alice.send(evo.GetActiveSessions()).sessions] == [ringing[0].id]
    assert evo.client(product.url, "bob").send(evo.GetMySessions()).sessions == []
    with pytest.raises(WebServiceException) as refused:
        alice.send(evo.HoldSession(session_id=ringing[0].id))
    assert (refused.value.status_code, refused.value.response_status.error_code) == (409, "Conflict")


def test_a_caller_whose_name_the_provider_knows_is_shown_by_it(product: Product, alice: Any) -> None:
    caller = product.simulator.place_call("+15550100001", "+15550001001", {"CallerName": "JANE DOE"})
    (ringing,) = until(lambda: alice.send(evo.GetMySessions()).sessions)
    assert (ringing.call_sid, ringing.from_name, ringing.display_name) == (caller, "JANE DOE", "JANE DOE")
    assert (ringing.from_address, ringing.members[0].identity) == ("+15550100001", "+15550100001")


def test_a_caller_in_a_ring_queue_is_in_no_conference_before_somebody_answers(product: Product, alice: Any) -> None:
    product.simulator.place_call("+15550100001", "+15550001000")
    agent = product.simulator.ringing("client:alice")
    (waiting,) = alice.send(evo.GetActiveSessions()).sessions
    assert (waiting.queue_state, waiting.conference_sid) == ("Ringing", None)
    product.simulator.answer(agent)
    until(lambda: alice.send(evo.GetActiveSessions()).sessions[0].conference_sid)


def test_a_batch_through_the_client_stops_at_the_first_failure(product: Product, talk: Talk, alice: Any) -> None:
    held = alice.send_all([evo.HoldSession(session_id=talk.session_id), evo.HoldSession(session_id=talk.session_id)])
    assert [one.call_state for one in held] == [evo.CallState.HOLD, evo.CallState.HOLD]
    with pytest.raises(WebServiceException) as refused:
        alice.send_all([evo.HoldSession(session_id=talk.session_id), evo.HoldSession(session_id="0" * 24)])
    assert (refused.value.status_code, refused.value.response_status.error_code) == (404, "NotFound")
