"""Every request to the application is signed over exactly the URL that was given, and carries Twilio's headers."""

from __future__ import annotations

import base64

import pytest

from tests.support.webhook_receiver import Received
from tests.twiml.simulator.documents import dial, enqueue, redirect, response, say
from tests.twiml.simulator.world import ALICE, CALLER, LINE, World

HELLO = response(say("hello", loop=0))


def is_signed(world: World, request: Received) -> bool:
    return request.is_signed_with(world.simulator.account().auth_token)


def test_all_requests_of_a_conversation_are_signed(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.wait_kind(caller, "hold")
    world.app.on("/announce", response(say("hello")))
    world.participant(room, agent).update(announce_url=world.app.url("/announce"))
    world.app.wait_for_one("/announce")
    world.simulator.hangup(caller)
    world.event("participant-leave")
    requests = world.app.received()
    assert {"/voice", "/wait", "/conference", "/hold", "/announce"} <= {request.path for request in requests}
    unsigned = [request.url for request in requests if not is_signed(world, request)]
    assert unsigned == []


def test_signature_with_another_token_does_not_fit(world: World) -> None:
    world.call_in(HELLO)
    assert not world.app.wait_for_one("/voice").is_signed_with("another token")


@pytest.mark.parametrize(
    "query", ["room=a%20b&x=%27", "b=2&a=1", "x=%2B1&y=a+b", "empty=&flag", "q='quoted'", "u=%C3%BC"]
)
def test_query_of_the_url_arrives_untouched_and_is_signed(world: World, query: str) -> None:
    world.app.on("/signed", HELLO)
    world.set_number(voice_url=world.app.url("/signed?" + query), voice_method="POST")
    world.simulator.place_call(CALLER, LINE)
    asked = world.app.wait_for_one("/signed")
    assert asked.url == world.app.url("/signed?" + query)
    assert is_signed(world, asked)


def test_get_request_has_the_parameters_after_the_existing_query(world: World) -> None:
    world.app.on("/signed", HELLO)
    world.set_number(voice_url=world.app.url("/signed?zebra=1&alpha=2"), voice_method="GET")
    call = world.simulator.place_call(CALLER, LINE)
    asked = world.app.wait_for_one("/signed")
    assert asked.url.startswith(world.app.url("/signed?zebra=1&alpha=2&"))
    assert asked.query["CallSid"] == call
    assert asked.query["From"] == CALLER
    assert is_signed(world, asked)


def test_fragment_is_neither_sent_nor_signed(world: World) -> None:
    world.app.on("/signed", HELLO)
    world.set_number(voice_url=world.app.url("/signed?x=1#rc=2&rt=3000"), voice_method="POST")
    world.simulator.place_call(CALLER, LINE)
    asked = world.app.wait_for_one("/signed")
    assert asked.url == world.app.url("/signed?x=1")
    assert is_signed(world, asked)


def test_user_and_password_go_into_a_header_and_not_into_the_signature(world: World) -> None:
    world.app.on("/signed", HELLO)
    world.set_number(voice_url=world.app.url("/signed").replace("//", "//user:secret@"), voice_method="POST")
    world.simulator.place_call(CALLER, LINE)
    asked = world.app.wait_for_one("/signed")
    expected = base64.b64encode(b"user:secret").decode()
    assert asked.headers["Authorization"] == f"Basic {expected}"
    assert is_signed(world, asked)


def test_signed_request_has_twilios_headers(world: World) -> None:
    world.call_in(HELLO)
    headers = world.app.wait_for_one("/voice").headers
    assert headers["Content-Type"].replace(" ", "").lower() == "application/x-www-form-urlencoded;charset=utf-8"
    assert headers["User-Agent"] == "TwilioProxy/1.1"
    assert headers["Accept"] == "*/*"
    assert headers["I-Twilio-Idempotency-Token"]


def test_each_event_has_an_idempotency_token_of_its_own(world: World) -> None:
    room = world.room_name()
    world.talk(room)
    world.app.wait_for("/conference", count=3)
    requests = world.app.received()
    tokens = [request.headers["I-Twilio-Idempotency-Token"] for request in requests]
    assert len(tokens) == len(set(tokens)) >= 5


def test_action_with_a_query_is_signed_as_written_in_the_document(world: World) -> None:
    world.simulator.set_phone(ALICE, "busy")
    action = world.app.on("/after", HELLO) + "?session=a%2Fb&n=1"
    world.call_in(response(dial("<Client>alice</Client>", action=action)))
    asked = world.app.wait_for_one("/after")
    assert asked.url == action
    assert is_signed(world, asked)


def test_redirected_and_queued_requests_are_signed_for_their_own_url(world: World) -> None:
    world.app.on("/queue-wait", response(say("waiting")))
    world.app.on("/second", response(enqueue("signed", waitUrl="/queue-wait?lang=en")))
    world.call_in(response(redirect("second?x=1")))
    asked = world.app.wait_for_one("/queue-wait")
    assert asked.url == world.app.url("/queue-wait?lang=en")
    assert is_signed(world, asked)
    assert is_signed(world, world.app.wait_for_one("/second"))
