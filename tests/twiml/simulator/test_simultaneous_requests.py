"""Requests at the same moment: one of them takes effect, the others are told the truth."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier

from tests.support.waiting import until
from tests.twiml.simulator.documents import enqueue, response, say
from tests.twiml.simulator.world import ALICE, LINE, World

MANY = 8


def at_once(request: Callable[[int], int]) -> list[int]:
    """The HTTP statuses of MANY requests that start together, sorted."""
    together = Barrier(MANY)

    def one(number: int) -> int:
        together.wait()
        return request(number)

    with ThreadPoolExecutor(MANY) as pool:
        return sorted(pool.map(one, range(MANY)))


def test_waiting_caller_is_given_to_one_of_many_who_take_it(world: World) -> None:
    name = f"race-{uuid.uuid4().hex[:8]}"
    caller = world.call_in(response(enqueue(name, waitUrl=world.app.url("/wait"))))
    world.wait_kind(caller, "queue")
    waiting = world.simulator.queue(name)
    assert waiting is not None
    url = world.app.on("/taken", response(say("your turn", loop=0)))
    path = f"/Queues/{waiting.sid}/Members/{caller}.json"
    statuses = at_once(lambda _: world.raw("POST", path, {"Url": url}).status_code)
    assert statuses == [200] + [404] * (MANY - 1)
    world.wait_now(caller, "say: your turn")
    assert len(world.app.received("/taken")) == 1


def test_label_is_given_to_one_of_many_who_want_it(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    path = f"/Conferences/{room}/Participants.json"
    form = {"From": LINE, "To": ALICE, "Label": "leg-1"}
    statuses = at_once(lambda _: world.raw("POST", path, form).status_code)
    assert statuses == [201] + [400] * (MANY - 1)
    world.simulator.ringing(ALICE)
    assert len(world.simulator.phone(ALICE)) == 1


def test_legs_created_at_once_in_a_new_room_share_one_conference(world: World) -> None:
    room = world.room_name()
    path = f"/Conferences/{room}/Participants.json"
    for number in range(MANY):
        world.simulator.set_phone(f"client:agent{number}", "answer")
    statuses = at_once(lambda n: world.raw("POST", path, {"From": LINE, "To": f"client:agent{n}"}).status_code)
    assert statuses == [201] * MANY
    until(lambda: len(world.room(room).participants) == MANY)
    assert len([item for item in world.simulator.conferences() if item.friendly_name == room]) == 1


def test_last_of_hold_and_retrieve_wins_and_all_sides_agree(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    path = f"/Conferences/{world.room(room).sid}/Participants/{caller}.json"
    hold = {"Hold": "true", "HoldUrl": world.app.url("/hold"), "HoldMethod": "POST"}
    statuses = at_once(lambda n: world.raw("POST", path, hold if n % 2 else {"Hold": "false"}).status_code)
    assert statuses == [200] * MANY
    held = world.raw("GET", path).json()["hold"]
    world.wait_kind(caller, "hold" if held else "conference")
    world.wait_kind(agent, "silence" if held else "conference")
    changes = [name for name in world.event_names() if name in ("participant-hold", "participant-unhold")]
    assert all(one != other for one, other in pairwise(changes))


def test_call_is_ended_once_by_many_who_end_it(world: World) -> None:
    call = world.call_in(response(say("hello", loop=0)), status_callback=world.app.url("/number"))
    world.wait_now(call, "say: hello")
    statuses = at_once(lambda _: world.raw("POST", f"/Calls/{call}.json", {"Status": "completed"}).status_code)
    assert set(statuses) <= {200, 400}
    assert statuses[0] == 200
    world.wait_ended(call)
    world.app.wait_for_one("/number", CallStatus="completed")
    assert len(world.app.received("/number")) == 1
