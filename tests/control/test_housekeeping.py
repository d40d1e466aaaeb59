"""What is due is done in time, whatever else there is to do."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import insert

from app.core import commands as c
from app.core.facts import ParticipantSeen
from app.house import create_house
from app.store import tables
from tests.support.house import Site, a_site, until_closed
from tests.support.waiting import until


def test_a_provider_that_does_not_answer_keeps_no_deadline_waiting(site: Site) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.Hold())
    asked, answer = threading.Event(), threading.Event()

    def participants(_conference_sid: str) -> Sequence[ParticipantSeen]:
        asked.set()
        answer.wait(20)
        return []

    site.provider.participants = participants  # type: ignore[method-assign]
    site.house.housekeeper.start()
    try:
        assert asked.wait(10)
        site.clock.advance(site.control.policy.hold_reminder_seconds + 1)

        until(lambda: any("Reminder" in line for line in site.log(session.id)), what="the agent is reminded")
    finally:
        answer.set()
        site.house.housekeeper.stop()


def test_however_many_sessions_cannot_be_read_the_others_timers_go_on(demo_store: Path, tmp_path: Path) -> None:
    # Comparing with the provider would do what is due as well: it has its turn before.
    with a_site(demo_store, tmp_path, reconcile_seconds=3600.0) as site:
        session = site.given_talk()
        site.control.run(session.id, c.Hold())
        site.house.housekeeper.round()
        row = {"account_id": session.account_id, "started_at": 0.0, "next_due": 0.0, "version": 1, "body": "{}"}
        with site.house.engine.begin() as connection:
            broken = [{**row, "id": f"{n:024x}", "number": 1_000_000 + n, "open": False} for n in range(260)]
            connection.execute(insert(tables.session), broken)
        site.clock.advance(site.control.policy.hold_reminder_seconds + 1)
        for _ in range(2):
            site.house.housekeeper.round()
        assert "Reminder: the caller is still on hold" in site.log(session.id)


def test_comparing_that_takes_longer_than_its_period_is_done_by_one_process(site: Site) -> None:
    period = site.house.settings.reconcile_seconds
    by_whom: list[str] = []
    with until_closed(create_house(site.house.settings, provider=site.provider, clock=site.clock)) as other:
        other.housekeeper.round()  # the one that it does at its start, whoever has the turn
        for n in range(5):
            site.call_in(call_sid=f"CA{n:031x}f")

        def call_status(_call_sid: str) -> str:
            by_whom.append("other" if looking else "site")
            if not looking:
                site.clock.advance(period / 3)
                looking.append(True)
                other.housekeeper.round()
                looking.clear()
            return "in-progress"

        looking: list[bool] = []
        site.provider.call_status = call_status  # type: ignore[method-assign]
        site.house.housekeeper.round()
        assert by_whom == ["site"] * 5
        # It took longer than the period: now it is anybody's turn.
        looking.append(True)
        other.housekeeper.round()
        assert by_whom[5:] == ["other"] * 5
