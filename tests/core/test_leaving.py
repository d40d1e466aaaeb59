"""Every phase × every leg leaving: what becomes of the others. Nobody is ever left in silence."""

from collections.abc import Callable
from itertools import permutations

import pytest

from app.core import commands as c
from app.core.phase import Phase
from app.core.session import Message, Party
from tests.core.builders import (
    ALICE,
    BOB,
    CALLER,
    CAROL,
    GIVEN,
    LINE,
    Call,
    given_conference,
    given_consult_dialing,
    given_consult_talk,
    given_held,
    given_parked,
    given_queued,
    given_ringing,
    given_swapped,
    given_talk,
)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.ENDED])
def test_when_the_customer_leaves_the_session_ends_and_everybody_is_let_go(phase: Phase) -> None:
    call = GIVEN[phase]().customer_hangs_up()

    assert call.phase is Phase.ENDED
    assert [leg.id for leg in call.session.legs if leg.live] == []
    assert [truth.leg_id for truth in call.provider.calls.values() if truth.live] == []
    assert not call.session.open


@pytest.mark.parametrize(("given", "missed"), [(given_ringing, True), (given_queued, True), (given_talk, False)])
def test_a_call_that_nobody_answered_is_missed(given: Callable[[], Call], missed: bool) -> None:
    assert given().customer_hangs_up().session.missed is missed


def test_agent_leaving_a_two_party_talk_ends_the_session() -> None:
    call = given_talk().hangs_up(ALICE)
    assert call.phase is Phase.ENDED
    assert call.customer_hears() == {"nothing: gone"}


def test_last_agent_leaving_while_the_customer_is_held_parks_the_customer_at_once() -> None:
    call = given_held().hangs_up(ALICE)
    assert call.phase is Phase.PARKED
    assert call.customer_hears() == {"queue"}


def test_agent_reached_again_after_that_talks_with_the_customer_at_once() -> None:
    call = given_held().hangs_up(ALICE).after(5).answers(ALICE)
    assert call.customer_hears() == {"Alice"}
    assert call.phase is Phase.TALK
    assert call.session.hold is None


def test_agent_who_answers_the_recall_and_goes_before_the_customer_arrives_leaves_the_customer_parked() -> None:
    call = given_held().hangs_up(ALICE).after(5)
    call.take(*call.provider.answer(call.leg_of(ALICE).id))
    call.take(*call.provider.hang_up(call.leg_of(ALICE).id))
    call.settle()
    assert call.customer_hears() == {"queue"}
    assert call.phase is Phase.PARKED


def test_agent_leaving_while_her_consult_rings_the_customer_waits_for_the_third_party() -> None:
    call = given_consult_dialing().hangs_up(ALICE)
    assert call.customer_hears() == {"hold"}
    assert call.answers(BOB).customer_hears() == {"Bob"}
    assert call.phase is Phase.TALK


def test_agent_leaving_while_her_consult_rings_and_nobody_answers_the_customer_is_parked_and_the_agent_recalled() -> (
    None
):
    call = given_consult_dialing().hangs_up(ALICE).hangs_up(BOB, "no-answer")
    assert call.customer_hears() == {"queue"}
    assert call.after(5).answers(ALICE).customer_hears() == {"Alice"}


def test_agent_leaving_a_consult_talk_gives_the_customer_to_the_third_party() -> None:
    call = given_consult_talk().hangs_up(ALICE)
    assert call.customer_hears() == {"Bob"}
    assert call.hears(BOB) == {CALLER.name}
    assert call.phase is Phase.TALK


def test_agent_leaving_after_a_swap_gives_the_customer_to_the_third_party() -> None:
    call = given_swapped().hangs_up(ALICE)
    assert call.customer_hears() == {"Bob"}


def test_agent_leaving_after_a_swap_while_the_consult_still_rings_the_customer_hears_the_hold_message_until_it_answers() -> (
    None
):
    call = given_consult_dialing().do(c.Swap(by=ALICE.user_id)).hangs_up(ALICE)
    assert call.customer_hears() == {"hold"}
    assert call.answers(BOB).customer_hears() == {"Bob"}


