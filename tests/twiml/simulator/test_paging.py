"""Lists: one collection key, Twilio's paging keys, addresses relative to the host."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.twiml.simulator.documents import enqueue, response
from tests.twiml.simulator.world import World

PAGING_KEYS = {
    "page",
    "page_size",
    "start",
    "end",
    "uri",
    "first_page_uri",
    "previous_page_uri",
    "next_page_uri",
}


@pytest.fixture
def five_queues(world: World) -> Iterator[set[str]]:
    created = [world.client.queues.create(friendly_name=f"page-{uuid.uuid4().hex[:8]}") for _ in range(5)]
    yield {queue.sid for queue in created}
    for queue in created:
        queue.delete()


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/Calls.json", "calls"),
        ("/Conferences.json", "conferences"),
        ("/Queues.json", "queues"),
        ("/IncomingPhoneNumbers.json", "incoming_phone_numbers"),
        ("/Applications.json", "applications"),
    ],
)
def test_list_has_the_paging_keys_and_exactly_one_collection(world: World, path: str, key: str) -> None:
    body = world.raw("GET", path).json()
    assert set(body) == PAGING_KEYS | {key}
    assert isinstance(body[key], list)
    assert body["page"] == 0
    assert body["page_size"] == 50


def test_participants_and_queue_members_are_listed_under_their_own_keys(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    participants = world.raw("GET", f"/Conferences/{world.room(room).sid}/Participants.json").json()
    assert set(participants) == PAGING_KEYS | {"participants"}
    queue = world.client.queues.create(friendly_name=f"members-{uuid.uuid4().hex[:8]}")
    members = world.raw("GET", f"/Queues/{queue.sid}/Members.json").json()
    assert set(members) == PAGING_KEYS | {"queue_members"}
    assert (members["start"], members["end"], members["queue_members"]) == (0, 0, [])
    queue.delete()


def test_walking_the_pages_finds_every_record_once(world: World, five_queues: set[str]) -> None:
    seen: list[str] = []
    path: str | None = "/2010-04-01/Accounts/" + world.simulator.account().sid + "/Queues.json?PageSize=2"
    while path:
        body = world.raw("GET", path).json()
        assert body["page_size"] == 2
        assert len(body["queues"]) <= 2
        assert body["start"] == len(seen)
        if body["queues"]:
            assert body["end"] == len(seen) + len(body["queues"]) - 1
        seen += [queue["sid"] for queue in body["queues"]]
        path = body["next_page_uri"]
        assert path is None or path.startswith("/2010-04-01/Accounts/")
    assert five_queues <= set(seen)
    assert len(seen) == len(set(seen))


def test_first_page_has_no_previous_page_and_the_second_leads_back_to_it(world: World, five_queues: set[str]) -> None:
    first = world.raw("GET", "/Queues.json", params={"PageSize": "2"}).json()
    assert first["previous_page_uri"] is None
    second = world.raw("GET", first["next_page_uri"]).json()
    assert second["page"] == 1
    back = world.raw("GET", second["previous_page_uri"]).json()
    assert [queue["sid"] for queue in back["queues"]] == [queue["sid"] for queue in first["queues"]]


def test_twilios_client_streams_all_pages(world: World, five_queues: set[str]) -> None:
    streamed = {queue.sid for queue in world.client.queues.stream(page_size=2)}
    assert five_queues <= streamed


@pytest.mark.parametrize("size", ["0", "1001", "many"])
def test_page_size_outside_1_to_1000_is_a_client_error(world: World, size: str) -> None:
    answer = world.raw("GET", "/Calls.json", params={"PageSize": size})
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


def test_the_largest_page_holds_a_thousand(world: World) -> None:
    assert world.raw("GET", "/Calls.json", params={"PageSize": "1000"}).json()["page_size"] == 1000


def test_list_of_queue_members_is_front_first_and_counts_from_one(world: World) -> None:
    name = f"line-{uuid.uuid4().hex[:8]}"
    callers = []
    for caller in ("+15550100001", "+15550100002"):
        callers.append(world.call_in(response(enqueue(name, waitUrl=world.app.url("/wait"))), caller))
        world.wait_kind(callers[-1], "queue")
    waiting = world.simulator.queue(name)
    assert waiting is not None
    members = world.client.queues(waiting.sid).members.list()
    assert [(member.call_sid, member.position) for member in members] == [(callers[0], 1), (callers[1], 2)]
