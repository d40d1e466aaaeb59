"""A leg is one call: another that rings under its name, made when nobody knew of the first, harms nobody and is hung up."""

from __future__ import annotations

import pytest

from app.core import facts as f
from app.core import intents as i
from tests.core.builders import ALICE, Call, given_ringing, given_talk

GHOST = "CA" + "9" * 32


def ended(call: Call, fact: f.Fact) -> list[i.Intent]:
    return [intent for intent in call.take(fact) if isinstance(intent, i.EndLeg)]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "completed"])
def test_the_end_of_another_call_of_its_name_does_not_end_the_agents_talk(status: str) -> None:
    call = given_talk()
    assert ended(call, f.CallProgressed(GHOST, status, call.leg_of(ALICE).id)) == []
    assert call.customer_hears() == {"Alice"}
    assert call.leg_of(ALICE).live


@pytest.mark.parametrize("status", ["initiated", "ringing", "in-progress"])
def test_another_call_of_its_name_is_hung_up(status: str) -> None:
    call = given_ringing()
    leg = call.leg_of(ALICE)
    assert ended(call, f.CallProgressed(GHOST, status, leg.id)) == [i.EndLeg(leg.id, GHOST)]
    assert call.leg_of(ALICE) == leg


def test_a_second_call_of_which_only_the_reply_tells_is_hung_up() -> None:
    call = given_talk()
    leg = call.leg_of(ALICE)
    assert ended(call, f.LegCreated(leg.id, GHOST)) == [i.EndLeg(leg.id, GHOST)]
    assert call.leg_of(ALICE).call_sid == leg.call_sid


@pytest.mark.parametrize("gone", [False, True])
def test_what_becomes_of_that_hang_up_says_nothing_about_the_leg(gone: bool) -> None:
    call = given_talk()
    hang_up = i.EndLeg(call.leg_of(ALICE).id, GHOST)
    assert i.still_wanted(call.session, hang_up)
    call.take(f.IntentFailed(hang_up, gone, "refused"), f.IntentDone(hang_up))
    assert call.settle().customer_hears() == {"Alice"}


def test_the_reply_and_the_events_of_the_leg_itself_hang_nobody_up() -> None:
    call = given_ringing()
    leg = call.leg_of(ALICE)
    assert leg.call_sid is not None
    for fact in (f.LegCreated(leg.id, leg.call_sid), f.CallProgressed(leg.call_sid, "ringing", leg.id)):
        assert ended(call, fact) == []
