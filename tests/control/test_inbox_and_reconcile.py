"""News of calls nobody knows yet, and comparing with the provider what callbacks should have told."""

from __future__ import annotations

import pytest

from app.control.reconcile import Reconciler, Turn
from app.core import commands as c
from app.core import facts as f
from app.core.phase import Phase, phase_of
from app.provider.errors import Meaning, ProviderError
from tests.support.house import CALLER_SID, Site


def test_the_end_of_an_unknown_call_waits_for_the_call_and_then_rings_nobody(site: Site) -> None:
    site.control.take_in_by_call(CALLER_SID, f.CallProgressed(CALLER_SID, "completed"))
    session = site.call_in()
    assert not session.live
    assert site.provider.count("create_participant") == 0


def test_news_of_an_unknown_call_is_forgotten_after_a_while(site: Site) -> None:
    site.control.take_in_by_call(CALLER_SID, f.CallProgressed(CALLER_SID, "completed"))
    site.clock.advance(301)
    site.house.housekeeper.round()
    assert site.call_in().live


def test_the_same_call_opens_one_session(site: Site) -> None:
    first, second = site.call_in(), site.call_in()
    assert first.id == second.id
    assert site.provider.count("create_participant") == 1


def test_a_session_that_is_true_is_left_alone(site: Site) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.Hold())
    before = site.control.session(session.id)
    asked = len(site.provider.asked)
    Reconciler(site.control).all()
    assert site.control.session(session.id) == before
    assert len(site.provider.asked) == asked


def test_a_hold_that_nobody_told_us_of_is_found(site: Site) -> None:
    session = site.given_talk()
    site.provider.held.add(CALLER_SID)
    Reconciler(site.control).one(session.id)
    assert phase_of(site.control.session(session.id)) is Phase.HOLD


def test_an_agent_who_is_gone_is_found_and_the_call_ends(site: Site) -> None:
    session = site.given_talk()
    site.provider.dialled[0].over = True
    Reconciler(site.control).one(session.id)
    site.at_rest()
    assert not site.control.session(session.id).legs[1].live
    assert ("hang_up", CALLER_SID) in site.provider.asked


def test_a_caller_who_is_gone_is_found_and_the_session_ends(site: Site) -> None:
    session = site.given_talk()
    site.provider.statuses[CALLER_SID] = "completed"
    Reconciler(site.control).one(session.id)
    site.at_rest()
    assert not site.control.session(session.id).open


def test_a_session_that_moved_while_the_list_was_read_is_not_corrected_by_it(site: Site) -> None:
    session = site.given_talk()
    finding = Reconciler(site.control).look(session.id)
    assert finding is not None
    site.control.run(session.id, c.Hold())
    assert not site.control.take_in_unless_moved(session.id, finding.version, finding.facts[0])
    assert phase_of(site.control.session(session.id)) is Phase.HOLD


def test_reconciling_never_dials_and_never_hangs_up_what_is_in_doubt(site: Site) -> None:
    session = site.call_in()
    asked = list(site.provider.asked)
    Reconciler(site.control).all()
    site.at_rest()
    assert site.provider.asked == asked
    assert site.control.session(session.id).live


@pytest.mark.parametrize("line", ["+15550001000", "+15550001001"])
def test_a_ringing_that_the_provider_never_ends_is_ended_by_our_own_clock(site: Site, line: str) -> None:
    session = site.call_in(line)
    site.clock.advance(46)
    site.house.housekeeper.round()
    site.at_rest()
    assert ("hang_up", session.legs[1].call_sid) in site.provider.asked


def test_a_provider_that_cannot_be_read_changes_nothing(site: Site) -> None:
    session = site.given_talk()

    class Away:
        def participants(self, conference_sid: str) -> list[f.ParticipantSeen]:
            raise ProviderError(Meaning.UNKNOWN_OUTCOME, "away")

    real, site.control.provider = site.control.provider, Away()  # type: ignore[assignment]
    Reconciler(site.control).all()
    site.control.provider = real
    assert phase_of(site.control.session(session.id)) is Phase.TALK


def test_an_agent_of_whom_only_the_answer_was_told_is_found_gone(site: Site) -> None:
    session = site.given_talk_without_joins()
    site.provider.dialled[0].over = True
    site.provider.statuses[str(session.legs[1].call_sid)] = "completed"
    Reconciler(site.control).one(session.id)
    site.at_rest()
    assert not site.control.session(session.id).legs[1].live


def test_an_agent_who_has_just_answered_and_is_not_in_the_list_yet_stays(site: Site) -> None:
    session = site.given_talk_without_joins()
    site.provider.dialled[0].over = True
    site.provider.statuses[str(session.legs[1].call_sid)] = "in-progress"
    Reconciler(site.control).one(session.id)
    assert site.control.session(session.id).legs[1].live


def test_a_process_that_starts_compares_at_once_whoever_had_the_turn(site: Site) -> None:
    session = site.given_talk()
    assert Turn(site.house.engine, site.clock, 15).begin()  # by one that died of it
    site.provider.statuses[CALLER_SID] = "completed"
    site.house.housekeeper.round()
    site.at_rest()
    assert not site.control.session(session.id).open


def test_whoever_is_not_starting_waits_for_the_turn(site: Site) -> None:
    session = site.given_talk()
    site.house.housekeeper.round()
    assert not Turn(site.house.engine, site.clock, 15).begin()
    site.provider.statuses[CALLER_SID] = "completed"
    site.house.housekeeper.round()
    assert site.control.session(session.id).open
