"""An agent whose call has ended has time to wrap it up: a ring queue offers her no call until then, and none is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core import commands as c
from app.core import facts as f
from app.core.session import Session
from app.house import create_house
from tests.support.house import CALLER_SID, Site, a_site, until_closed

WRAP_UP = 20.0
SUPPORT = "+15550001000"
ANOTHER_SID = "CA" + "d" * 32


@pytest.fixture
def site(demo_store: Path, tmp_path: Path) -> Iterator[Site]:
    with a_site(demo_store, tmp_path, wrap_up_seconds=WRAP_UP) as site:
        yield site


def hangs_up(site: Site, session: Session, leg: int, status: str = "completed") -> None:
    called = site.control.session(session.id).legs[leg]
    site.control.take_in(session.id, f.CallProgressed(str(called.call_sid), status, called.id))
    site.at_rest()


def rung(site: Site, session: Session) -> list[str]:
    """Who has been rung for this caller, in their order."""
    return [leg.party.name for leg in site.control.session(session.id).legs[1:]]


def waits_in_support(site: Site) -> Session:
    """Another caller has come into the ring queue."""
    session = site.call_in(SUPPORT, ANOTHER_SID)
    site.control.take_in(session.id, f.LegQueued(ANOTHER_SID, "QU" + "1" * 32))
    return session


def later(site: Site, seconds: float) -> None:
    site.clock.advance(seconds)
    site.house.housekeeper.round()
    site.at_rest()


@pytest.fixture
def after_a_call_of_alice(site: Site) -> Site:
    session = site.given_talk()
    hangs_up(site, session, 0)
    hangs_up(site, session, 1)
    return site


def test_she_who_wraps_up_is_passed_over_though_she_was_ready_longest(after_a_call_of_alice: Site) -> None:
    session = after_a_call_of_alice.call_in(SUPPORT, ANOTHER_SID)
    assert rung(after_a_call_of_alice, session) == ["Bob"]


def test_a_caller_goes_on_waiting_and_is_offered_to_her_once_she_has_wrapped_up(after_a_call_of_alice: Site) -> None:
    site = after_a_call_of_alice
    session = waits_in_support(site)
    hangs_up(site, session, 1, "busy")
    later(site, WRAP_UP - 1)
    assert rung(site, session) == ["Bob", "Bob"], "wrapping up still"
    hangs_up(site, session, 2, "busy")
    later(site, site.control.policy.offer_pause_seconds)
    # Bob has been ready since the start of the day, Alice for a few seconds.
    assert rung(site, session) == ["Bob", "Bob", "Bob"]
    hangs_up(site, session, 3, "busy")
    assert rung(site, session) == ["Bob", "Bob", "Bob", "Alice"]


def test_when_everybody_wraps_up_the_caller_waits_for_the_first_who_has(after_a_call_of_alice: Site) -> None:
    site = after_a_call_of_alice
    with site.house.engine.begin() as connection:
        connection.execute(text("UPDATE app_user SET ready_since = NULL WHERE name = 'bob'"))
    session = waits_in_support(site)
    later(site, WRAP_UP - 1)
    assert rung(site, session) == []
    assert site.control.session(session.id).live
    later(site, site.control.policy.offer_pause_seconds)
    assert rung(site, session) == ["Alice"]


def test_however_many_processes_look_she_is_rung_once(after_a_call_of_alice: Site) -> None:
    site = after_a_call_of_alice
    session = waits_in_support(site)
    hangs_up(site, session, 1, "busy")
    site.clock.advance(WRAP_UP + 1)
    another = create_house(site.house.settings, provider=site.provider, clock=site.clock)
    with until_closed(another), ThreadPoolExecutor(6) as pool:
        looking = [site.control, another.services.control] * 3
        for done in [pool.submit(control.tick, session.id) for control in looking]:
            done.result()
    site.at_rest()
    assert rung(site, session) == ["Bob", "Bob"]


def test_she_wraps_up_too_when_she_has_parked_the_customer_who_goes_on_waiting(site: Site) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.Park())
    hangs_up(site, session, 1)
    assert site.control.session(session.id).live
    assert rung(site, site.call_in(SUPPORT, ANOTHER_SID)) == ["Bob"]


def test_a_line_of_her_own_rings_her_all_the_same(after_a_call_of_alice: Site) -> None:
    session = after_a_call_of_alice.call_in("+15550001001", ANOTHER_SID)
    assert rung(after_a_call_of_alice, session) == ["Alice"]


def test_who_is_not_ready_does_not_become_so_by_a_call(site: Site) -> None:
    with site.house.engine.begin() as connection:
        connection.execute(text("UPDATE app_user SET ready_since = NULL WHERE name = 'alice'"))
    session = site.given_talk()
    hangs_up(site, session, 0)
    hangs_up(site, session, 1)
    site.clock.advance(WRAP_UP + 1)
    assert rung(site, site.call_in(SUPPORT, ANOTHER_SID)) == ["Bob"]


def test_a_call_that_she_did_not_answer_is_nothing_to_wrap_up(site: Site) -> None:
    session = site.call_in()
    hangs_up(site, session, 1, "no-answer")
    assert rung(site, site.call_in(SUPPORT, ANOTHER_SID)) == ["Alice"]


def test_without_the_setting_nobody_wraps_up(demo_store: Path, tmp_path: Path) -> None:
    with a_site(demo_store, tmp_path) as site:
        session = site.given_talk()
        assert session.customer.call_sid == CALLER_SID
        hangs_up(site, session, 0)
        hangs_up(site, session, 1)
        assert rung(site, site.call_in(SUPPORT, ANOTHER_SID)) == ["Alice"]
