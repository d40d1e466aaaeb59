"""What a session looks like on the way through a ring queue, a consult and a swap, and to whom names belong."""

from __future__ import annotations

from dataclasses import replace

from app.core import commands as c
from app.core import facts as f
from app.core.opening import open_inbound
from app.core.session import Hold, Policy, Session, Status
from app.dialects.evo_voice.mapping import Names, session_info, session_list
from tests.dialects.evo_voice.fakes import ALICE, BOB, CALLER, LINE, Control

NAMES = Names(accounts={"a" * 24: "Acme"}, users={ALICE.id: "Alice"}, lines={LINE: "c" * 24})


def queue_call() -> Session:
    """A caller has just come in over the ring queue ``support``; alice is about to be rung."""
    return open_inbound(
        session_id="f" * 24,
        number=1,
        account_id="a" * 24,
        line=LINE,
        call_sid="CA" + "0" * 32,
        caller=CALLER,
        queue=("support", "e" * 24),
        candidates=[ALICE.party()],
        now=1_750_000_000.25,
        policy=Policy(),
    ).session


def test_a_ring_queue_shows_in_the_queue_state() -> None:
    offered = queue_call()
    info = session_info(offered, NAMES)
    assert (info.call_state, info.queue_state, info.ring_queue_id) == ("Ringing", "Ringing", "e" * 24)
    assert info.queue_member_id == ALICE.id
    waiting = offered.with_leg(offered.legs[1].id, status=Status.ENDED)
    assert session_info(waiting, NAMES).queue_state == "Queued"
    assert session_info(waiting, NAMES).dial_state == "None"


def test_moments_are_iso_8601_in_utc_and_names_come_from_the_directory() -> None:
    info = session_info(queue_call(), NAMES)
    assert info.date_created == "2025-06-15T15:06:40.250Z"
    assert (info.account_name, info.endpoint_id, info.endpoint_name) == ("Acme", "c" * 24, LINE)
    assert (info.from_address, info.to_address, info.destination) == (CALLER.address, LINE, None)


def test_after_a_swap_the_session_is_connected_and_the_third_party_holds() -> None:
    control = Control()
    session = control.talk()
    control.run(session.id, c.StartConsult(BOB.party(), LINE, by=ALICE.id))
    control.answer(control.session(session.id))
    swapped = session_info(control.run(session.id, c.Swap(by=ALICE.id)), NAMES)
    assert swapped.call_state == "Connected"
    assert [(one.role, one.call_state) for one in swapped.members] == [
        ("Caller", "Connected"),
        ("Agent", "Connected"),
        ("Transfer", "Hold"),
    ]
    assert (swapped.hold_queue_name, swapped.held_by_user_id) == (None, None)


def test_a_third_party_is_an_agent_like_any_other_once_the_call_is_hers() -> None:
    control = Control()
    session = control.talk()
    control.run(session.id, c.StartConsult(BOB.party(), LINE, by=ALICE.id))
    control.answer(control.session(session.id))
    moved = session_info(control.run(session.id, c.CompleteTransfer(by=ALICE.id)), NAMES)
    assert [(one.identity, one.role, one.is_original_member) for one in moved.members[1:]] == [("bob", "Agent", True)]
    assert moved.answered_by_id == ALICE.id


def test_a_hold_by_a_programs_key_is_held_by_the_sessions_agent() -> None:
    control = Control()
    session = control.talk()
    held = control.run(session.id, c.Hold())
    assert session_info(held, NAMES).held_by_user_id == ALICE.id
    nobodys = replace(held, hold=Hold())
    assert session_info(nobodys, NAMES).held_by_user_id == ALICE.id


def test_the_conference_is_named_from_the_first_join_to_the_end() -> None:
    control = Control()
    session = control.talk()
    assert session_info(session, NAMES).conference_sid == "CF" + "1" * 32
    ended = control.fact(session, f.CallProgressed(session.customer.call_sid or "", "completed"))
    assert session_info(ended, NAMES).conference_sid is None


def test_a_caller_nobody_answered_was_missed() -> None:
    control = Control()
    session = control.call_in()
    info = session_info(control.fact(session, f.CallProgressed(session.customer.call_sid or "", "completed")), NAMES)
    assert (info.was_missed, info.ended, info.call_state, info.answered_by_id) == (True, True, "Disconnected", None)


def test_pages_are_rounded_up() -> None:
    assert session_list((), 26, 0, 25, totals=True).total_pages == 2
    assert session_list((), 0, 0, 25, totals=True).total_pages == 0
