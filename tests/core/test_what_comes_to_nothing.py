"""What agents are told, and what the log says, of a consult, a transfer or a single-step conference that comes to nothing."""

import pytest

from app.core import commands as c
from app.core.session import Purpose
from tests.core.builders import ALICE, BOB, LINE, given_consult_dialing, given_consult_talk, given_talk
from tests.core.told import ESTABLISHED, HELD, notices_of, since

A = ALICE.user_id or ""
STATUS = "StatusChange"


@pytest.mark.parametrize("how_it_ends", ["not answered", "left", "given up"])
def test_a_transfer_consult_that_comes_to_nothing_tells_its_agent_that_she_can_retrieve_again(how_it_ends: str) -> None:
    call = given_talk().do(c.StartConsult(BOB, LINE, by=A, purpose=Purpose.TRANSFER))
    if how_it_ends == "left":
        call.answers(BOB)
    told = len(notices_of(call, ALICE))
    if how_it_ends == "given up":
        call.do(c.EndConsult(by=A))
    else:
        call.hangs_up(BOB, "busy" if how_it_ends == "not answered" else "completed")
    released, original = notices_of(call, ALICE)[told:]
    assert (released.view.index, released.view.state) == (1, "Released")
    assert (original.kind, original.view.index, original.view.state) == (STATUS, 0, "Held")
    assert set(original.view.capabilities) == HELD


def test_a_transfer_consult_whose_leg_is_refused_tells_its_agent_that_she_can_retrieve_again() -> None:
    call = given_talk()
    hold, create = call.ask(c.StartConsult(BOB, LINE, by=A, purpose=Purpose.TRANSFER))
    call.pending.remove(hold)
    call.carry_out(hold)
    told = len(notices_of(call, ALICE))
    call.refuse(create)
    assert since(call, ALICE, told) == [(STATUS, "Held", 0), ("Error", "Held", 0)]
    assert set(notices_of(call, ALICE)[told].view.capabilities) == HELD


@pytest.mark.parametrize(("swaps", "state", "offered"), [(1, "Established", ESTABLISHED), (2, "Held", HELD)])
def test_when_the_third_party_leaves_after_swaps_the_agent_is_told_what_the_original_offers_now(
    swaps: int, state: str, offered: set[str]
) -> None:
    call = given_consult_talk()
    for _ in range(swaps):
        call.do(c.Swap(by=A))
    told = len(call.told_to(ALICE))
    call.hangs_up(BOB)
    assert since(call, ALICE, told) == [(STATUS, "Released", 1), (STATUS, state, 0)]
    assert set(notices_of(call, ALICE)[-1].view.capabilities) == offered


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
def test_a_party_who_does_not_join_in_a_single_step_is_reported_to_the_agent_who_asked(status: str) -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=A))
    told = len(call.told_to(ALICE))
    call.hangs_up(BOB, status)
    assert since(call, ALICE, told) == [("Error", "Established", 0)]
    assert notices_of(call, ALICE)[-1].text == f"Bob does not join the call: {status}"
    assert call.log[-1] == f"Conference with Bob failed ({status})"


def test_a_party_who_rings_until_our_own_clock_gives_her_up_is_reported_too() -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=A)).after(60)
    assert call.told_to(ALICE)[-1] == ("Error", "Established", 0)


def test_a_party_whom_somebody_here_stops_ringing_is_no_failure() -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=A))
    told = len(call.told_to(ALICE))
    call.do(c.RemoveParty(call.leg_of(BOB).id, by=A))
    assert since(call, ALICE, told) == []
    assert not any("failed" in line for line in call.log)


def test_a_party_whom_the_provider_does_not_ring_is_reported_once() -> None:
    call = given_talk()
    (create,) = call.ask(c.SingleStepConference(BOB, LINE, by=A))
    told = len(call.told_to(ALICE))
    call.refuse(create)
    assert since(call, ALICE, told) == [("Error", "Established", 0)]
    assert call.log[-1] == "Ringing Bob failed: refused by the provider"
    assert not any(line.startswith("Conference with Bob failed") for line in call.log)


def test_a_consult_that_is_not_answered_and_a_transfer_that_fails_have_their_line_in_the_log() -> None:
    assert given_consult_dialing().hangs_up(BOB, "busy").log[-1] == "Consult with Bob failed (busy)"
    for given_away in (c.CompleteTransfer(by=A), c.SingleStepTransfer(BOB, LINE, by=A)):
        call = given_consult_dialing() if isinstance(given_away, c.CompleteTransfer) else given_talk()
        assert "Transfer to Bob failed (no-answer)" in call.do(given_away).hangs_up(BOB, "no-answer").log
