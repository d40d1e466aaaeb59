"""What the provider refuses: said, un-noted, and asked for again only after a while; never in a circle."""

from collections.abc import Callable

import pytest

from app.core import commands as c
from app.core import facts as f
from app.core import intents as i
from app.core.deadlines import next_deadline
from app.core.errors import WrongState
from app.core.phase import Phase
from app.core.session import Move
from tests.core.builders import (
    ALICE,
    BOB,
    LINE,
    SUPPORT,
    Call,
    given_consult_talk,
    given_held,
    given_parked,
    given_ringing,
    given_swapped,
    given_talk,
)

A = ALICE.user_id or ""


def refuse_all(call: Call, asked: list[i.Intent]) -> Call:
    """The first intent of an operation is refused and the rest dropped, as whoever carries operations out does it."""
    first, *rest = asked
    call.refuse(first)
    for intent in rest:
        call.pending.remove(intent)
        call.take(f.IntentFailed(intent, gone=False, text=""))
    return call


@pytest.mark.parametrize(
    ("given", "command", "phase", "heard"),
    [
        (given_talk, c.Hold(by=A), Phase.TALK, {"Alice"}),
        (given_held, c.Retrieve(by=A), Phase.HOLD, {"hold"}),
        (given_talk, c.StartConsult(BOB, LINE, by=A), Phase.TALK, {"Alice"}),
        (given_held, c.StartConsult(BOB, LINE, by=A), Phase.HOLD, {"hold"}),
        (given_consult_talk, c.CompleteConference(by=A), Phase.CONSULT_TALK, {"hold"}),
        (given_consult_talk, c.CompleteTransfer(by=A), Phase.CONSULT_TALK, {"hold"}),
        (given_consult_talk, c.Swap(by=A), Phase.CONSULT_TALK, {"hold"}),
        (given_swapped, c.Swap(by=A), Phase.CONSULT_TALK, {"Alice"}),
        (given_talk, c.SingleStepTransfer(BOB, LINE, by=A), Phase.TALK, {"Alice"}),
        (given_talk, c.SingleStepConference(BOB, LINE, by=A), Phase.TALK, {"Alice"}),
        (given_talk, c.Park(by=A), Phase.TALK, {"Alice"}),
        (given_held, c.Park(by=A), Phase.HOLD, {"hold"}),
        (given_parked, c.PickUp(BOB, LINE, by=BOB.user_id), Phase.PARKED, {"queue"}),
        (given_talk, c.EndSession(by=A), Phase.TALK, {"Alice"}),
    ],
)
def test_a_refused_command_leaves_the_call_as_it_was_is_told_and_can_be_given_again(
    given: Callable[[], Call], command: c.Command, phase: Phase, heard: set[str]
) -> None:
    call = given()
    asked = call.ask(command)
    refuse_all(call, asked).settle()
    assert (call.phase, call.customer_hears()) == (phase, heard)
    assert any("failed: refused by the provider" in line for line in call.log)
    assert call.session.hold_order is None
    assert call.session.retrieve_by is None
    assert [spelled(x) for x in call.ask(command)] == [spelled(x) for x in asked]


def spelled(intent: i.Intent) -> tuple[str, object]:
    """Return an intent without the leg's id: a second attempt makes a new leg."""
    return type(intent).__name__, getattr(intent, "held", getattr(intent, "to", None))


def test_a_refused_consult_leg_does_not_bring_the_caller_into_a_private_talk() -> None:
    call = given_talk()
    hold, create = call.ask(c.StartConsult(BOB, LINE, by=A))
    call.refuse(hold)
    assert not i.still_wanted(call.session, create)


def test_an_agent_who_cannot_be_rung_is_passed_over_in_the_ring_queue() -> None:
    call = Call(queue=SUPPORT, candidates=(ALICE, BOB))
    call.refuse(call.pending[0]).settle()
    assert call.leg_of(BOB).live
    assert not call.leg_of(ALICE).live


def test_a_caller_whose_only_agent_cannot_be_rung_hears_the_farewell() -> None:
    call = Call()
    call.refuse(call.pending[0]).settle()
    assert call.customer_hears() == {"farewell"}


def test_a_caller_who_cannot_even_be_told_farewell_is_let_go() -> None:
    call = given_ringing()
    call.take(*call.provider.hang_up(call.leg_of(ALICE).id, "busy"))
    call.refuse(i.MoveLeg(call.customer.id, Move.FAREWELL)).settle()
    assert call.customer_hears() == {"nothing: gone"}


def test_a_leg_that_is_gone_already_counts_as_ended() -> None:
    call = given_consult_talk()
    (end,) = call.ask(c.EndConsult(by=A))
    call.refuse(end, gone=True)
    assert call.phase is Phase.HOLD
    assert not call.leg_of(BOB).live


def test_a_leg_that_the_provider_does_not_hang_up_after_the_end_is_hung_up_later_and_not_in_a_circle() -> None:
    call = given_talk()
    call.take(*call.provider.hang_up(call.customer.id))
    call.refuse(i.EndLeg(call.leg_of(ALICE).id))
    assert call.pending == []
    assert next_deadline(call.session) == call.now + 10
    call.after(10)
    assert not call.session.open


def test_a_customer_who_cannot_be_parked_is_parked_later_and_not_in_a_circle() -> None:
    call = given_held()
    call.take(*call.provider.hang_up(call.leg_of(ALICE).id))
    call.refuse(i.MoveLeg(call.customer.id, Move.PARK))
    assert call.pending == []
    assert call.customer_hears() == {"hold"}
    assert call.after(10).customer_hears() == {"queue"}


def test_a_customer_who_cannot_be_fetched_from_the_queue_is_fetched_later_and_not_in_a_circle() -> None:
    call = Call(queue=SUPPORT).settle()
    call.take(*call.provider.answer(call.leg_of(ALICE).id))
    call.refuse(i.MoveLeg(call.customer.id, Move.CONFERENCE))
    assert call.pending == []
    assert call.after(10).customer_hears() == {"Alice"}


def test_a_third_party_who_cannot_be_given_the_customer_when_the_agent_is_gone_gets_the_customer_later() -> None:
    call = given_consult_talk()
    call.take(*call.provider.hang_up(call.leg_of(ALICE).id))
    call.refuse(i.SetHold(call.customer.id, False))
    assert call.pending == []
    assert call.after(10).customer_hears() == {"Bob"}


def test_an_agent_who_cannot_be_hung_up_after_a_transfer_is_hung_up_later() -> None:
    call = given_consult_talk()
    release, end = call.ask(c.CompleteTransfer(by=A))
    call.pending.remove(release)
    call.carry_out(release)
    call.refuse(end)
    assert call.after(10).customer_hears() == {"Bob"}
    assert not call.leg_of(ALICE).live


def test_nobody_is_dialled_for_a_conversation_that_is_over() -> None:
    call = given_talk()
    _, create = call.ask(c.StartConsult(BOB, LINE, by=A))
    call.take(*call.provider.hang_up(call.customer.id))
    assert not i.still_wanted(call.session, create)
    call.settle()
    assert call.provider.created == [call.leg_of(ALICE).id]
    assert not call.session.open


def test_of_two_who_pick_up_one_parked_call_the_second_is_refused() -> None:
    call = given_parked()
    call.ask(c.PickUp(BOB, LINE, by=BOB.user_id))
    with pytest.raises(WrongState):
        call.ask(c.PickUp(ALICE, LINE, by=A))
