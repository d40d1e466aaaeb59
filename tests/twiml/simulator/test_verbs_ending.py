"""Redirect, Hangup, Reject: verbs after which nothing follows."""

from __future__ import annotations

import pytest

from tests.support.waiting import until
from tests.twiml.simulator.documents import element, pause, redirect, response, say
from tests.twiml.simulator.world import World


def test_redirect_leaves_the_rest_of_the_document_unread(world: World) -> None:
    other = world.app.on("/other", response(say("other", loop=0)))
    call = world.call_in(response(redirect(other), say("never")))
    world.wait_now(call, "say: other")
    assert "say: never" not in world.simulator.call(call).nows


def test_redirect_asks_by_post_unless_told_otherwise(world: World) -> None:
    world.app.on("/other", response(redirect("/third", method="GET")))
    world.app.on("/third", response(pause(60)))
    world.call_in(response(redirect("/other")))
    world.app.wait_for_one("/third")
    assert [r.method for r in world.app.received() if r.path in ("/other", "/third")] == ["POST", "GET"]


def test_hangup_ends_the_call_at_once(world: World) -> None:
    call = world.call_in(response(element("Hangup"), say("never")))
    assert world.wait_ended(call) == "completed"
    assert world.simulator.call(call).nows == []


@pytest.mark.parametrize(("attributes", "status"), [({}, "no-answer"), ({"reason": "busy"}, "busy")])
def test_rejected_call_was_never_answered(world: World, attributes: dict[str, str], status: str) -> None:
    call = world.call_in(response(element("Reject", **attributes)), status_callback=world.app.url("/number"))
    assert world.wait_ended(call) == status
    assert world.app.wait_for_one("/number").params["CallStatus"] == status
    assert world.client.calls(call).fetch().status == status


def test_reject_after_speech_finds_the_call_answered(world: World) -> None:
    call = world.call_in(response(say("hello"), element("Reject")))
    world.wait_now(call, "say: hello")
    world.simulator.advance(2)
    until(lambda: world.simulator.call(call).status == "completed")


def test_number_without_a_voice_url_cannot_be_reached(world: World) -> None:
    world.set_number(voice_url="")
    call = world.simulator.place_call("+15550100001", "+15550001000")
    assert world.wait_ended(call) == "failed"
