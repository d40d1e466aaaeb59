"""Webhooks come in any order, some twice, some late, and a REST reply before or after them: the session ends up the same."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import commands as c
from app.core import facts as f
from app.core.apply import apply
from app.core.decide import decide
from app.core.phase import Phase, phase_of
from app.core.session import Place, Policy, Session
from tests.core.builders import ALICE, BOB, CUSTOMER_SID, LINE, Call, given_held, given_parked, given_talk

A = ALICE.user_id or ""
ALICE_SID = f"CA{1:032x}"
BOB_SID = f"CA{2:032x}"
CF = f"CF{1:032x}"
S = "5" * 24


def joined(n: int, seq: int) -> f.LegJoined:
    return f.LegJoined(f"CA{n:032x}", f"{S}-{n}" if n else None, CF, seq)


def held(n: int, is_held: bool, seq: int | None) -> f.HoldChanged:
    if seq is None:
        return f.HoldChanged(f"CA{n:032x}", is_held)
    return f.HoldChanged(f"CA{n:032x}", is_held, f"{S}-{n}" if n else None, CF, seq)


def left(n: int, seq: int, reason: str = "participant_hung_up") -> f.LegLeft:
    return f.LegLeft(f"CA{n:032x}", f"{S}-{n}" if n else None, CF, reason, seq)


def progress(n: int, status: str) -> f.CallProgressed:
    return f.CallProgressed(f"CA{n:032x}", status, f"{S}-{n}")


ALICE_COMES: list[f.Fact] = [
    f.LegCreated(f"{S}-1", ALICE_SID, CF),
    progress(1, "initiated"),
    progress(1, "ringing"),
    progress(1, "in-progress"),
    joined(0, 1),
    joined(1, 2),
]
BOB_COMES: list[f.Fact] = [
    f.LegCreated(f"{S}-2", BOB_SID, CF),
    progress(2, "initiated"),
    progress(2, "ringing"),
    progress(2, "in-progress"),
    joined(2, 4),
]

# A story = steps of (a command or None, the facts that follow it in some order). What is said of its end is written down by hand.
Step = tuple[c.Command | None, list[f.Fact]]
STORIES: dict[str, tuple[list[Step], dict[str, Any]]] = {
    "answered": ([(None, ALICE_COMES)], {"phase": Phase.TALK, "held": []}),
    "held": (
        [(None, ALICE_COMES), (c.Hold(by=A), [held(0, True, None), held(0, True, 3)])],
        {"phase": Phase.HOLD, "held": [0]},
    ),
    "held and retrieved": (
        [
            (None, ALICE_COMES),
            (c.Hold(by=A), [held(0, True, None), held(0, True, 3)]),
            (c.Retrieve(by=A), [held(0, False, None), held(0, False, 4)]),
        ],
        {"phase": Phase.TALK, "held": []},
    ),
    "consult": (
        [
            (None, ALICE_COMES),
            (c.StartConsult(BOB, LINE, by=A), [held(0, True, None), held(0, True, 3), *BOB_COMES]),
        ],
        {"phase": Phase.CONSULT_TALK, "held": [0]},
    ),
    "conference": (
        [
            (None, ALICE_COMES),
            (c.StartConsult(BOB, LINE, by=A), [held(0, True, None), held(0, True, 3), *BOB_COMES]),
            (c.CompleteConference(by=A), [held(0, False, None), held(0, False, 5)]),
        ],
        {"phase": Phase.CONFERENCE, "held": []},
    ),
    "transfer": (
        [
            (None, ALICE_COMES),
            (c.StartConsult(BOB, LINE, by=A), [held(0, True, None), held(0, True, 3), *BOB_COMES]),
            (
                c.CompleteTransfer(by=A),
                [held(0, False, None), held(0, False, 5), left(1, 6), progress(1, "completed")],
            ),
        ],
        {"phase": Phase.TALK, "held": []},
    ),
    "consult not answered": (
        [
            (None, ALICE_COMES),
            (c.StartConsult(BOB, LINE, by=A), [held(0, True, None), held(0, True, 3), *BOB_COMES[:3]]),
            (None, [progress(2, "no-answer")]),
        ],
        {"phase": Phase.HOLD, "held": [0]},
    ),
    "customer hangs up on hold": (
        [
            (None, ALICE_COMES),
            (c.Hold(by=A), [held(0, True, None), held(0, True, 3)]),
            (None, [left(0, 4), f.CallProgressed(CUSTOMER_SID, "completed"), left(1, 5), progress(1, "completed")]),
        ],
        {"phase": Phase.ENDED, "held": []},
    ),
}


def told_in_order(steps: list[Step], order: Callable[[list[f.Fact]], list[f.Fact]]) -> Session:
    """Return the session after a story in which each step's facts come in the order given, and nothing else happens."""
    call = Call()
    session, policy = call.session, Policy()
    for command, facts in steps:
        if command is not None:
            session = decide(session, command, call.now, policy).session
        for fact in order(facts):
            session = apply(session, fact, call.now, policy).session
    return session


