"""Reset: everybody hangs up, everybody is told, and the world is as new."""

from __future__ import annotations

import time

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import enqueue, looping, pause, response, say
from tests.twiml.simulator.world import ALICE, BOB, CALLER, LINE, SECOND_CALLER, World


def test_live_calls_end_as_if_their_people_hung_up(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.simulator.reset()
    left = {r.params["CallSid"]: r for r in world.app.received("/conference", StatusCallbackEvent="participant-leave")}
    assert set(left) == {caller, agent}
    assert {r.params["ReasonParticipantLeft"] for r in left.values()} == {"participant_hung_up"}
    assert world.app.received("/conference", StatusCallbackEvent="conference-end")
    assert world.simulator.conferences() == []
    assert world.simulator.phone(CALLER) == world.simulator.phone(ALICE) == []


def test_waiting_and_ringing_calls_end_too(world: World) -> None:
    wait = world.app.on("/queue-wait", looping("waiting"))
    action = world.app.on("/left", response())
    caller = world.call_in(response(enqueue("resetting", waitUrl=wait, action=action)), SECOND_CALLER)
    world.wait_kind(caller, "queue")
    world.client.calls.create(to=BOB, from_=LINE, twiml=response(pause(60)), status_callback=world.app.url("/progress"))
    world.simulator.ringing(BOB)
    world.simulator.reset()
    assert world.app.received("/left")[0].params["QueueResult"] == "hangup"
    assert world.app.received("/progress")
    assert world.simulator.phone(BOB) == []
    assert all(queue.members == () for queue in world.simulator.queues())


def test_phones_faults_and_log_are_as_new(world: World) -> None:
    world.simulator.set_phone(ALICE, "answer")
    world.simulator.faults(rest_429=1, seed=1)
    world.simulator.reset()
    assert world.simulator.log() == []
    world.client.calls.create(to=ALICE, from_=LINE, twiml=response(pause(60)))
    world.simulator.ringing(ALICE)
    always(lambda: world.simulator.phone(ALICE)[0].status == "ringing", during=0.2)


def test_final_callbacks_have_been_delivered_when_the_reset_answers(world: World) -> None:
    call = world.call_in(response(say("hello", loop=0)), status_callback=world.app.url("/number"))
    world.wait_now(call, "say: hello")
    world.simulator.reset()
    assert [r.params["CallStatus"] for r in world.app.received("/number")] == ["completed"]


def test_numbers_keep_their_settings(world: World) -> None:
    call = world.call_in(response(say("hello", loop=0)))
    world.wait_now(call, "say: hello")
    world.simulator.reset()
    again = world.simulator.place_call(CALLER, LINE)
    world.wait_now(again, "say: hello")


def test_account_stays_the_same(world: World) -> None:
    before = world.simulator.ask("GET", "/account").json()
    world.simulator.reset()
    assert world.simulator.ask("GET", "/account").json() == before


def test_old_calls_are_forgotten(world: World) -> None:
    call = world.call_in(response(say("hello", loop=0)))
    world.wait_now(call, "say: hello")
    world.simulator.reset()
    until(lambda: world.simulator.ask("GET", f"/calls/{call}").status_code == 404)


def test_reset_of_a_busy_world_is_quick(world: World) -> None:
    for number in range(10):
        world.call_in(response(say("hello", loop=0)), f"+1555010010{number}")
    started = time.monotonic()
    world.simulator.reset()
    assert time.monotonic() - started < 6


def test_reset_twice_is_as_good_as_once(world: World) -> None:
    world.simulator.reset()
    world.simulator.reset()
    assert world.simulator.log() == []