def test_third_party_leaving_a_consult_talk_the_original_stays_held_and_can_be_retrieved() -> None:
    call = given_consult_talk().hangs_up(BOB)
    assert call.phase is Phase.HOLD
    assert call.customer_hears() == {"hold"}
    assert call.do(c.Retrieve(by=ALICE.user_id)).customer_hears() == {"Alice"}


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_third_party_that_never_answers_the_original_stays_held_and_can_be_retrieved(status: str) -> None:
    call = given_consult_dialing().hangs_up(BOB, status)
    assert call.phase is Phase.HOLD
    assert call.do(c.Retrieve(by=ALICE.user_id)).customer_hears() == {"Alice"}


def test_third_party_leaving_while_held_after_a_swap_the_talk_goes_on() -> None:
    call = given_swapped().hangs_up(BOB)
    assert call.phase is Phase.TALK
    assert call.customer_hears() == {"Alice"}


def test_target_of_a_completed_transfer_that_never_answers_the_customer_is_parked_and_the_agent_recalled() -> None:
    call = given_consult_dialing().do(c.CompleteTransfer(by=ALICE.user_id))
    assert call.customer_hears() == {"hold"}
    call.hangs_up(BOB, "no-answer")
    assert call.customer_hears() == {"queue"}
    assert call.after(5).leg_of(ALICE).answered is False
    assert call.answers(ALICE).customer_hears() == {"Alice"}


def test_target_of_a_transfer_for_better_or_worse_that_never_answers_the_customer_hears_the_farewell() -> None:
    call = given_consult_dialing().do(c.CompleteTransfer(by=ALICE.user_id, end_on_failure=True))
    assert call.hangs_up(BOB, "busy").customer_hears() == {"farewell"}


def test_target_of_a_completed_transfer_talks_with_the_customer_as_soon_as_it_answers() -> None:
    call = given_consult_dialing().do(c.CompleteTransfer(by=ALICE.user_id)).answers(BOB)
    assert call.customer_hears() == {"Bob"}
    assert call.phase is Phase.TALK


@pytest.mark.parametrize("leaver", [ALICE, BOB])
def test_one_of_three_leaving_a_conference_the_others_go_on(leaver: Party) -> None:
    call = given_conference().hangs_up(leaver)
    rest = BOB if leaver is ALICE else ALICE
    assert call.customer_hears() == {rest.name}
    assert call.phase is Phase.TALK


def test_both_agents_leaving_a_conference_one_after_the_other_ends_the_session() -> None:
    assert given_conference().hangs_up(ALICE).hangs_up(BOB).phase is Phase.ENDED


def test_one_of_two_agents_leaving_while_the_customer_is_held_the_customer_stays_held_with_the_other() -> None:
    call = given_conference().do(c.Hold(by=ALICE.user_id)).hangs_up(ALICE)
    assert call.customer_hears() == {"hold"}
    assert call.phase is Phase.HOLD
    assert call.do(c.Retrieve(by=BOB.user_id)).customer_hears() == {"Bob"}
    call = given_conference().do(c.Hold(by=ALICE.user_id)).hangs_up(BOB).hangs_up(ALICE)
    assert call.customer_hears() == {"queue"}


def test_last_talking_agent_leaving_a_conference_the_one_set_aside_is_brought_back() -> None:
    call = given_conference().do(c.Hold(by=ALICE.user_id, aside=True))
    assert call.customer_hears() == {"Bob"}
    assert call.hangs_up(BOB).customer_hears() == {"Alice"}
    assert not call.leg_of(ALICE).aside


def test_agent_set_aside_leaving_the_others_go_on() -> None:
    call = given_conference().do(c.Hold(by=ALICE.user_id, aside=True)).hangs_up(ALICE)
    assert call.customer_hears() == {"Bob"}


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
def test_party_of_a_single_step_conference_that_never_comes_changes_nothing_for_the_talk(status: str) -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=ALICE.user_id)).hangs_up(BOB, status)
    assert call.phase is Phase.TALK
    assert call.customer_hears() == {"Alice"}


def test_party_of_a_single_step_conference_joins_the_talk_on_answering() -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=ALICE.user_id))
    assert call.customer_hears() == {"Alice"}
    assert call.answers(BOB).customer_hears() == {"Alice", "Bob"}
    assert call.phase is Phase.CONFERENCE


