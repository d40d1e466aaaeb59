"""What each agent is told, in order, and what she may do then."""

import pytest

from app.core import commands as c
from app.core import facts as f
from app.core import intents as i
from app.core.session import Party, Purpose
from app.core.views import CallView, views_of
from tests.core.builders import (
    ALICE,
    BOB,
    CALLER,
    CAROL,
    LINE,
    Call,
    given_conference,
    given_consult_dialing,
    given_consult_talk,
    given_held,
    given_parked,
    given_ringing,
    given_swapped,
    given_talk,
)
from tests.core.told import DATA_OPERATIONS, ESTABLISHED, HELD, notices_of, since

A, B = ALICE.user_id or "", BOB.user_id or ""
STATUS, PARTICIPANTS, DATA = "StatusChange", "ParticipantsUpdated", "AttachedDataChanged"

# As published, order arbitrary.
HELD_FOR_A_TRANSFER = {*(ESTABLISHED - {"Hold", "SendDtmf"}), "SwapCalls", "CompleteTransfer"}
CONSULT_DIALING = {*DATA_OPERATIONS, "Hangup", "SendDtmf", "SwapCalls", "CompleteTransfer"}


def seen(call: Call, party: Party, index: int = 0) -> CallView:
    return views_of(call.session)[party.user_id or "", index]


def test_an_agent_is_told_of_ringing_then_of_the_talk() -> None:
    assert given_talk().told_to(ALICE) == [(STATUS, "Ringing", 0), (STATUS, "Established", 0)]


def test_a_ringing_call_offers_its_data_alone_since_nobody_can_answer_a_telephone_for_its_owner() -> None:
    assert set(seen(given_ringing(), ALICE).capabilities) == DATA_OPERATIONS


def test_a_talk_offers_the_eleven_operations() -> None:
    assert set(seen(given_talk(), ALICE).capabilities) == ESTABLISHED


def test_holding_and_retrieving_are_told_once_each() -> None:
    call = given_held()
    assert set(notices_of(call, ALICE)[-1].view.capabilities) == HELD
    call.do(c.Retrieve(by=A))
    assert since(call, ALICE, 2) == [(STATUS, "Held", 0), (STATUS, "Established", 0)]


def test_starting_a_conference_consult_tells_its_initiator_two_things_until_the_target_acts() -> None:
    call = given_consult_dialing()
    call.take(*call.provider.ring(call.leg_of(BOB).id))
    held, dialing = notices_of(call, ALICE)[2:]
    assert (held.view.state, held.view.index, set(held.view.capabilities)) == ("Held", 0, HELD)
    assert (dialing.view.state, dialing.view.index, set(dialing.view.capabilities)) == ("Dialing", 1, CONSULT_DIALING)
    assert (dialing.view.call_type, dialing.view.parent, dialing.view.dnis) == ("Consult", 0, "1002")


def test_starting_a_transfer_consult_offers_the_swap_and_the_completion_and_no_retrieval() -> None:
    call = given_talk().do(c.StartConsult(BOB, LINE, by=A, purpose=Purpose.TRANSFER))
    assert set(notices_of(call, ALICE)[2].view.capabilities) == HELD_FOR_A_TRANSFER


def test_while_a_consult_lives_the_original_offers_the_swap_and_completion_alone() -> None:
    call = given_consult_dialing()
    assert set(seen(call, ALICE).capabilities) == {*DATA_OPERATIONS, "Hangup", "SwapCalls", "CompleteTransfer"}
    call.answers(BOB)
    assert "CompleteConference" in seen(call, ALICE).capabilities
    assert "CompleteConference" in seen(call, ALICE, 1).capabilities


def test_the_consulted_agent_sees_a_consult_under_the_initiators_identity_of_it() -> None:
    call = given_consult_dialing()
    assert call.told_to(BOB) == [(STATUS, "Ringing", 1)]
    bobs, alices = seen(call, BOB, 1), seen(call, ALICE, 1)
    assert (bobs.call_uuid, bobs.conn_id, bobs.call_type) == (alices.call_uuid, alices.conn_id, "Consult")
    assert bobs.parties == (ALICE,)


