"""Chaos on demand: what it does to callbacks and REST replies, and what it leaves alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import looping, response, say
from tests.twiml.simulator.world import ALICE, BOB, LINE, World

HELLO = response(say("hello", loop=0))
PROGRESS = ["initiated", "ringing", "answered", "completed"]


def call_alice(world: World) -> str:
    """A followed call that alice answers at once; waits until her leg hears the document."""
    world.simulator.set_phone(ALICE, "answer")
    call = world.client.calls.create(
        to=ALICE,
        from_=LINE,
        url=world.app.on("/out", HELLO),
        status_callback=world.app.url("/progress"),
        status_callback_event=PROGRESS,
    )
    world.wait_now(call.sid, "say: hello")
    return str(call.sid)


def test_duplicate_delivers_every_callback_twice_with_one_token(world: World) -> None:
    world.simulator.faults(duplicate=1, seed=1)
    call_alice(world)
    told = world.app.wait_for("/progress", count=6)
    for number in ("0", "1", "2"):
        twins = [r for r in told if r.params["SequenceNumber"] == number]
        assert len(twins) == 2
        assert len({r.headers["I-Twilio-Idempotency-Token"] for r in twins}) == 1
        assert twins[0].params == twins[1].params


def test_duplicate_leaves_documents_alone(world: World) -> None:
    world.simulator.faults(duplicate=1, seed=1)
    call_alice(world)
    always(lambda: len(world.app.received("/out")) == 1)


def test_dropped_callbacks_are_logged_but_never_arrive(world: World) -> None:
    world.simulator.faults(drop=1, seed=1)
    call_alice(world)
    lost = until(lambda: [e for e in world.simulator.log() if e.url == world.app.url("/progress")][2:] or None)
    assert lost
    assert {e.status for e in world.simulator.log() if e.url == world.app.url("/progress")} == {None}
    assert world.app.received("/progress") == []


def test_drop_touches_conference_callbacks_too_but_nobody_is_disconnected(world: World) -> None:
    world.simulator.faults(drop=1, seed=1)
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.wait_now(caller, "say: you are on hold")
    assert world.app.received("/conference") == []
    assert world.room(room).member(agent)


def test_reorder_lets_callbacks_overtake_each_other(world: World) -> None:
    world.simulator.faults(reorder=0.5, seed=7)
    for who in (ALICE, BOB, "client:carol", "client:dave"):
        world.simulator.set_phone(who, "answer")
        world.client.calls.create(
            to=who,
            from_=LINE,
            url=world.app.on("/out", HELLO),
            status_callback=world.app.url("/progress"),
            status_callback_event=PROGRESS,
        )
    told = world.app.wait_for("/progress", count=12)
    in_order = 0
    for call in {r.params["CallSid"] for r in told}:
        numbers = [int(r.params["SequenceNumber"]) for r in told if r.params["CallSid"] == call]
        assert sorted(numbers) == [0, 1, 2]
        in_order += numbers == [0, 1, 2]
    assert in_order < 4


def test_delay_is_an_upper_bound_and_loses_nothing(world: World) -> None:
    world.simulator.faults(delay_ms=300, seed=3)
    started = time.monotonic()
    call_alice(world)
    told = world.app.wait_for("/progress", count=3)
    assert time.monotonic() - started < 3
    assert {r.params["CallStatus"] for r in told} == {"initiated", "ringing", "in-progress"}


def test_429_has_no_effect_and_twilios_code(world: World) -> None:
    world.simulator.faults(rest_429=1, seed=1)
    with pytest.raises(TwilioRestException) as refused:
        world.client.calls.create(to=ALICE, from_=LINE, twiml=HELLO)
    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert world.simulator.phone(ALICE) == []


def test_reading_is_not_touched_by_rest_faults(world: World) -> None:
    world.simulator.faults(rest_429=1, seed=1)
    assert isinstance(world.client.calls.list(limit=1), list)


def test_500_after_effect_has_taken_effect(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    member = world.participant(room, caller)
    world.simulator.faults(rest_500_after_effect=1, seed=1)
    with pytest.raises(TwilioRestException) as failed:
        member.update(hold=True, hold_url=world.app.url("/hold"), hold_method="POST")
    assert (failed.value.status, failed.value.code) == (500, 20500)
    world.wait_now(caller, "say: you are on hold")


def test_every_500_in_the_log_took_effect(world: World) -> None:
    world.simulator.faults(rest_500_after_effect=0.5, seed=5)
    outcomes = []
    for phone in [f"client:phone{number}" for number in range(16)]:
        answer = world.raw("POST", "/Calls.json", {"To": phone, "From": LINE, "Twiml": HELLO})
        outcomes.append(answer.status_code)
        world.simulator.ringing(phone)
    assert set(outcomes) == {201, 500}


def test_timed_out_request_gets_no_answer_in_time_and_is_logged_so(world: World) -> None:
    world.simulator.faults(rest_timeout=1, seed=1)
    impatient = world.simulator.rest(timeout=0.5)
    with pytest.raises(requests.exceptions.Timeout):
        impatient.calls.create(to=ALICE, from_=LINE, twiml=HELLO)
    entries = until(lambda: [e for e in world.simulator.log() if e.kind == "rest" and e.url.endswith("/Calls.json")])
    assert entries[-1].status is None


def test_timed_out_request_may_or_may_not_have_taken_effect(world: World) -> None:
    world.simulator.faults(rest_timeout=1, seed=2)
    impatient = world.simulator.rest(timeout=1)
    phones = [f"client:phone{number}" for number in range(10)]

    def ring(phone: str) -> None:
        with pytest.raises(requests.exceptions.Timeout):
            impatient.calls.create(to=phone, from_=LINE, twiml=HELLO)

    with ThreadPoolExecutor(len(phones)) as pool:
        list(pool.map(ring, phones))
    rung = [phone for phone in phones if world.simulator.phone(phone)]
    assert 0 < len(rung) < len(phones)


def test_new_faults_replace_the_old_ones(world: World) -> None:
    world.simulator.faults(drop=1, seed=1)
    world.simulator.faults(duplicate=0)
    call_alice(world)
    world.app.wait_for("/progress", count=3)


@pytest.mark.parametrize(
    "wrong", [{"drop": 2}, {"drop": -0.1}, {"drop": "often"}, {"delay_ms": -1}, {"explode": 1}], ids=str
)
def test_senseless_fault_is_refused(world: World, wrong: dict[str, object]) -> None:
    assert 400 <= world.simulator.ask("PUT", "/faults", wrong).status_code < 500


def test_same_seed_gives_the_same_misfortune(world: World) -> None:
    def misfortune() -> list[int]:
        world.simulator.faults(rest_429=0.5, seed=11)
        form = {"FriendlyName": "x" * 65}
        return [world.raw("POST", "/Queues.json", form).status_code for _ in range(12)]

    first = misfortune()
    assert set(first) == {400, 429}
    assert misfortune() == first


def test_webhooks_may_come_before_the_rest_reply_that_causes_them(world: World) -> None:
    """Twilio: a callback and the answer of the request that caused it are independent of each other."""
    room = world.room_name()
    caller, _ = world.talk(room)
    member = world.participant(room, caller)
    world.simulator.policy(rest_reply_delay_ms=600)
    world.app.on("/early-hold", looping("early"))
    member.update(hold=True, hold_url=world.app.url("/early-hold"), hold_method="POST")
    assert world.app.received("/conference", StatusCallbackEvent="participant-hold")
