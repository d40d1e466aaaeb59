"""What happens when nothing happens: reminder, limit, recall, ringing given up, rounds of the ring queue. All times in seconds."""

from app.core import commands as c
from app.core import intents as i
from app.core.deadlines import next_deadline
from app.core.facts import Tick
from app.core.phase import Phase
from app.core.session import Policy
from tests.core.builders import (
    ALICE,
    BOB,
    CAROL,
    LINE,
    OUTSIDE,
    SUPPORT,
    Call,
    given_consult_talk,
    given_held,
    given_parked,
    given_queued,
    given_ringing,
    given_talk,
)

A = ALICE.user_id


def asked_after(call: Call, seconds: float) -> list[i.Intent]:
    count = len(call.asked)
    call.after(seconds)
    return call.asked[count:]


def test_a_talk_needs_no_timer() -> None:
    assert next_deadline(given_talk().session) is None


def test_an_agent_is_reminded_of_a_caller_on_hold_once_by_a_spoken_word_a_notice_and_a_log_line() -> None:
    call = given_held()
    assert next_deadline(call.session) == call.now + 60
    assert asked_after(call, 59) == []
    assert asked_after(call, 1) == [i.Announce(call.leg_of(ALICE).id, what="hold-reminder")]
    assert call.told_to(ALICE)[-1] == ("HoldReminder", "Held", 0)
    assert call.log[-1] == "Reminder: the caller is still on hold"
    assert asked_after(call, 60) == []


def test_at_its_limit_a_hold_gives_the_caller_back_to_the_agent() -> None:
    call = given_held().after(599)
    assert call.phase is Phase.HOLD
    assert call.after(1).customer_hears() == {"Alice"}


def test_where_so_set_a_hold_ends_at_its_limit_with_a_message() -> None:
    assert given_held(Policy(hold_limit_action="end")).after(600).customer_hears() == {"farewell"}


def test_a_limit_that_the_provider_refused_to_carry_out_is_tried_again() -> None:
    call = given_held()
    call.now += 600
    (release,) = [x for x in call.take(Tick()) if isinstance(x, i.SetHold)]
    call.pending = [release]
    call.refuse(release)
    assert call.phase is Phase.HOLD
    assert call.after(10).customer_hears() == {"Alice"}


def test_a_caller_held_for_a_consult_is_neither_reminded_of_nor_let_into_the_private_talk() -> None:
    call = given_consult_talk()
    assert asked_after(call, 700) == []
    assert call.hears(ALICE) == {"Bob"}


def test_settings_say_how_long_a_hold_lasts() -> None:
    call = given_held(Policy(hold_reminder_seconds=2, hold_limit_seconds=4))
    assert len(asked_after(call, 2)) == 1
    assert call.after(2).customer_hears() == {"Alice"}


def test_a_caller_whose_agents_are_gone_is_recalled_after_five_seconds() -> None:
    call = given_held().hangs_up(ALICE)
    assert next_deadline(call.session) == call.now + 5
    assert asked_after(call, 4) == []
    assert [type(x) for x in asked_after(call, 1)] == [i.CreateLeg]
    assert call.leg_of(ALICE).live


def test_whoever_held_the_caller_is_recalled_rather_than_who_left_last() -> None:
    call = given_consult_talk().do(c.CompleteConference(by=A)).do(c.Hold(by=BOB.user_id)).hangs_up(BOB).hangs_up(ALICE)
    call.after(5)
    assert call.leg_of(BOB).live
    assert not call.leg_of(ALICE).live


def test_an_agent_is_recalled_rather_than_an_outside_phone_to_which_the_caller_was_transferred() -> None:
    call = given_talk().do(c.StartConsult(OUTSIDE, LINE, by=A)).answers(OUTSIDE).do(c.CompleteTransfer(by=A))
    call.do(c.Hold()).hangs_up(OUTSIDE)
    assert call.after(5).leg_of(ALICE).live


def test_after_three_vain_recalls_the_caller_is_told_and_let_go() -> None:
    call = given_held().hangs_up(ALICE)
    for _ in range(3):
        call.after(5)
        call.hangs_up(ALICE, "no-answer")
    assert call.customer_hears() == {"queue"}
    assert call.after(5).customer_hears() == {"farewell"}


def test_a_caller_parked_on_purpose_is_left_to_be_picked_up_and_an_agent_recalled_only_at_the_limit() -> None:
    call = given_parked()
    assert [x for x in asked_after(call, 599) if isinstance(x, i.CreateLeg)] == []
    assert [type(x) for x in asked_after(call, 1)] == [i.CreateLeg]
    assert call.answers(ALICE).customer_hears() == {"Alice"}


def test_nobody_is_recalled_while_somebody_is_being_rung_for_a_pick_up() -> None:
    call = given_held().hangs_up(ALICE).do(c.PickUp(CAROL, LINE, by=CAROL.user_id))
    assert asked_after(call, 20) == []


def test_ringing_whose_end_was_never_told_is_given_up_and_the_caller_hears_a_message() -> None:
    call = given_ringing()
    assert asked_after(call, 44) == []
    assert i.EndLeg(call.leg_of(ALICE).id) in asked_after(call, 1)
    assert call.customer_hears() == {"farewell"}


def test_an_unanswered_direct_call_is_told_so_and_missed() -> None:
    call = given_ringing().hangs_up(ALICE, "no-answer")
    assert call.customer_hears() == {"farewell"}
    assert call.customer_hangs_up().session.missed


def test_a_farewell_that_hangs_is_ended() -> None:
    call = given_ringing().hangs_up(ALICE, "busy").after(90)
    assert call.phase is Phase.ENDED
    assert call.customer_hears() == {"nothing: gone"}


def test_the_ring_queue_rings_one_agent_at_a_time_the_caller_waiting_meanwhile() -> None:
    call = given_queued()
    assert [leg.party for leg in call.session.legs if leg.live][1:] == [ALICE]
    call.hangs_up(ALICE, "no-answer")
    assert [leg.party for leg in call.session.legs if leg.live][1:] == [BOB]
    assert call.customer_hears() == {"queue"}
    assert call.answers(BOB).customer_hears() == {"Bob"}


def test_when_everybody_of_the_ring_queue_was_tried_the_round_begins_anew_after_a_pause() -> None:
    call = given_queued().hangs_up(ALICE, "busy").hangs_up(BOB, "busy")
    assert not call.session.open or call.customer_hears() == {"queue"}
    assert next_deadline(call.session) == call.now + 5
    assert call.after(5).leg_of(ALICE).live


def test_a_ring_queue_that_has_rung_people_all_day_lets_the_caller_go_with_a_message() -> None:
    call = Call(queue=SUPPORT, candidates=(ALICE,), policy=Policy(offer_pause_seconds=1, most_legs=20)).settle()
    for _ in range(30):
        if call.customer_hears() == {"farewell"}:
            break
        call.hangs_up(ALICE, "busy").after(1)
    assert call.customer_hears() == {"farewell"}
    assert len(call.session.legs) == 20


def test_a_ring_queue_without_agents_keeps_the_caller_waiting() -> None:
    call = Call(queue=SUPPORT, candidates=())
    for _ in range(5):
        call.after(5)
    assert call.customer_hears() == {"queue"}