def test_two_agents_on_one_call_see_it_under_one_identity() -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=A)).answers(BOB)
    assert seen(call, ALICE).call_uuid == seen(call, BOB).call_uuid
    assert seen(call, ALICE).conn_id == seen(call, BOB).conn_id


def test_completing_a_transfer_releases_the_original_and_then_the_consult() -> None:
    call = given_consult_talk()
    told = len(call.told_to(ALICE))
    call.do(c.CompleteTransfer(by=A))
    assert since(call, ALICE, told) == [(STATUS, "Released", 0), (STATUS, "Released", 1)]
    assert call.told_to(BOB)[-1] == (PARTICIPANTS, "Established", 1)
    assert seen(call, BOB, 1).parties == (CALLER,)


def test_completing_a_transfer_while_dialing_releases_both_at_once_and_the_target_meets_the_customer_on_answering() -> (
    None
):
    call = given_consult_dialing()
    told = len(call.told_to(ALICE))
    call.do(c.CompleteTransfer(by=A))
    assert since(call, ALICE, told) == [(STATUS, "Released", 0), (STATUS, "Released", 1)]
    call.answers(BOB)
    bobs = notices_of(call, BOB)
    assert [(n.kind, n.view.state) for n in bobs[-1:]] == [(STATUS, "Established")]
    assert (bobs[-1].view.parties, set(bobs[-1].view.capabilities)) == ((CALLER,), ESTABLISHED)


def test_completing_a_transfer_after_a_swap_tells_only_of_the_two_releases() -> None:
    call = given_swapped()
    told = len(call.told_to(ALICE))
    call.do(c.CompleteTransfer(by=A))
    assert since(call, ALICE, told) == [(STATUS, "Released", 0), (STATUS, "Released", 1)]


def test_completing_a_conference_releases_the_consult_and_then_establishes_the_original() -> None:
    call = given_consult_talk()
    told = len(call.told_to(ALICE))
    call.do(c.CompleteConference(by=A))
    assert since(call, ALICE, told) == [(STATUS, "Released", 1), (STATUS, "Established", 0)]
    assert seen(call, ALICE).parties == (CALLER, BOB)
    assert set(seen(call, ALICE).capabilities) == {*ESTABLISHED, "RemoveParticipantFromConference"}
    assert set(seen(call, BOB, 1).capabilities) == ESTABLISHED  # the owner alone removes


def test_giving_the_consult_up_releases_it_and_the_original_can_be_retrieved_again() -> None:
    call = given_consult_talk()
    told = len(call.told_to(ALICE))
    call.do(c.EndConsult(by=A))
    assert since(call, ALICE, told) == [(STATUS, "Released", 1)]
    assert call.told_to(BOB)[-1] == (STATUS, "Released", 1)
    assert set(seen(call, ALICE).capabilities) == HELD


def test_swapping_tells_of_both_calls() -> None:
    call = given_consult_talk()
    told = len(call.told_to(ALICE))
    call.do(c.Swap(by=A))
    assert sorted(since(call, ALICE, told)) == [(STATUS, "Established", 0), (STATUS, "Held", 1)]
    assert {"SwapCalls", "CompleteTransfer", "CompleteConference", *ESTABLISHED} == set(seen(call, ALICE).capabilities)


def test_the_other_agent_who_is_held_after_a_swap_is_told_nothing_and_stays_established() -> None:
    call = given_swapped()
    assert call.told_to(BOB) == [(STATUS, "Ringing", 1), (STATUS, "Established", 1)]


def test_joining_in_a_single_step_updates_the_participants_when_the_party_answers() -> None:
    call = given_talk().do(c.SingleStepConference(BOB, LINE, by=A))
    told = len(call.told_to(ALICE))
    call.answers(BOB)
    assert since(call, ALICE, told) == [(PARTICIPANTS, "Established", 0)]


def test_giving_a_call_away_in_a_single_step_tells_of_the_release_alone_and_the_target_gets_the_data() -> None:
    call = given_talk()
    told = len(call.told_to(ALICE))
    call.do(c.SingleStepTransfer(BOB, LINE, by=A, user_data={"reason": "escalation"}))
    assert since(call, ALICE, told) == [(STATUS, "Released", 0)]
    assert [(n.kind, n.view.user_data) for n in notices_of(call, BOB)] == [(STATUS, {"reason": "escalation"})]
    call.answers(BOB)
    assert call.session.user_data == {"reason": "escalation"}
    assert [n.kind for n in notices_of(call, BOB)] == [STATUS, STATUS]


