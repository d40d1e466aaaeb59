"""What the provider allows: calls a second, and requests at all. Whoever has to wait waits, is seen waiting, and nobody is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import responses

from app.core import commands as c
from app.core.errors import ProviderUnavailable
from app.core.phase import Phase, phase_of
from app.provider.errors import Meaning, ProviderError
from app.provider.twilio import TwilioProvider
from tests.support.house import Site, a_site, demo_store
from tests.support.product import Product, running_product
from tests.support.scripted_provider import Trouble
from tests.support.waiting import until

__all__ = ["demo_store"]

CALLS = 5
API = "https://provider.example.test"


@pytest.fixture(scope="module")
def slow() -> Iterator[Product]:
    """A product whose account may start one call a second, as new accounts do."""
    with running_product(SIMULATOR_CPS="1", WEB_CONCURRENCY="2") as product:
        yield product


@pytest.fixture
def site(demo_store: Path, tmp_path: Path) -> Iterator[Site]:
    """A process of the controller on a provider that does as it is told."""
    with a_site(demo_store, tmp_path) as site:
        yield site


def gauge(product: Product, name: str) -> float:
    """A figure of ``/metrics``."""
    figures = requests.get(f"{product.url}/metrics", timeout=10).text
    found = re.search(rf"^{name} (\S+)$", figures, re.MULTILINE)
    assert found is not None, figures
    return float(found.group(1))


def test_calls_beyond_what_the_provider_starts_a_second_wait_in_sight_and_ring_in_their_order(slow: Product) -> None:
    phones = slow.simulator
    position = phones.log_position()
    callers = [phones.place_call(f"+1555010000{n}", "+15550001001") for n in range(CALLS)]

    until(lambda: gauge(slow, "hookflash_legs_queued") > 0, what="the legs that wait can be seen")
    rung: list[str] = []

    def all_ring() -> bool:
        ringing = [call.call_sid for call in phones.phone("client:alice") if call.status == "ringing"]
        rung.extend(sid for sid in ringing if sid not in rung)
        return len(ringing) == CALLS

    until(all_ring, within=20.0, what="every call rings in the end")
    until(lambda: gauge(slow, "hookflash_legs_queued") == 0, what="nobody waits any more")
    assert gauge(slow, "hookflash_requests_waiting") == 0
    created = [
        json.loads(entry.response or "")
        for entry in phones.log(position)
        if entry.kind == "rest" and entry.method == "POST" and entry.url.split("?")[0].endswith("/Participants.json")
    ]
    assert len(created) == len({leg["label"] for leg in created}) == CALLS
    assert rung == [leg["call_sid"] for leg in created]
    for caller in callers:
        phones.hangup(caller)
    until(lambda: not slow.sessions(), 10.0, "every session has ended")


@responses.activate
@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
def test_how_long_a_busy_provider_wants_to_be_left_alone_is_heard(header: str, seconds: float | None) -> None:
    answer = {"code": 20429, "message": "Too Many Requests", "status": 429}
    url = re.compile(rf"{API}/.*")
    responses.add(responses.POST, url, json=answer, status=429, headers={"Retry-After": header} if header else {})
    provider = TwilioProvider("AC" + "0" * 32, "AC" + "0" * 32, "secret", api_url=API)
    with pytest.raises(ProviderError) as raised:
        provider.hang_up("CA" + "1" * 32)
    assert (raised.value.meaning, raised.value.retry_after) == (Meaning.AGAIN, seconds)


def test_a_busy_provider_is_left_alone_for_as_long_as_it_asked(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", Trouble(Meaning.AGAIN, code=20429, retry_after=3.0))
    assert phase_of(site.control.run(session.id, c.Hold())) is Phase.HOLD
    assert site.clock.waits[-1] == 3.0


def test_a_command_is_not_kept_waiting_for_a_provider_that_wants_its_peace_for_long(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", Trouble(Meaning.AGAIN, code=20429, retry_after=60.0))
    with pytest.raises(ProviderUnavailable):
        site.control.run(session.id, c.Hold())
    assert site.provider.count("set_hold") == 1
    assert phase_of(site.control.session(session.id)) is Phase.TALK
    assert any("failed" in line for line in site.log(session.id))
