"""Announcements: to one participant or to the room."""

from __future__ import annotations

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import element, response, say
from tests.twiml.simulator.world import World

SECONDS_20 = "an announcement ".ljust(20 * 15, "x")


def test_announcement_to_one_is_heard_by_that_one_only_and_the_talk_goes_on(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    url = world.app.on("/announce", response(say(SECONDS_20)))
    reply = world.participant(room, agent).update(announce_url=url)
    assert reply.call_sid == agent
    world.wait_now(agent, f"say: {SECONDS_20}")
    assert f"say: {SECONDS_20}" not in world.simulator.call(caller).nows
    world.simulator.advance(22)
    world.wait_now(agent, None)
    world.wait_hears(agent, caller)
    ended = world.event("announcement-end")
    assert (ended.params["AnnounceUrl"], ended.params["CallSid"]) == (url, agent)


def test_announcement_to_the_room_is_heard_by_all_who_are_not_held(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    url = world.app.on("/announce", response(say(SECONDS_20)))
    world.client.conferences(world.room(room).sid).update(announce_url=url)
    world.wait_now(agent, f"say: {SECONDS_20}")
    world.wait_now(caller, f"say: {SECONDS_20}")
    world.simulator.advance(22)
    assert "CallSid" not in world.event("announcement-end").params


def test_announcement_is_asked_for_by_post_unless_told_otherwise(world: World) -> None:
    room = world.room_name()
    _, agent = world.talk(room)
    url = world.app.on("/announce", response(say("short")))
    world.participant(room, agent).update(announce_url=url)
    assert world.app.wait_for_one("/announce").method == "POST"
    world.participant(room, agent).update(announce_url=url, announce_method="GET")
    assert until(lambda: world.app.received("/announce")[1:])[0].method == "GET"


def test_dialled_digits_are_announced_without_leaving_the_room(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    url = world.app.on("/dtmf", response(element("Play", digits="1234#")))
    world.participant(room, caller).update(announce_url=url)
    world.app.wait_for_one("/dtmf")
    world.simulator.advance(3)
    world.event("announcement-end", CallSid=caller)
    always(lambda: world.simulator.hearing(caller).others == {agent})
    assert "participant-leave" not in world.event_names()