def test_an_agent_who_gives_the_call_away_while_set_aside_is_told_of_the_release_alone() -> None:
    call = given_conference().do(c.Hold(by=A, aside=True))
    told = len(call.told_to(ALICE))
    call.do(c.SingleStepTransfer(CAROL, LINE, by=A))
    assert since(call, ALICE, told) == [(STATUS, "Released", 0)]


def test_one_of_our_own_who_called_sees_whom_she_talked_to_last_until_she_is_released() -> None:
    call = Call(caller=BOB).settle().answers(ALICE)
    call.do(c.StartConsult(CAROL, LINE, by=A, purpose=Purpose.TRANSFER)).answers(CAROL).do(c.CompleteTransfer(by=A))
    told = len(call.told_to(BOB))
    call.hangs_up(CAROL)
    assert since(call, BOB, told) == [(STATUS, "Released", 0)]
    assert notices_of(call, BOB)[-1].view.parties == (CAROL,)


def test_an_agent_leaving_a_conference_is_released_and_the_other_sees_her_go() -> None:
    call = given_conference().do(c.Leave(by=A))
    assert call.told_to(ALICE)[-1] == (STATUS, "Released", 0)
    assert call.told_to(BOB)[-1] == (PARTICIPANTS, "Established", 1)


def test_the_agent_who_sets_herself_aside_is_told_of_her_hold_and_the_other_of_nothing() -> None:
    call = given_conference()
    told = len(call.told_to(ALICE))
    call.do(c.Hold(by=B, aside=True))
    assert call.told_to(BOB)[-1] == (STATUS, "Held", 1)
    assert since(call, ALICE, told) == []


def test_parking_releases_the_agents_call_and_picking_up_gives_a_call_of_another_identity() -> None:
    call = given_parked()
    assert call.told_to(ALICE)[-1] == (STATUS, "Released", 0)
    call.do(c.PickUp(ALICE, LINE, by=A)).answers(ALICE)
    assert call.told_to(ALICE)[-1] == (STATUS, "Established", 1)


def test_every_agent_on_the_call_is_told_of_its_data_and_a_consult_has_its_own() -> None:
    call = given_conference().do(c.SetUserData({"k": 1}, by=A))
    assert call.told_to(ALICE)[-1] == (DATA, "Established", 0)
    assert call.told_to(BOB)[-1] == (DATA, "Established", 1)
    call = given_consult_talk().do(c.SetUserData({"k": 1}, by=A, view=0))
    assert seen(call, BOB, 1).user_data == {}
    call.do(c.SetUserData({"own": 2}, by=A, view=1))
    assert (seen(call, ALICE).user_data, seen(call, BOB, 1).user_data) == ({"k": 1}, {"own": 2})


@pytest.mark.parametrize("completed", [c.CompleteConference(by=A), c.CompleteTransfer(by=A)])
def test_when_a_consult_is_completed_its_data_become_the_calls_which_win_and_stay_deleted(completed: c.Command) -> None:
    call = given_talk().do(c.SetUserData({"k": "original"}, by=A))
    call.do(c.StartConsult(BOB, LINE, by=A, user_data={"k": "consult", "z": 1})).answers(BOB).do(completed)
    assert {tuple(view.user_data.items()) for view in views_of(call.session).values()} == {
        (("k", "original"), ("z", 1))
    }
    call.do(c.SetUserData(delete=("k",), by=B, view=1))
    assert [view.user_data for view in views_of(call.session).values()] == [{"z": 1}] * len(views_of(call.session))


def test_data_is_attached_changed_and_deleted_key_by_key_or_all_at_once() -> None:
    call = given_talk().do(c.SetUserData({"a": 1, "b": 2}, by=A)).do(c.SetUserData({"a": 3}, delete=("b",), by=A))
    assert call.session.user_data == {"a": 3}
    assert call.do(c.SetUserData(delete_all=True, by=A)).session.user_data == {}


