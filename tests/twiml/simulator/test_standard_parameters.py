"""What every voice request tells the application, and that requests for sound files tell nothing."""

from __future__ import annotations

from tests.twiml.simulator.documents import conference, dial, enqueue, gather, play, redirect, response, say
from tests.twiml.simulator.media import wav
from tests.twiml.simulator.world import ALICE, CALLER, LINE, World


def test_first_request_of_an_incoming_call_tells_who_calls_whom(world: World) -> None:
    call = world.call_in(response(say("hello", loop=0)))
    asked = world.app.wait_for_one("/voice")
    expected = {
        "CallSid": call,
        "AccountSid": world.simulator.account().sid,
        "ApiVersion": "2010-04-01",
        "From": CALLER,
        "Caller": CALLER,
        "To": LINE,
        "Called": LINE,
        "CallStatus": "ringing",
        "Direction": "inbound",
    }
    assert {name: asked.params.get(name) for name in expected} == expected
    assert "ParentCallSid" not in asked.params


def test_later_requests_of_the_call_are_in_progress(world: World) -> None:
    world.app.on("/next", response(say("next", loop=0)))
    call = world.call_in(response(say("hello"), redirect(world.app.url("/next"))))
    world.wait_now(call, "say: hello")
    world.simulator.advance(2)
    asked = world.app.wait_for_one("/next")
    assert (asked.params["CallStatus"], asked.params["Direction"]) == ("in-progress", "inbound")


def test_document_of_an_outgoing_call_is_asked_for_when_it_is_answered(world: World) -> None:
    url = world.app.on("/out", response(say("hello", loop=0)))
    call = world.client.calls.create(to=ALICE, from_=LINE, url=url)
    ringing = world.simulator.ringing(ALICE)
    assert world.app.received("/out") == []
    world.simulator.answer(ringing)
    asked = world.app.wait_for_one("/out")
    assert asked.params["CallSid"] == call.sid == ringing
    assert (asked.params["CallStatus"], asked.params["Direction"]) == ("in-progress", "outbound-api")
    assert (asked.params["From"], asked.params["To"]) == (LINE, ALICE)


def test_params_of_a_softphone_call_arrive_as_plain_fields(world: World) -> None:
    url = world.app.on("/voice", response(say("hello", loop=0)))
    world.set_number(voice_url=url, voice_method="POST")
    call = world.simulator.place_call(ALICE, LINE, {"purpose": "consult", "Leg": "7"})
    asked = world.app.wait_for_one("/voice")
    assert (asked.params["purpose"], asked.params["Leg"]) == ("consult", "7")
    assert (asked.params["From"], asked.params["CallSid"]) == (ALICE, call)


def test_wait_document_of_a_conference_is_asked_for_with_the_call(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    asked = world.app.wait_for_one("/wait")
    assert asked.params["CallSid"] == caller
    assert asked.params["CallStatus"] == "in-progress"


def test_wait_document_of_a_queue_is_asked_for_with_the_queue(world: World) -> None:
    world.app.on("/queue-wait", response(say("you are waiting")))
    call = world.call_in(response(enqueue("parameters", waitUrl=world.app.url("/queue-wait"))))
    asked = world.app.wait_for_one("/queue-wait")
    assert asked.params["CallSid"] == call
    waiting = world.simulator.queue("parameters")
    assert waiting is not None
    assert asked.params["QueueSid"] == waiting.sid
    assert (asked.params["QueuePosition"], asked.params["CurrentQueueSize"]) == ("1", "1")
    assert (asked.params["QueueTime"], asked.params["MaxQueueSize"]) == ("0", "1000")
    assert asked.params["AvgQueueTime"].isdigit()


def test_gathered_digits_come_with_the_standard_parameters(world: World) -> None:
    action = world.app.on("/pressed", response())
    call = world.call_in(response(gather(say("press"), action=action, numDigits=2)))
    world.wait_now(call, "say: press")
    world.simulator.digits(call, "42")
    asked = world.app.wait_for_one("/pressed")
    assert (asked.params["Digits"], asked.params["CallSid"], asked.params["From"]) == ("42", call, CALLER)


def test_request_for_a_sound_file_carries_no_call_parameters(world: World) -> None:
    sound = world.app.on("/hello.wav", wav(5))
    call = world.call_in(response(play(sound)))
    world.wait_now(call, f"play: {sound}")
    asked = world.app.wait_for_one("/hello.wav")
    assert asked.method == "GET"
    assert (dict(asked.query), dict(asked.form)) == ({}, {})


def test_request_for_hold_music_inside_a_wait_document_carries_no_call_parameters(world: World) -> None:
    sound = world.app.on("/music.wav", wav(5))
    world.app.on("/music", response(play(sound), redirect()))
    call = world.call_in(response(dial(conference("music room", waitUrl=world.app.url("/music")))))
    world.wait_now(call, f"play: {sound}")
    assert dict(world.app.wait_for_one("/music.wav").query) == {}
