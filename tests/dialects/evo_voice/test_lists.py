"""Listing sessions: whose, which, in which order, by pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.core import facts as f
from tests.dialects.evo_voice.conftest import Client
from tests.dialects.evo_voice.fakes import ACME, ALICE, BOB, DAVE, OTHER, OTHER_LINE


def ids(send: Client, query: str = "", who: str = "alice") -> list[str]:
    return [info["id"] for info in send("GET", f"/sessions?{query}", who=who).get_json()["items"]]


def test_a_list_shows_ended_sessions_too_newest_first_with_their_logs(send: Client) -> None:
    first, second = send.control.hang_up(send.control.talk(), 0), send.control.talk()
    answer = send("GET", "/sessions").get_json()
    assert [(info["id"], info["ended"]) for info in answer["items"]] == [(second.id, False), (first.id, True)]
    assert (answer["totalCount"], answer["totalPages"], answer["hasMorePages"]) == (2, 1, False)
    assert [line["message"] for line in answer["items"][1]["log"]][-1] == "Ended"


def test_pages_count_from_0_and_tell_whether_more_follow(send: Client) -> None:
    made = [send.control.talk().id for _ in range(5)]
    answer = send("GET", "/sessions?page=1&countPerPage=2").get_json()
    assert [info["id"] for info in answer["items"]] == [made[2], made[1]]
    assert (answer["totalCount"], answer["totalPages"], answer["hasMorePages"]) == (5, 3, True)
    last = send("GET", "/sessions?page=2&countPerPage=2&simplifiedPaging=true").get_json()
    assert ([info["id"] for info in last["items"]], last["totalCount"], last["hasMorePages"]) == ([made[0]], 0, False)
    assert ids(send, "page=9&countPerPage=2") == []
    assert ids(send, "countPerPage=2&all=true") == made[::-1]


def test_a_list_can_be_sorted_either_way(send: Client) -> None:
    made = [send.control.talk().id for _ in range(3)]
    assert ids(send, "sortField=dateCreated&sortOrder=Ascend") == made
    assert ids(send, "sortField=DateCreated&sortOrder=1") == made[::-1]
    send("POST", f"/sessions/{made[1]}/hold")
    assert ids(send, "sortField=callState&sortOrder=Descend&countPerPage=1") == [made[1]]


def test_only_the_logins_accounts_are_listed_and_a_foreign_one_is_forbidden(send: Client) -> None:
    mine, foreign = send.control.talk(), send.control.talk(DAVE, OTHER_LINE, OTHER)
    assert ids(send) == [mine.id]
    assert ids(send, who="admin") == [foreign.id, mine.id]
    assert ids(send, f"accountIds={ACME.id},{OTHER.id}", who="admin") == [foreign.id, mine.id]
    assert ids(send, f"accountIds=%5B{OTHER.id}%5D", who="admin") == [foreign.id]
    refused = send("GET", f"/sessions?accountIds={OTHER.id}")
    assert (refused.status, refused.get_json()["responseStatus"]["errorCode"]) == ("403 Forbidden", "Forbidden")


def test_sessions_are_found_by_id_day_address_log_and_endpoint(send: Client) -> None:
    old, new = send.control.talk(), send.control.talk()
    send.control.date(old, datetime(2024, 5, 1, 23, 59, 59, tzinfo=UTC).timestamp())
    assert ids(send, f"specificIds={old.id},nonsense") == [old.id]
    assert ids(send, "specificIds=nonsense") == []
    assert ids(send, "startDate=2024-05-01&endDate=2024-05-01") == [old.id]
    assert ids(send, "endDate=2024-04-30") == []
    assert ids(send, "startDate=0001-01-01&endDate=9999-12-31") == [new.id, old.id]
    send("POST", f"/sessions/{new.id}/hold")
    assert ids(send, "log=held%20by") == [new.id]
    assert ids(send, "from=5010000&to=0001001") == [new.id, old.id]
    assert ids(send, "from=777") == []
    assert ids(send, f"endpointIds={BOB.id}") == []
    assert ids(send, f"endpointIds={ALICE.id}&page=1&countPerPage=1") == [old.id]
    assert ids(send, "customerIds=1") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("startDate=yesterday", "StartDate"),
        ("endDate=2024-02-30", "EndDate"),
        ("sortField=log", "SortField"),
    ],
)
def test_a_date_or_sort_field_that_is_none_is_refused_by_name(send: Client, query: str, field: str) -> None:
    answer = send("GET", f"/sessions?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["responseStatus"]["errors"][0]["fieldName"] == field


@pytest.mark.parametrize("query", ["page=x", "page=99999999999", "all=maybe", "countPerPage=1.5"])
def test_numbers_and_flags_that_are_none_cannot_be_bound(send: Client, query: str) -> None:
    assert send("GET", f"/sessions?{query}").status == "400 Bad Request"


def test_my_sessions_are_those_i_am_on_or_rung_for(send: Client) -> None:
    mine, ringing = send.control.talk(), send.control.call_in()
    send.control.talk(BOB)
    assert [info["id"] for info in send("GET", "/sessions/my").get_json()["sessions"]] == [mine.id, ringing.id]
    assert len(send("GET", "/sessions/active").get_json()["sessions"]) == 3


def test_a_session_given_away_is_not_mine_any_more(send: Client) -> None:
    session = send.control.talk()
    send("POST", f"/sessions/{session.id}/redirect", json={"destination": "1002"})
    send.control.answer(send.control.session(session.id))
    assert send("GET", "/sessions/my").get_json()["sessions"] == []
    assert [info["id"] for info in send("GET", "/sessions/my", who="bob").get_json()["sessions"]] == [session.id]


def test_a_session_i_parked_is_mine_and_an_ended_one_is_nobodys(send: Client) -> None:
    session = send.control.talk()
    send("PATCH", f"/sessions/{session.id}", json={"queueState": "Hold"})
    assert len(send("GET", "/sessions/my").get_json()["sessions"]) == 1
    send.control.fact(session, f.CallProgressed(session.customer.call_sid or "", "completed"))
    assert send("GET", "/sessions/my").get_json()["sessions"] == []
    assert send("GET", "/sessions/active").get_json()["sessions"] == []