def test_a_disposition_of_a_live_call_is_attached_and_of_a_released_one_only_reported() -> None:
    call = given_talk().do(c.SetDisposition("code", "sold", by=A))
    assert call.told_to(ALICE)[-1] == (DATA, "Established", 0)
    assert (call.session.user_data, call.session.outcome) == ({"code": "sold"}, "sold")
    call = given_conference().do(c.Leave(by=A))
    told = len(call.told)
    call.do(c.SetDisposition("code", "lost", by=A))
    assert (call.session.user_data, call.session.outcome, len(call.told)) == ({}, "lost", told)


def test_only_the_sender_is_told_of_digits_and_on_the_call_she_sent_them_on() -> None:
    call = given_consult_talk()
    told = len(call.told)
    asked = call.ask(c.SendDigits("5", by=A, view=1))
    assert asked == [i.Announce(call.leg_of(BOB).id, "5", by=A, view=1)]
    call.settle()
    assert [(n.user_id, n.kind, n.view.index) for n in call.told[told:]] == [(A, "DtmfSent", 1)]


def test_digits_of_the_consulted_agent_are_heard_by_who_consults_her_and_not_by_the_caller_on_hold() -> None:
    call = given_consult_talk()
    assert call.ask(c.SendDigits("5", by=B, view=1)) == [i.Announce(call.leg_of(ALICE).id, "5", by=B, view=1)]


def test_digits_for_a_consult_that_still_rings_are_played_once_it_answers() -> None:
    call = given_consult_dialing()
    assert call.ask(c.SendDigits("1", by=A, view=1)) == []
    assert call.ask(c.SendDigits("2", by=A, view=1)) == []
    call.take(*call.provider.answer(call.leg_of(BOB).id))
    assert i.Announce(call.leg_of(BOB).id, "12", by=A, view=1) in call.asked


def test_a_refusal_is_told_once_to_her_whose_command_it_was() -> None:
    call = given_consult_talk()
    release, end = call.ask(c.CompleteTransfer(by=A))
    told = len(call.told)
    call.refuse(release)
    call.pending.remove(end)
    call.take(f.IntentFailed(end, False, ""))
    assert [(n.user_id, n.kind, n.view.index, n.text) for n in call.told[told:]] == [
        (A, "Error", 0, "refused by the provider")
    ]


def test_a_message_for_the_third_party_is_played_to_it_once_when_it_answers() -> None:
    call = given_talk().do(c.StartConsult(CAROL, LINE, by=A, consult_message=c.Message("tts", "A call for you")))
    call.answers(CAROL)
    leg_id = call.leg_of(CAROL).id
    assert [x for x in call.asked if isinstance(x, i.Announce)] == [i.Announce(leg_id, what="greeting")]


def test_a_customer_is_given_to_a_third_party_only_when_that_has_heard_its_message() -> None:
    call = given_talk().do(
        c.StartConsult(CAROL, LINE, by=A, purpose=Purpose.TRANSFER, consult_message=c.Message("tts", "A call for you"))
    )
    call.do(c.CompleteTransfer(by=A))
    call.answers(CAROL)
    release = i.SetHold(call.session.customer.id, False)
    assert release not in call.asked

    third = call.leg_of(CAROL)
    call.take(f.AnnouncementEnded(third.call_sid or "", third.id))

    assert release in call.asked


@pytest.mark.parametrize("command", [c.CompleteTransfer(by=A), c.CompleteConference(by=A)])
def test_a_customer_waits_while_a_third_party_who_has_answered_still_hears_its_message(command: c.Command) -> None:
    call = given_talk().do(c.StartConsult(CAROL, LINE, by=A, consult_message=c.Message("tts", "A call for you")))
    call.answers(CAROL)
    call.do(command)
    assert call.customer_hears() == {"hold"}

    third = call.leg_of(CAROL)
    call.take(f.AnnouncementEnded(third.call_sid or "", third.id))

    assert i.SetHold(call.session.customer.id, False) in call.asked


def test_a_message_whose_end_is_never_told_does_not_keep_the_customer_waiting_for_ever() -> None:
    call = given_talk().do(
        c.StartConsult(CAROL, LINE, by=A, purpose=Purpose.TRANSFER, consult_message=c.Message("tts", "A call for you"))
    )
    call.do(c.CompleteTransfer(by=A))
    call.answers(CAROL)

    call.now += 100
    call.take(f.Tick())

    assert i.SetHold(call.session.customer.id, False) in call.asked