def essence(session: Session) -> Session:
    """Return what is true of a session, without how it came to be known: the log, what is kept for events still to come, what was ordered
    on the way (whose leaving is told first decides what is ordered for the other), and what was told on the way."""
    apart = {"echoes": (), "hold_events": (), "place_seq": 0, "hold_seq": 0, "conference_sid": None}
    apart |= {"ending": False, "end_asked": False}
    legs = tuple(replace(leg, **apart) for leg in session.legs)
    consult = session.consult and replace(session.consult, told=None)
    return replace(session, legs=legs, consult=consult, log=(), changed_at=0.0)


def test_a_hold_event_that_comes_twice_is_not_taken_for_the_event_of_another_hold() -> None:
    call = Call()
    call.take(*ALICE_COMES)
    for _ in range(2):
        call.session = decide(call.session, c.Hold(by=A), call.now, call.policy).session
        call.take(held(0, True, None))
        call.session = decide(call.session, c.Retrieve(by=A), call.now, call.policy).session
        call.take(held(0, False, None))
    told = list(call.log)

    late = [held(0, is_held, seq) for seq, is_held in ((3, True), (5, True), (4, False), (6, False))]
    call.take(*(fact for fact in late for _ in range(2)))

    assert call.log == told
    assert not call.customer.held


@pytest.mark.parametrize("story", STORIES)
def test_a_story_told_in_order_ends_as_it_should(story: str) -> None:
    steps, end = STORIES[story]
    session = told_in_order(steps, lambda facts: facts)
    assert phase_of(session) is end["phase"]
    assert [leg.n for leg in session.legs if leg.held] == end["held"]


