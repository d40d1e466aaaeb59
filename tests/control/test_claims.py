"""Two processes on one store: what one has begun, or is going to, is its own for as long as it lives and the work takes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.control.claims import LEASE_SECONDS
from app.core import commands as c
from app.core.errors import TakenOver
from app.core.phase import Phase, phase_of
from app.core.session import Party
from app.house import House, create_house
from app.provider.errors import Meaning, ProviderError
from app.provider.port import Created
from app.store import operations
from tests.control.test_runner import hold_back
from tests.support.house import ManualClock, Site, until_closed
from tests.support.scripted_provider import Trouble
from tests.support.waiting import until

BOB = Party("client:bob", "Bob", None, "1002")


@pytest.fixture
def other(site: Site) -> Iterator[House]:
    """Another process beside the site's."""
    with until_closed(create_house(site.house.settings, provider=site.provider, clock=site.clock)) as house:
        yield house


class Slow:
    """Stands where the provider's create is, and answers when it is let."""

    def __init__(self, site: Site) -> None:
        self.labels: list[str] = []
        self.answer = threading.Event()
        self._create = site.provider.create_participant
        site.provider.create_participant = self  # type: ignore[method-assign, assignment]

    def __call__(self, conference: str, *, label: str, **options: Any) -> Created:
        self.labels.append(label)
        assert self.answer.wait(20)
        return self._create(conference, label=label, **options)


def more_than_a_lease_passes(site: Site, other: House) -> None:
    for _ in range(4):
        site.clock.advance(LEASE_SECONDS * 0.3)
        other.housekeeper.round()
        site.house.housekeeper.round()


def open_calls(site: Site, count: int) -> None:
    """Customers call, and nobody waits until what follows of it has been asked of the provider."""
    line = site.house.services.directory.line("+15550001001")
    assert line is not None
    queue, candidates = site.house.services.directory.candidates(line)
    for n in range(count):
        caller = site.house.services.directory.caller("+15550100001")
        site.control.open_inbound(
            call_sid=f"CA{n:031x}f", account_id=line.account_id, line=line.number, caller=caller,
            queue=queue, candidates=candidates,
        )  # fmt: skip


def test_a_request_that_takes_longer_than_a_lease_is_made_once(site: Site, other: House) -> None:
    session = site.given_talk()
    slow = Slow(site)
    with ThreadPoolExecutor(1) as pool:
        consulting = pool.submit(site.control.run, session.id, c.StartConsult(BOB, session.line))
        until(lambda: slow.labels)
        more_than_a_lease_passes(site, other)
        slow.answer.set()
        assert phase_of(consulting.result(10)) is Phase.CONSULT_DIALING
    assert slow.labels == [f"{session.id}-2"]


def test_what_waits_for_a_slow_provider_is_asked_for_once(site: Site, other: House) -> None:
    slow = Slow(site)
    open_calls(site, 20)
    until(lambda: slow.labels)
    more_than_a_lease_passes(site, other)
    slow.answer.set()
    site.at_rest()
    assert len(slow.labels) == 20
    assert max(Counter(slow.labels).values()) == 1


def test_a_process_whose_operation_was_taken_over_asks_for_nothing(site: Site) -> None:
    """It stood still for longer than its lease, and finds somebody else's."""
    session = site.given_talk()
    operation_id = hold_back(site, session.id, c.Hold())
    known = site.clock.now() + LEASE_SECONDS
    site.clock.advance(LEASE_SECONDS + 1)
    with site.house.engine.begin() as connection:
        assert operations.claim(connection, operation_id, site.clock.now(), site.clock.now() + LEASE_SECONDS)
    with pytest.raises(TakenOver):
        site.control.runner.run(operation_id, session.id, known)
    site.control.runner.later(operation_id, session.id, known)
    site.control.runner.finish()
    assert site.provider.count("set_hold") == 0
    with site.house.engine.begin() as connection:
        assert [item.attempts for item in operations.open_intents(connection, operation_id)] == [0]


def test_a_process_that_stood_still_goes_on_when_nobody_has_taken_over(site: Site) -> None:
    session = site.given_talk()
    operation_id = hold_back(site, session.id, c.Hold())
    known = site.clock.now() + LEASE_SECONDS
    site.clock.advance(LEASE_SECONDS + 1)
    site.control.runner.run(operation_id, session.id, known)
    assert phase_of(site.control.session(session.id)) is Phase.HOLD


# A process that is told to stop


class PassingClock(ManualClock):
    """Whoever waits on it has waited; what is cut short takes no time."""

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        if not stop.is_set():
            self.advance(seconds)
        return super().wait(seconds, stop)


def test_a_process_that_stops_leaves_a_busy_provider_in_peace_for_a_command_somebody_waits_for(site: Site) -> None:
    session = site.given_talk()
    clock = PassingClock()
    free_at, hold = clock.now() + 2.0, site.provider.set_hold

    def set_hold(*arguments: Any) -> None:
        if clock.now() < free_at:
            raise ProviderError(Meaning.AGAIN, "busy", 20429, retry_after=free_at - clock.now())
        hold(*arguments)

    site.provider.set_hold = set_hold  # type: ignore[method-assign]
    with until_closed(create_house(site.house.settings, provider=site.provider, clock=clock)) as stopping:
        stopping.services.control.stopping.set()
        assert phase_of(stopping.services.control.run(session.id, c.Hold())) is Phase.HOLD


def test_a_process_that_stops_does_not_wait_for_longer_than_it_has(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", *[Trouble(Meaning.AGAIN, code=20429, retry_after=6.0)] * 2)
    waits = len(site.clock.waits)
    site.control.stopping.set()
    with pytest.raises(Exception, match="as the test says"):
        site.control.run(session.id, c.Hold())
    assert site.clock.waits[waits:] == [6.0]


def test_what_nobody_waits_for_is_left_to_the_next_process_when_a_busy_provider_has_had_its_peace(
    site: Site, other: House
) -> None:
    site.provider.will("create_participant", *[Trouble(Meaning.AGAIN, code=20429, retry_after=6.0)] * 3)
    site.control.stopping.set()
    open_calls(site, 1)
    site.control.runner.finish()
    assert site.provider.count("create_participant") == 1
    site.provider.troubles.clear()
    other.housekeeper.round()
    assert site.provider.count("create_participant") == 1, "it is not yet time"
    site.clock.advance(6)
    other.housekeeper.round()
    until(lambda: site.provider.dialled)
    site.at_rest()
    assert site.provider.count("create_participant") == 2
