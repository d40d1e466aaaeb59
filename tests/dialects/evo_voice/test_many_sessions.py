"""Lists in a store full of ended sessions: what is asked for is found among them, and nobody can make a process look at all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.store.fill import fill
from tests.support.house import CALLER, START, Site, a_site, demo_store

__all__ = ["demo_store"]
ENDED = 14_000


@pytest.fixture(scope="module")
def site(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(demo_store, tmp_path_factory.mktemp("full")) as site:
        fill(site.house.engine, ENDED, START)
        site.clock.advance(60)
        yield site


def listed(site: Site, query: str) -> dict[str, Any]:
    answer = site.house.flask.test_client().get(f"/sessions?{query}", auth=("alice", "demo"))
    return dict(answer.get_json(), status=answer.status_code)


def test_a_call_is_found_by_its_number_its_line_and_its_agent(site: Site) -> None:
    mine = site.call_in()
    agent = mine.legs[1].party.user_id
    for query in (f"from={CALLER[1:]}&to=0001001", f"log=RINGING%20ALICE&endpointIds={agent}&from={CALLER[1:]}"):
        assert [info["id"] for info in listed(site, query)["items"]] == [mine.id]
    line_id = listed(site, f"from={CALLER[1:]}")["items"][0]["endpointId"]
    assert [one["id"] for one in listed(site, f"endpointIds={line_id}&from={CALLER[1:]}")["items"]] == [mine.id]
    assert (
        listed(site, 'from="%25')["status"] == 400
    )  # no number has a quote: nothing to find it by, too many to look at


@pytest.mark.parametrize("query", ["sortField=callState", "all=true", "from=555"])
def test_what_would_take_looking_at_too_many_is_refused_with_what_helps(site: Site, query: str) -> None:
    refused = listed(site, query)
    assert refused["status"] == 400
    assert refused["responseStatus"]["errors"][0]["fieldName"] == "StartDate"
    assert "fewer days" in refused["responseStatus"]["message"]


def test_a_few_days_of_them_can_be_looked_at(site: Site) -> None:
    page = listed(site, "sortField=fromAddress&startDate=2027-01-10&countPerPage=3")
    assert page["status"] == 200
    assert 3 < page["totalCount"] < 5_000
    assert [one["fromAddress"] for one in page["items"]] == sorted(one["fromAddress"] for one in page["items"])


def test_plain_pages_reach_to_the_oldest(site: Site) -> None:
    total = listed(site, "countPerPage=1")["totalCount"]
    assert total > 10_000
    last = listed(site, f"countPerPage=1&page={total - 1}")
    assert (len(last["items"]), last["hasMorePages"]) == (1, False)