@pytest.mark.parametrize("story", STORIES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_story_ends_the_same_in_whatever_order_its_facts_come_and_however_often(
    story: str, data: st.DataObject
) -> None:
    steps, _ = STORIES[story]

    def anyhow(facts: list[f.Fact]) -> list[f.Fact]:
        shuffled = data.draw(st.permutations(facts))
        again = data.draw(st.lists(st.sampled_from(facts), max_size=3))
        return [*shuffled, *again]

    assert essence(told_in_order(steps, anyhow)) == essence(told_in_order(steps, lambda facts: facts))


@pytest.mark.parametrize("story", STORIES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_webhooks_that_come_only_with_the_next_step_change_nothing_in_the_end(story: str, data: st.DataObject) -> None:
    steps, _ = STORIES[story]
    late: list[Step] = [(command, list(facts)) for command, facts in steps]
    for (_, facts), (_, after) in pairwise(late):
        laggards = [fact for fact in facts if getattr(fact, "seq", None) is not None and data.draw(st.booleans())]
        for fact in laggards:
            facts.remove(fact)
        after[:0] = laggards
    in_order = told_in_order(steps, lambda facts: facts)
    assert essence(told_in_order(late, lambda facts: data.draw(st.permutations(facts)))) == essence(in_order)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_told_by_replies_and_call_progress_alone_ends_with_the_same_people_on_hold(story: str) -> None:
    """Lost conference events: what the replies and the calls' own progress say is enough to know who waits and who is gone."""
    steps, end = STORIES[story]
    session = told_in_order(steps, lambda facts: [fact for fact in facts if getattr(fact, "seq", None) is None])
    assert phase_of(session) is end["phase"]
    assert [leg.n for leg in session.legs if leg.held] == end["held"]


def test_the_late_event_of_a_hold_that_was_retrieved_since_does_not_hold_again() -> None:
    call = given_talk()
    call.ask(c.Hold(by=A))
    call.take(held(0, True, None))
    call.ask(c.Retrieve(by=A))
    call.take(held(0, False, None))
    call.take(held(0, True, 3))
    assert call.phase is Phase.TALK
    call.take(held(0, False, 4))
    assert call.phase is Phase.TALK


def test_a_hold_by_somebody_else_shows_and_so_does_its_end() -> None:
    call = given_talk()
    call.take(*call.provider.hold_from_outside(call.customer.id, True))
    assert call.phase is Phase.HOLD
    assert call.session.hold is not None
    assert call.session.hold.by is None
    call.take(*call.provider.hold_from_outside(call.customer.id, False))
    assert call.phase is Phase.TALK


def test_a_hold_by_somebody_else_right_after_a_retrieval_of_ours_shows() -> None:
    call = given_held().do(c.Retrieve(by=A))
    call.take(*call.provider.hold_from_outside(call.customer.id, True))
    assert call.phase is Phase.HOLD


def test_a_hold_by_somebody_else_shows_even_when_the_events_of_ours_were_swapped_on_the_way() -> None:
    call = given_talk()
    for command, is_held in ((c.Hold(by=A), True), (c.Retrieve(by=A), False)):
        call.ask(command)
        call.take(held(0, is_held, None))
    call.take(held(0, False, 4), held(0, True, 3))
    call.take(held(0, True, 5))
    assert call.phase is Phase.HOLD


@pytest.mark.parametrize("times", [1, 2])
def test_a_wait_document_asked_for_again_moves_nobody(times: int) -> None:
    call = given_parked().do(c.PickUp(BOB, LINE)).answers(BOB)
    assert call.take(*[f.LegQueued(CUSTOMER_SID, "QU1")] * times) == []
    assert call.customer_hears() == {"Bob"}
    assert call.phase is Phase.TALK


def test_a_repeated_dequeue_of_an_earlier_wait_moves_nobody() -> None:
    call = given_parked().do(c.PickUp(BOB, LINE)).answers(BOB).do(c.Park(by=BOB.user_id))
    assert call.take(f.LegDequeued(CUSTOMER_SID, "redirected")) == []
    assert call.phase is Phase.PARKED


def test_a_join_told_only_after_the_customer_was_parked_does_not_end_the_hold() -> None:
    call = given_parked()
    call.take(f.LegJoined(CUSTOMER_SID, None, CF, 99))
    assert call.phase is Phase.PARKED


def test_the_event_of_a_hold_told_only_after_the_customer_was_parked_does_not_keep_them_from_coming_back() -> None:
    call = given_talk()
    call.ask(c.Hold(by=A))
    call.pending.clear()
    call.provider.calls[call.customer.id].held = True
    call.provider.seq += 1
    late = call.provider.seq
    call.take(held(0, True, None))
    call.do(c.Park(by=A))
    call.take(held(0, True, late))
    assert call.do(c.PickUp(BOB, LINE)).answers(BOB).customer_hears() == {"Bob"}
    assert call.phase is Phase.TALK


@pytest.mark.parametrize("is_held", [True, False])
def test_the_reply_of_a_hold_that_comes_only_after_the_customer_was_parked_holds_nobody(is_held: bool) -> None:
    call = given_parked()
    before = call.session
    call.take(held(0, is_held, None))
    assert call.session == before


def test_a_hold_told_between_the_parking_and_the_queue_does_not_keep_the_customer_from_coming_back() -> None:
    call = given_talk()
    (park, _) = call.ask(c.Park(by=A))
    call.take(f.IntentDone(park), held(0, True, 4), held(0, True, None), f.LegQueued(CUSTOMER_SID, "QU1"))
    assert not call.customer.held
    assert call.phase is Phase.PARKED


def test_an_event_of_before_a_leg_came_into_the_conference_does_not_hold_it() -> None:
    call = given_talk()
    call.take(joined(0, 20), held(0, True, 19))
    assert call.phase is Phase.TALK
    call.take(held(0, True, 21))
    assert call.phase is Phase.HOLD


def test_a_hold_says_that_a_leg_whose_join_was_lost_is_in_the_conference() -> None:
    call = given_talk()
    call.session = call.session.with_leg(call.customer.id, place=Place.NOWHERE)
    call.take(held(0, True, None))
    assert call.customer.place is Place.CONFERENCE


def test_events_of_an_earlier_conference_do_not_touch_a_leg_of_the_next() -> None:
    call = given_parked().do(c.PickUp(BOB, LINE)).answers(BOB)
    assert call.session.conferences == (CF, f"CF{2:032x}")
    before = call.session
    call.take(f.ConferenceEnded(CF), left(2, 9), held(2, True, 9), joined(0, 9))
    assert call.session == before


def test_the_end_of_the_last_conference_told_late_does_not_end_a_leg_on_its_way_into_the_next() -> None:
    call = given_held()
    alice = call.leg_of(ALICE)
    facts = call.provider.hang_up(alice.id)
    late = [fact for fact in facts if isinstance(fact, f.ConferenceEnded)]
    call.take(*[fact for fact in facts if fact not in late])
    call.settle().after(5)
    call.take(f.CallProgressed(f"CA{2:032x}", "in-progress", f"{S}-2"))
    call.take(*late, f.ConferenceEnded(CF))
    assert call.leg_of(ALICE).answered


def test_nothing_brings_an_ended_leg_back() -> None:
    call = given_talk().customer_hangs_up()
    before = call.session
    call.take(
        *ALICE_COMES, held(0, True, 9), f.LegQueued(CUSTOMER_SID, "QU1"), joined(0, 12), progress(0, "in-progress")
    )
    assert (call.session.ended_at, call.phase) == (before.ended_at, Phase.ENDED)
    assert not any(leg.live for leg in call.session.legs)


def test_a_mute_told_late_does_not_undo_a_newer_one() -> None:
    call = given_talk()
    leg = call.leg_of(ALICE)
    call.take(f.MuteChanged(ALICE_SID, False, leg.id, CF, 9), f.MuteChanged(ALICE_SID, True, leg.id, CF, 8))
    assert not call.leg_of(ALICE).muted
    call.take(f.MuteChanged(ALICE_SID, True, leg.id, f"CF{9:032x}", 1), f.MuteChanged(ALICE_SID, False, leg.id, CF, 10))
    assert call.leg_of(ALICE).muted


def test_a_fact_about_somebody_elses_call_changes_nothing() -> None:
    call = given_talk()
    assert apply(call.session, f.CallProgressed("CA-unknown", "completed"), call.now).session is call.session


def test_an_answer_told_before_the_reply_to_the_dialling_counts() -> None:
    call = Call()
    call.take(progress(1, "in-progress"), f.LegCreated(f"{S}-1", ALICE_SID, CF))
    assert call.leg_of(ALICE).answered
    assert call.phase is Phase.TALK


def test_early_media_is_no_answer() -> None:
    call = Call()
    call.take(f.LegCreated(f"{S}-1", ALICE_SID, CF), joined(1, 2))
    assert call.phase is Phase.RINGING


def test_a_leg_given_up_before_the_provider_confirmed_it_is_ended_when_it_shows_even_if_answered_by_then() -> None:
    call = given_talk()
    call.ask(c.StartConsult(BOB, LINE, by=A))
    assert call.ask(c.EndConsult(by=A)) == []
    asked = call.take(progress(2, "in-progress"))
    assert [type(intent).__name__ for intent in asked] == ["EndLeg"]


def test_the_participants_list_corrects_what_lost_events_left_wrong() -> None:
    call = given_held()
    call.provider.calls[call.customer.id].held = False  # and nobody told us
    call.take(call.provider.read())
    assert call.phase is Phase.TALK
    call.provider.hang_up(call.leg_of(ALICE).id)  # nor of this
    call.take(call.provider.read())
    assert not call.leg_of(ALICE).live
    assert call.settle().phase is Phase.ENDED
