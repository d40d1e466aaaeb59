"""What a call offers is accepted, in every phase; what cannot be done is not offered."""

from collections.abc import Callable

import pytest

from app.core import commands as c
from app.core.decide import decide
from app.core.errors import WrongState
from app.core.phase import Phase
from app.core.session import Purpose
from app.core.views import views_of
from tests.core.builders import (
    ALICE,
    BOB,
    CAROL,
    GIVEN,
    LINE,
    Call,
    given_conference,
    given_held,
    given_swapped,
    given_talk,
)

A = ALICE.user_id or ""


def command_for(operation: str, call: Call, index: int) -> c.Command:
    """Return the command behind an operation of the published workspace API, given by Alice on her call with ``index``."""
    parent_of_consult = index != 0
    commands: dict[str, c.Command] = {
        "AttachUserData": c.SetUserData({"k": 1}, by=A, view=index),
        "UpdateUserData": c.SetUserData({"k": 2}, by=A, view=index),
        "DeleteUserData": c.SetUserData(delete_all=True, by=A, view=index),
        "DeleteUserDataPair": c.SetUserData(delete=("k",), by=A, view=index),
        "Hangup": c.EndConsult(by=A) if parent_of_consult else c.Leave(by=A),
        "SendDtmf": c.SendDigits("1", by=A, view=index),
        "Hold": c.Hold(by=A),
        "Retrieve": c.Retrieve(by=A),
        "InitiateTransfer": c.StartConsult(CAROL, LINE, by=A, purpose=Purpose.TRANSFER),
        "InitiateConference": c.StartConsult(CAROL, LINE, by=A),
        "SingleStepTransfer": c.SingleStepTransfer(CAROL, LINE, by=A),
        "SingleStepConference": c.SingleStepConference(CAROL, LINE, by=A),
        "SwapCalls": c.Swap(by=A),
        "CompleteTransfer": c.CompleteTransfer(by=A),
        "CompleteConference": c.CompleteConference(by=A),
        "RemoveParticipantFromConference": c.RemoveParty(call.session.legs[-1].id, by=A),
    }
    return commands[operation]


def given_somebody_rung_to_join() -> Call:
    """The caller talks with Alice; Bob is rung to join them."""
    return given_talk().do(c.SingleStepConference(BOB, LINE, by=A))


def given_held_and_somebody_rung_to_join() -> Call:
    """The same, with the caller on hold."""
    return given_held().do(c.SingleStepConference(BOB, LINE, by=A))


def given_aside() -> Call:
    """In a conference with the caller and Bob, Alice has set herself aside."""
    return given_conference().do(c.Hold(by=A, aside=True))


@pytest.mark.parametrize(
    "given", [given_somebody_rung_to_join, given_held_and_somebody_rung_to_join, given_aside], ids=lambda x: x.__name__
)
def test_a_third_party_is_offered_exactly_when_there_can_be_one(given: Callable[[], Call]) -> None:
    call = given()
    offered = views_of(call.session)[A, 0].capabilities
    assert "Hangup" in offered
    for operation in ("InitiateTransfer", "InitiateConference", "SingleStepTransfer", "SingleStepConference"):
        if operation in offered:
            decide(call.session, command_for(operation, call, 0), call.now)
        else:
            with pytest.raises(WrongState):
                decide(call.session, command_for(operation, call, 0), call.now)


@pytest.mark.parametrize("phase", Phase)
def test_every_operation_that_an_agents_calls_offer_is_accepted(phase: Phase) -> None:
    call = GIVEN[phase]()
    for (user_id, index), view in views_of(call.session).items():
        for operation in view.capabilities if user_id == A else ():
            decide(call.session, command_for(operation, call, index), call.now)


def test_after_a_swap_both_calls_offer_to_swap_back_and_to_complete() -> None:
    """The published set of the talking one offers a hold and further consults too; those are refused while a consult lives."""
    call = given_swapped()
    for (user_id, index), view in views_of(call.session).items():
        for operation in ("SwapCalls", "CompleteTransfer", "CompleteConference", "Hangup") if user_id == A else ():
            assert operation in view.capabilities
            decide(call.session, command_for(operation, call, index), call.now)


def test_whoever_is_consulted_may_neither_hold_nor_move_the_caller() -> None:
    call = GIVEN[Phase.CONSULT_TALK]()
    offered = set(views_of(call.session)[BOB.user_id or "", 1].capabilities)
    assert (
        offered & {"Hold", "Retrieve", "SwapCalls", "CompleteTransfer", "CompleteConference", "InitiateTransfer"}
        == set()
    )


def test_only_the_owner_of_a_conference_removes_and_only_while_there_are_three() -> None:
    call = given_conference()
    assert "RemoveParticipantFromConference" in views_of(call.session)[A, 0].capabilities
    assert "RemoveParticipantFromConference" not in views_of(call.session)[BOB.user_id or "", 1].capabilities
    call.do(c.RemoveParty(call.leg_of(BOB).id, by=A))
    assert "RemoveParticipantFromConference" not in views_of(call.session)[A, 0].capabilities


def test_a_released_call_offers_nothing() -> None:
    call = given_talk().customer_hangs_up()
    assert call.told[-1].view.state == "Released"
    assert call.told[-1].view.capabilities == ()