def test_agent_who_asked_for_a_single_step_conference_leaving_before_it_answers_ends_the_talk() -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=ALICE.user_id)).hangs_up(ALICE)
    assert call.phase is Phase.ENDED
    assert not call.leg_of(BOB).live


def test_agent_who_held_the_customer_meanwhile_leaving_gives_the_customer_to_the_party_that_comes() -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=ALICE.user_id)).do(c.Hold(by=ALICE.user_id))
    assert call.hangs_up(ALICE).answers(BOB).customer_hears() == {"Bob"}


def test_single_step_transfer_lets_the_agent_go_and_the_customer_hears_the_hold_message_until_the_target_answers() -> (
    None
):
    call = given_talk().do(c.SingleStepTransfer(BOB, LINE, by=ALICE.user_id))
    assert not call.leg_of(ALICE).live
    assert call.customer_hears() == {"hold"}
    assert call.answers(BOB).customer_hears() == {"Bob"}


def given_consult_out_of_a_conference() -> Call:
    return given_conference().do(c.StartConsult(CAROL, LINE, by=ALICE.user_id)).answers(CAROL)


def test_a_consult_out_of_a_conference_is_heard_by_neither_the_customer_nor_the_other_agent() -> None:
    call = given_consult_out_of_a_conference()
    assert call.customer_hears() == {"hold"}
    assert call.hears(BOB) == set()
    assert call.hears(ALICE) == {"Carol"}
    assert call.do(c.Swap(by=ALICE.user_id)).customer_hears() == {"Alice"}
    assert call.told_to(BOB)[-1] == ("StatusChange", "Held", 1)


@pytest.mark.parametrize(
    ("command", "heard"),
    [
        (c.CompleteConference(by=ALICE.user_id), {"Alice", "Bob", "Carol"}),
        (c.CompleteTransfer(by=ALICE.user_id), {"Bob", "Carol"}),
        (c.EndConsult(by=ALICE.user_id, retrieve=True), {"Alice", "Bob"}),
    ],
)
def test_when_a_consult_out_of_a_conference_is_over_the_other_agent_talks_again(
    command: c.Command, heard: set[str]
) -> None:
    assert given_consult_out_of_a_conference().do(command).customer_hears() == heard


@pytest.mark.parametrize(
    ("leaver", "heard"),
    [(ALICE, {"Bob", "Carol"}), (BOB, {"hold"}), (CAROL, {"hold"})],
    ids=lambda x: getattr(x, "name", None),
)
def test_somebody_leaving_a_consult_out_of_a_conference_leaves_nobody_in_silence(
    leaver: Party, heard: set[str]
) -> None:
    call = given_consult_out_of_a_conference().hangs_up(leaver)
    assert call.customer_hears() == heard
    if leaver is CAROL:
        assert call.hears(ALICE) == {"Bob"}
        assert call.do(c.Retrieve(by=BOB.user_id)).customer_hears() == {"Alice", "Bob"}


def test_agent_giving_her_part_of_a_conference_away_in_a_single_step_leaves_the_others_talking_and_the_target_joins_them() -> (
    None
):
    call = given_conference().do(c.SingleStepTransfer(CAROL, LINE, by=ALICE.user_id))
    assert call.customer_hears() == {"Bob"}
    assert call.answers(CAROL).customer_hears() == {"Bob", "Carol"}


def test_party_of_a_single_step_conference_joins_the_agent_while_the_customer_stays_on_hold() -> None:
    call = given_held().do(c.SingleStepConference(BOB, LINE, by=ALICE.user_id)).answers(BOB)
    assert call.customer_hears() == {"hold"}
    assert call.hears(ALICE) == {"Bob"}
    assert call.do(c.Retrieve(by=ALICE.user_id)).customer_hears() == {"Alice", "Bob"}


def test_target_of_a_single_step_transfer_that_never_answers_the_customer_is_parked() -> None:
    call = given_talk().do(c.SingleStepTransfer(BOB, LINE, by=ALICE.user_id)).hangs_up(BOB, "no-answer")
    assert call.customer_hears() == {"queue"}


