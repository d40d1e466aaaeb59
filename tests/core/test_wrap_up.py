"""Whose work with a customer has ended, and who is offered a caller that waits in a ring queue."""

from __future__ import annotations

from app.core import commands as c
from app.core import wrap_up
from app.core.facts import Tick
from tests.core.builders import ALICE, BOB, CAROL, Call, given_consult_talk, given_parked, given_queued, given_talk


def wraps_up_after(call: Call, who: str) -> set[str]:
    """Who begins to wrap up when somebody of this name hangs up, "the customer" among them."""
    before = call.session
    if who == "the customer":
        call.customer_hangs_up()
    else:
        call.hangs_up({"Alice": ALICE, "Bob": BOB}[who])
    return wrap_up.begins_for(before, call.session)


def test_the_agent_wraps_up_whoever_hung_up() -> None:
    assert wraps_up_after(given_talk(), "the customer") == {ALICE.user_id}
    assert wraps_up_after(given_talk(), "Alice") == {ALICE.user_id}


def test_a_colleague_who_was_asked_for_advice_has_nothing_to_wrap_up() -> None:
    assert wraps_up_after(given_consult_talk(), "Bob") == set()


def test_a_colleague_who_took_the_call_over_has() -> None:
    call = given_consult_talk().do(c.CompleteTransfer(by=ALICE.user_id))
    assert wraps_up_after(call, "the customer") == {BOB.user_id}


def test_nobody_wraps_up_when_a_parked_customer_gives_up() -> None:
    assert wraps_up_after(given_parked(), "the customer") == set()


def test_a_round_of_the_ring_queue_goes_on_with_those_it_began_with() -> None:
    call = given_queued()
    call.take(Tick((CAROL,)))
    assert call.hangs_up(ALICE, "busy").leg_of(BOB).live


def test_the_next_round_is_with_those_who_are_ready_then() -> None:
    call = given_queued().hangs_up(ALICE, "busy").hangs_up(BOB, "busy")
    call.now += 5
    call.take(Tick((CAROL,)))
    assert call.settle().leg_of(CAROL).live


def test_while_nobody_is_ready_the_caller_waits() -> None:
    call = given_queued().hangs_up(ALICE, "busy").hangs_up(BOB, "busy")
    for _ in range(4):
        call.now += 5
        call.take(Tick(()))
    assert call.settle().customer_hears() == {"queue"}
    call.now += 5
    call.take(Tick((ALICE,)))
    assert call.settle().leg_of(ALICE).live
