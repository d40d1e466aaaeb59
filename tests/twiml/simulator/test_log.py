"""The log: every exchange, in order, as it was on the wire."""

from __future__ import annotations

import re

from tests.support.waiting import until
from tests.support.webhook_receiver import Reply
from tests.twiml.simulator.documents import pause, play, response, say
from tests.twiml.simulator.media import wav
from tests.twiml.simulator.world import CALLER, LINE, World


def test_rest_request_is_logged_with_form_and_reply(world: World) -> None:
    start = world.simulator.log_position()
    call = world.client.calls.create(to="client:alice", from_=LINE, twiml=response(pause(60))).sid
    entry = next(e for e in world.simulator.log(start) if e.kind == "rest")
    assert (entry.method, entry.status) == ("POST", 201)
    assert entry.url.endswith(f"/Accounts/{world.simulator.account().sid}/Calls.json")
    assert entry.fields["To"] == "client:alice"
    assert call in (entry.response or "")


def test_repeated_form_fields_stay_repeated(world: World) -> None:
    start = world.simulator.log_position()
    world.client.calls.create(
        to="client:alice",
        from_=LINE,
        twiml=response(pause(60)),
        status_callback=world.app.url("/progress"),
        status_callback_event=["initiated", "answered"],
    )
    entry = next(e for e in world.simulator.log(start) if e.kind == "rest")
    assert [value for name, value in entry.params if name == "StatusCallbackEvent"] == ["initiated", "answered"]


def test_reading_request_is_logged_with_its_query(world: World) -> None:
    start = world.simulator.log_position()
    world.client.calls.list(status="ringing", page_size=5)
    entry = next(e for e in world.simulator.log(start) if e.kind == "rest")
    assert entry.method == "GET"
    assert entry.url.split("?")[0].endswith("/Calls.json") and "PageSize=5" in entry.url
    assert (entry.fields["Status"], entry.fields["PageSize"]) == ("ringing", "5")


def test_refused_request_is_logged_too(world: World) -> None:
    start = world.simulator.log_position()
    world.raw("GET", "/Calls/CA" + "0" * 32 + ".json")
    assert [e.status for e in world.simulator.log(start) if e.kind == "rest"] == [404]


def test_webhook_is_logged_with_parameters_headers_and_the_document(world: World) -> None:
    document = response(say("hello", loop=0))
    call = world.call_in(document)
    world.wait_now(call, "say: hello")
    entry = next(e for e in world.simulator.log() if e.kind == "webhook")
    assert (entry.method, entry.url, entry.status, entry.response) == ("POST", world.app.url("/voice"), 200, document)
    assert (entry.fields["CallSid"], entry.fields["From"]) == (call, CALLER)
    names = {name.lower() for name in entry.headers}
    assert {"x-twilio-signature", "i-twilio-idempotency-token"} <= names


def test_sound_files_are_media_and_documents_are_webhooks(world: World) -> None:
    sound = world.app.on("/hello.wav", wav(5))
    call = world.call_in(response(play(sound), pause(60)))
    world.wait_now(call, f"play: {sound}")
    kinds = {e.url: e.kind for e in world.simulator.log() if e.kind != "rest"}
    assert kinds == {world.app.url("/voice"): "webhook", sound: "media"}


def test_wait_and_hold_documents_are_webhooks(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.hold(room, caller)
    world.wait_now(caller, "say: you are on hold")
    webhooks = {e.url for e in world.simulator.log() if e.kind == "webhook"}
    assert {world.app.url("/wait"), world.app.url("/hold"), world.app.url("/conference")} <= webhooks


def test_failed_answer_is_logged_with_its_status(world: World) -> None:
    world.call_in(Reply("broken", status=500))
    entry = until(lambda: [e for e in world.simulator.log() if e.kind == "webhook"])[0]
    assert (entry.status, entry.response) == (500, "broken")


def test_numbers_rise_and_since_cuts_exactly(world: World) -> None:
    for _ in range(3):
        world.client.calls.list(limit=1)
    entries = world.simulator.log()
    seqs = [e.seq for e in entries]
    assert seqs == sorted(set(seqs))
    assert [e.seq for e in world.simulator.log(seqs[1])] == [seq for seq in seqs if seq >= seqs[1]]
    assert world.simulator.log(world.simulator.log_position()) == []


def test_time_is_utc_iso_8601_with_milliseconds(world: World) -> None:
    world.client.calls.list(limit=1)
    at = world.simulator.log()[0].at
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|\+00:00)", at)


def test_steering_the_simulator_is_not_logged(world: World) -> None:
    world.simulator.conferences()
    world.simulator.advance(1)
    assert [e for e in world.simulator.log() if "/simulator/" in e.url] == []


def test_senseless_since_is_refused(world: World) -> None:
    assert world.simulator.ask("GET", "/log?since=yesterday").status_code in (400, 422)
