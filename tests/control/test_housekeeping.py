"""What is due is done in time, whatever else there is to do."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from app.core import commands as c
from app.core.facts import ParticipantSeen
from tests.support.house import Site
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
