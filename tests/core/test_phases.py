"""The builders' own check, and the phase of each situation."""

import pytest

from app.core.phase import Phase
from app.core.session import Session
from tests.core.builders import GIVEN


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
