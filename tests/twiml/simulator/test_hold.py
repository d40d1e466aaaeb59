"""Hold: the leg stays in the room, hears its hold document and nobody, and is heard by nobody."""

from __future__ import annotations

import pytest

from tests.support.waiting import always, until
from tests.support.webhook_receiver import Reply
from tests.twiml.simulator.documents import looping, pause, play, redirect, response, say
from tests.twiml.simulator.media import wav
from tests.twiml.simulator.world import BOB, World


def test_held_caller_hears_the_message_and_nobody_while_the_others_talk(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    third = world.agent_joins(room, BOB)
    reply = world.hold(room, caller)
    assert reply.hold is True
    world.wait_now(caller, "say: you are on hold")
    hearing = world.simulator.hearing(caller)
    assert (hearing.kind, hearing.others) == ("hold", frozenset())
    world.wait_hears(agent, third)
    world.wait_hears(third, agent)
    assert world.room(room).member(caller).hold


def test_retrieved_caller_talks_again(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.wait_kind(caller, "hold")
    reply = world.participant(room, caller).update(hold=False)
    assert reply.hold is False
    world.wait_hears(caller, agent)
    world.wait_hears(agent, caller)


def test_hold_and_retrieve_are_told_by_callbacks(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.hold(room, caller)
    assert world.event("participant-hold", CallSid=caller).params["Hold"] == "true"
    world.participant(room, caller).update(hold=False)
    assert world.event("participant-unhold", CallSid=caller).params["Hold"] == "false"
    assert world.event_names()[-2:] == ["participant-hold", "participant-unhold"]


def test_hold_document_is_a_signed_webhook_with_the_leg(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.hold(room, caller)
    asked = world.app.wait_for_one("/hold")
    assert (asked.method, asked.params["CallSid"]) == ("POST", caller)
    assert asked.is_signed_with(world.simulator.account().auth_token)


def test_hold_document_is_asked_for_by_get_when_no_method_is_given(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.participant(room, caller).update(hold=True, hold_url=world.app.url("/hold"))
    assert world.app.wait_for_one("/hold").method == "GET"


def test_hold_document_that_redirects_to_itself_never_ends(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.hold(room, caller)
    for rounds in (1, 2, 3):
        world.app.wait_for("/hold", count=rounds)
        world.wait_now(caller, "say: you are on hold")
        world.simulator.advance(4)
    world.app.wait_for("/hold", count=4)
    assert {h.kind for h in world.simulator.call(caller).heard[-3:]} == {"hold"}


def test_hold_document_without_an_end_becomes_silence_but_stays_hold(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.app.on("/short", response(say("only once")))
    world.hold(room, caller, "/short")
    world.wait_now(caller, "say: only once")
    world.simulator.advance(5)
    world.wait_now(caller, None)
    assert world.simulator.hearing(caller).kind == "hold"
    assert len(world.app.received("/short")) == 1


def test_hold_url_may_be_a_sound_file(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.app.on("/music.wav", wav(20))
    world.participant(room, caller).update(hold=True, hold_url=world.app.url("/music.wav"), hold_method="GET")
    world.wait_now(caller, f"play: {world.app.url('/music.wav')}")


def test_melody_in_a_hold_document_keeps_its_name_across_rounds(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    melody = world.app.on("/melody.wav", wav(10))
    world.app.on("/music", response(play(melody), pause(1), redirect()))
    world.hold(room, caller, "/music")
    world.wait_now(caller, f"play: {melody}")
    for rounds in (2, 3):
        world.simulator.advance(12)
        world.app.wait_for("/music", count=rounds)
    world.wait_now(caller, f"play: {melody}")


def test_without_a_hold_url_there_is_music(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.participant(room, caller).update(hold=True)
    world.wait_kind(caller, "hold")
    until(lambda: (world.simulator.hearing(caller).now or "").startswith("play: "))


def test_hold_document_that_cannot_be_had_is_replaced_by_music(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.app.on("/nothing-here", Reply(status=404))
    world.hold(room, caller, "/nothing-here")
    world.wait_kind(caller, "hold")
    until(lambda: (world.simulator.hearing(caller).now or "").startswith("play: "))


def test_last_hold_message_wins(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.app.on("/other-hold", looping("still looking"))
    world.hold(room, caller)
    world.wait_now(caller, "say: you are on hold")
    world.hold(room, caller, "/other-hold")
    world.wait_now(caller, "say: still looking")


def test_mute_survives_hold_and_retrieve(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.participant(room, caller).update(muted=True)
    world.hold(room, caller)
    world.wait_kind(caller, "hold")
    world.participant(room, caller).update(hold=False)
    world.wait_hears(caller, agent)
    assert world.room(room).member(caller).muted
    assert world.simulator.hearing(agent).others == frozenset()


def test_end_conference_on_exit_of_a_held_leg_does_not_change_though_the_answer_is_200(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    path = f"/Conferences/{world.room(room).sid}/Participants/{caller}.json"
    answer = world.raw("POST", path, {"EndConferenceOnExit": "true"})
    assert answer.status_code == 200
    assert answer.json()["end_conference_on_exit"] is False
    assert world.raw("GET", path).json()["end_conference_on_exit"] is False
    world.simulator.hangup(caller)
    world.wait_kind(agent, "silence")
    assert world.room(room).status == "in-progress"


def test_end_conference_on_exit_set_before_the_hold_still_counts(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    updated = world.participant(room, caller).update(end_conference_on_exit=True)
    assert updated.end_conference_on_exit is True
    world.hold(room, caller)
    world.wait_kind(caller, "hold")
    world.simulator.hangup(caller)
    assert world.wait_ended(agent) == "completed"


def test_end_conference_on_exit_of_a_ringing_leg_cannot_be_changed(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    leg = world.client.conferences(room).participants.create(from_="+15550001000", to=BOB)
    world.simulator.ringing(BOB)
    path = f"/Conferences/{world.room(room).sid}/Participants/{leg.call_sid}.json"
    assert world.raw("POST", path, {"EndConferenceOnExit": "true"}).status_code in (400, 404)


def test_held_caller_who_hangs_up_leaves_like_any_other(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.simulator.hangup(caller)
    left = world.event("participant-leave", CallSid=caller)
    assert (left.params["ReasonParticipantLeft"], left.params["Hold"]) == ("participant_hung_up", "true")
    world.wait_kind(agent, "silence")


def test_only_other_party_hears_silence_while_the_caller_is_held(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.wait_kind(agent, "silence")
    assert world.simulator.hearing(agent).others == frozenset()


def test_held_leg_redirected_by_rest_is_gone_from_the_room(world: World) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    world.hold(room, caller)
    world.client.calls(caller).update(twiml=response(say("elsewhere", loop=0)))
    world.wait_now(caller, "say: elsewhere")
    always(lambda: caller not in {member.call_sid for member in world.room(room).participants})


@pytest.mark.parametrize("url", ["not a url", "ftp://example.com/hold"])
def test_hold_url_must_be_a_url(world: World, url: str) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    path = f"/Conferences/{world.room(room).sid}/Participants/{caller}.json"
    answer = world.raw("POST", path, {"Hold": "true", "HoldUrl": url})
    assert answer.status_code == 400
    assert not world.room(room).member(caller).hold