def test_agent_who_is_rung_for_a_parked_customer_and_does_not_answer_leaves_the_customer_parked() -> None:
    call = given_parked().do(c.PickUp(BOB, LINE, by=BOB.user_id)).hangs_up(BOB, "no-answer")
    assert call.phase is Phase.PARKED
    assert call.customer_hears() == {"queue"}
    assert call.do(c.PickUp(CAROL, LINE, by=CAROL.user_id)).answers(CAROL).customer_hears() == {"Carol"}


def test_consult_can_be_given_up_and_the_customer_retrieved_in_one_go() -> None:
    call = given_consult_talk().do(c.EndConsult(by=ALICE.user_id, retrieve=True))
    assert call.customer_hears() == {"Alice"}
    assert not call.leg_of(BOB).live


def test_parking_during_a_consult_lets_both_others_go_and_brings_the_customer_to_nobody() -> None:
    call = given_consult_talk().do(c.Park(by=ALICE.user_id))
    assert call.customer_hears() == {"queue"}
    assert [leg.id for leg in call.session.legs if leg.live] == [call.customer.id]


@pytest.mark.parametrize("order", list(permutations(["customer", "agent", "third"])))
@pytest.mark.parametrize("given", [given_consult_dialing, given_consult_talk, given_swapped, given_conference])
@pytest.mark.parametrize("at_once", [True, False], ids=["all at once", "one after the other"])
def test_all_three_hanging_up_in_any_order_leaves_nothing_behind(
    given: Callable[[], Call], order: tuple[str, ...], at_once: bool
) -> None:
    call = given()
    who = {"customer": call.customer.id, "agent": call.leg_of(ALICE).id, "third": call.leg_of(BOB).id}
    for name in order:
        if call.provider.calls[who[name]].live:
            call.take(*call.provider.hang_up(who[name]))
        if not at_once:
            call.settle()
    call.settle()
    assert call.phase is Phase.ENDED
    assert [truth.leg_id for truth in call.provider.calls.values() if truth.live] == []


def test_the_first_who_answers_has_answered_the_call_whoever_talks_later() -> None:
    call = given_talk()
    first_at = call.session.answered_at
    call.now += 100
    call.do(c.StartConsult(BOB, LINE, by=ALICE.user_id)).answers(BOB).do(c.CompleteTransfer(by=ALICE.user_id))
    assert (call.session.answered_by, call.session.answered_at) == (ALICE.user_id, first_at)


def test_a_call_that_came_over_a_ring_queue_still_shows_so_after_its_end() -> None:
    route = given_queued().customer_hangs_up().session.route
    assert route is not None
    assert route.queue == "support"


def test_each_ring_answer_hold_consult_leave_and_end_has_its_line_in_the_log_in_order() -> None:
    call = given_talk().do(c.Hold(by=ALICE.user_id)).do(c.Retrieve(by=ALICE.user_id))
    call.do(c.StartConsult(BOB, LINE, by=ALICE.user_id)).answers(BOB).do(c.CompleteTransfer(by=ALICE.user_id))
    call.customer_hangs_up()
    assert call.log == [
        "Call from +15550100001",
        "Ringing Alice",
        "Answered by Alice",
        "Held by Alice",
        "Retrieved by Alice",
        "Consult with Bob started by Alice",
        "Held by Alice",
        "Answered by Bob",
        "Retrieved",
        "Alice left",
        "Transferred to Bob",
        "Ended",
    ]


@pytest.mark.parametrize("answered", [False, True], ids=["rung", "hearing its message"])
def test_a_caller_who_is_parked_during_a_transfer_waits_though_the_target_does_not_come(answered: bool) -> None:
    call = given_held().do(
        c.StartConsult(BOB, LINE, by=ALICE.user_id, consult_message=Message("tts", "A call for you"), held_only=True)
    )
    call.do(c.CompleteTransfer(by=ALICE.user_id, end_on_failure=True))
    if answered:
        call.answers(BOB)
    call.do(c.Park(by=ALICE.user_id))
    assert call.customer_hears() == {"queue"}
    assert call.phase is Phase.PARKED
    assert not call.leg_of(BOB).live
