"""The builders' own check, and the phase of each situation."""

import pytest

from app.core import commands as c
from app.core.phase import Phase, acting_leg
from app.core.session import Session
from tests.core.builders import ALICE, CAROL, GIVEN, LINE, OUTSIDE, Call, given_parked, given_talk


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_can_be_reached_by_facts_alone(phase: Phase) -> None:
    assert GIVEN[phase]().phase is phase


@pytest.mark.parametrize(
    ("phase", "heard"),
    [
        (Phase.RINGING, {"silence"}),  # the room's wait document plays: the toy knows no music
        (Phase.QUEUED, {"queue"}),
        (Phase.TALK, {"Alice"}),
        (Phase.HOLD, {"hold"}),
        (Phase.CONSULT_DIALING, {"hold"}),
        (Phase.CONSULT_TALK, {"hold"}),
        (Phase.CONFERENCE, {"Alice", "Bob"}),
        (Phase.PARKED, {"queue"}),
        (Phase.ENDED, {"nothing: gone"}),
    ],
)
def test_what_the_customer_hears_in_each_phase(phase: Phase, heard: set[str]) -> None:
    assert GIVEN[phase]().customer_hears() == heard


@pytest.mark.parametrize("phase", Phase)
def test_the_session_holds_exactly_when_the_customer_is_held_or_parked(phase: Phase) -> None:
    session: Session = GIVEN[phase]().session
    assert (session.hold is not None) is (
        phase in (Phase.HOLD, Phase.CONSULT_DIALING, Phase.CONSULT_TALK, Phase.PARKED)
    )


def given_conference_with_somebody_outside() -> Call:
    call = given_talk().do(c.SingleStepConference(OUTSIDE, LINE, by=ALICE.user_id))
    return call.answers(OUTSIDE)


def test_for_a_programs_key_one_of_our_people_acts_and_not_somebody_outside() -> None:
    call = given_conference_with_somebody_outside()
    leg = acting_leg(call.session, None)
    assert leg is not None
    assert leg.party == ALICE


def test_when_only_somebody_outside_is_left_they_act() -> None:
    call = given_conference_with_somebody_outside().hangs_up(ALICE)
    leg = acting_leg(call.session, None)
    assert leg is not None
    assert leg.party == OUTSIDE


def test_who_picked_a_parked_caller_up_is_the_newest_participant() -> None:
    call = given_parked().do(c.PickUp(CAROL, LINE, by=CAROL.user_id)).answers(CAROL)
    assert call.session.newest_leg_id == call.leg_of(CAROL).id
