"""Connection overrides: how often, how long and for which failures a webhook is tried."""

from __future__ import annotations

import pytest

from tests.support.processes import free_port
from tests.support.waiting import always, until
from tests.support.webhook_receiver import Reply
from tests.twiml.simulator.documents import response, say
from tests.twiml.simulator.world import ALICE, CALLER, LINE, World

HELLO = response(say("hello", loop=0))
BROKEN = Reply(HELLO, status=503)


def dial_in(world: World, path_and_overrides: str) -> str:
    """A call whose voice URL is this path with its overrides; the fallback says so."""
    fallback = world.app.on("/fallback", response(say("fallback", loop=0)))
    url = path_and_overrides if "://" in path_and_overrides else world.app.url(path_and_overrides)
    world.set_number(voice_url=url, voice_method="POST", voice_fallback_url=fallback)
    return world.simulator.place_call(CALLER, LINE)


def test_server_error_is_not_retried_by_default(world: World) -> None:
    world.app.on("/voice", BROKEN)
    call = dial_in(world, "/voice")
    world.wait_now(call, "say: fallback")
    assert len(world.app.received("/voice")) == 1


def test_server_errors_are_retried_when_asked_for_with_the_same_token(world: World) -> None:
    world.app.in_turn("/voice", BROKEN, BROKEN, HELLO)
    call = dial_in(world, "/voice#rc=2&rp=5xx")
    world.wait_now(call, "say: hello")
    tries = world.app.received("/voice")
    assert len(tries) == 3
    assert len({request.headers["I-Twilio-Idempotency-Token"] for request in tries}) == 1


def test_retries_are_counted(world: World) -> None:
    world.app.on("/voice", BROKEN)
    call = dial_in(world, "/voice#rc=1&rp=5xx")
    world.wait_now(call, "say: fallback")
    assert len(world.app.received("/voice")) == 2


def test_client_error_is_retried_only_under_its_own_policy(world: World) -> None:
    world.app.in_turn("/voice", Reply(status=404), HELLO)
    call = dial_in(world, "/voice#rc=3&rp=5xx")
    world.wait_now(call, "say: fallback")
    assert len(world.app.received("/voice")) == 1
    world.app.in_turn("/voice-4xx", Reply(status=404), HELLO)
    call = dial_in(world, "/voice-4xx#rc=3&rp=4xx,5xx")
    world.wait_now(call, "say: hello")


def test_answer_slower_than_the_read_timeout_is_not_waited_for(world: World) -> None:
    world.app.on("/voice", Reply(HELLO, delay=3))
    call = dial_in(world, "/voice#rt=200")
    world.wait_now(call, "say: fallback")
    asked = world.app.wait_for_one("/fallback")
    assert asked.params["ErrorUrl"].startswith(world.app.url("/voice"))


def test_read_timeout_is_retried_when_asked_for(world: World) -> None:
    world.app.in_turn("/voice", Reply(HELLO, delay=3), HELLO)
    call = dial_in(world, "/voice#rt=200&rc=1&rp=rt")
    world.wait_now(call, "say: hello")


def test_total_time_bounds_all_tries_together(world: World) -> None:
    world.app.on("/voice", Reply(HELLO, delay=3))
    call = dial_in(world, "/voice#rt=300&tt=500&rc=5&rp=all")
    world.wait_now(call, "say: fallback")
    assert len(world.app.received("/voice")) <= 2


def test_refused_connection_is_tried_once_more_by_default(world: World) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/voice"
    call = dial_in(world, nobody)
    world.wait_now(call, "say: fallback")
    tries = [entry for entry in world.simulator.log() if entry.url.startswith(nobody)]
    assert len(tries) == 2
    assert {entry.status for entry in tries} == {None}
    assert len({entry.headers["I-Twilio-Idempotency-Token"] for entry in tries}) == 1


def test_refused_connection_is_not_retried_with_retries_off(world: World) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/voice"
    call = dial_in(world, nobody + "#rc=0")
    world.wait_now(call, "say: fallback")
    assert len([entry for entry in world.simulator.log() if entry.url.startswith(nobody)]) == 1


def test_status_callbacks_obey_overrides_too(world: World) -> None:
    world.app.in_turn("/progress", Reply(status=500), Reply(status=204))
    world.client.calls.create(
        to=ALICE,
        from_=LINE,
        twiml=HELLO,
        status_callback=world.app.url("/progress#rc=1&rp=5xx"),
        status_callback_event=["initiated"],
    )
    tries = world.app.wait_for("/progress", count=2)
    assert {request.params["SequenceNumber"] for request in tries} == {"0"}
    assert len({request.headers["I-Twilio-Idempotency-Token"] for request in tries}) == 1


@pytest.mark.parametrize("retries", ["6", "9" * 5000, "²"], ids=["too many", "thousands of digits", "no digit"])
def test_overrides_out_of_their_range_are_refused(world: World, retries: str) -> None:
    callback = world.app.url(f"/progress#rc={retries}")
    form = {"To": ALICE, "From": LINE, "Twiml": HELLO, "StatusCallback": callback}
    answer = world.raw("POST", "/Calls.json", form)
    assert (answer.status_code, answer.json()["code"]) == (400, 21205)


def test_lost_status_callback_is_not_sent_again_by_default(world: World) -> None:
    world.app.on("/progress", Reply(status=500))
    world.client.calls.create(
        to=ALICE,
        from_=LINE,
        twiml=HELLO,
        status_callback=world.app.url("/progress"),
        status_callback_event=["initiated"],
    )
    world.app.wait_for_one("/progress")
    always(lambda: len(world.app.received("/progress")) == 1)


def test_overrides_work_in_attributes_of_a_document(world: World) -> None:
    room = world.room_name()
    world.app.in_turn("/flaky-wait", BROKEN, response(say("please wait", loop=0)))
    caller = world.caller_joins(room, waitUrl=world.app.url("/flaky-wait#rc=1&rp=5xx"))
    world.wait_now(caller, "say: please wait")
    until(lambda: len(world.app.received("/flaky-wait")) == 2)
