"""Legs created in a conference by REST, and the participant resource."""

from __future__ import annotations

import re

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import looping
from tests.twiml.simulator.world import ALICE, BOB, LINE, World


def test_reply_to_a_create_knows_call_conference_and_label(world: World) -> None:
    room = world.room_name()
    answer = world.raw(
        "POST", f"/Conferences/{room}/Participants.json", {"From": LINE, "To": ALICE, "Label": "agent leg 1"}
    )
    assert answer.status_code == 201
    body = answer.json()
    assert re.fullmatch(r"CA[0-9a-f]{32}", body["call_sid"])
    assert re.fullmatch(r"CF[0-9a-f]{32}", body["conference_sid"])
    assert body["label"] == "agent leg 1"
    assert body["status"] in ("queued", "connecting", "ringing")
    assert (body["muted"], body["hold"], body["coaching"]) == (False, False, False)
    assert (body["start_conference_on_enter"], body["end_conference_on_exit"]) == (True, False)
    assert world.simulator.ringing(ALICE) == body["call_sid"]


def test_caller_hears_ringback_while_the_only_other_party_rings(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    world.client.conferences(room).participants.create(from_=LINE, to=ALICE)
    world.simulator.ringing(ALICE)
    world.wait_kind(caller, "ringback")


def test_ringing_leg_is_no_joined_participant(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    world.client.conferences(room).participants.create(from_=LINE, to=ALICE)
    world.simulator.ringing(ALICE)
    assert [member.call_sid for member in world.room(room).participants] == [caller]
    always(lambda: len([name for name in world.event_names() if name == "participant-join"]) == 1)


def test_answered_leg_is_connected(world: World) -> None:
    room = world.room_name()
    _, agent = world.talk(room)
    body = world.participant(room, agent).fetch()
    assert (body.status, body.call_sid, body.conference_sid) == ("connected", agent, world.room(room).sid)


def test_progress_of_a_created_leg_goes_to_its_own_callback(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    leg = world.client.conferences(room).participants.create(
        from_=LINE,
        to=ALICE,
        status_callback=world.app.url("/leg"),
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    world.simulator.answer(world.simulator.ringing(ALICE))
    world.wait_in_room(room, leg.call_sid)
    world.simulator.hangup(leg.call_sid)
    told = world.app.wait_for("/leg", count=4)
    steps = sorted((int(r.params["SequenceNumber"]), r.params["CallStatus"]) for r in told)
    assert steps == [(0, "initiated"), (1, "ringing"), (2, "in-progress"), (3, "completed")]
    assert {r.params["CallSid"] for r in told} == {leg.call_sid}


@pytest.mark.parametrize(("reaction", "status"), [("busy", "busy"), ("fail", "failed")])
def test_leg_that_never_answers_is_told_by_its_call_status(world: World, reaction: str, status: str) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    world.simulator.set_phone(ALICE, reaction)
    leg = world.client.conferences(room).participants.create(
        from_=LINE, to=ALICE, status_callback=world.app.url("/leg")
    )
    assert world.app.wait_for_one("/leg").params["CallStatus"] == status
    assert world.client.calls(leg.call_sid).fetch().status == status
    assert world.app.received("/conference", StatusCallbackEvent="participant-join", CallSid=leg.call_sid) == []
    world.wait_kind(caller, "wait")


def test_leg_that_never_answers_leaves_as_not_added(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    world.simulator.set_phone(ALICE, "busy")
    leg = world.client.conferences(room).participants.create(from_=LINE, to=ALICE)
    left = world.event("participant-leave", CallSid=leg.call_sid)
    assert left.params["ReasonParticipantLeft"] == "participant_add_failed"
    assert left.params["ParticipantCallStatus"] == "busy"


def test_unanswered_leg_rings_for_its_timeout_and_the_buffer(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    leg = world.client.conferences(room).participants.create(from_=LINE, to=ALICE, timeout=20)
    world.simulator.ringing(ALICE)
    world.simulator.advance(19)
    assert world.simulator.call(leg.call_sid).status == "ringing"
    world.simulator.advance(7)
    assert world.wait_ended(leg.call_sid) == "no-answer"


@pytest.mark.parametrize("timeout", ["4", "601", "soon"])
def test_ring_time_outside_5_to_600_seconds_is_refused(world: World, timeout: str) -> None:
    form = {"From": LINE, "To": ALICE, "Timeout": timeout}
    answer = world.raw("POST", f"/Conferences/{world.room_name()}/Participants.json", form)
    assert answer.status_code == 400
    assert world.simulator.phone(ALICE) == []


@pytest.mark.parametrize("missing", ["From", "To"])
def test_create_needs_both_parties(world: World, missing: str) -> None:
    form = {"From": LINE, "To": ALICE}
    del form[missing]
    answer = world.raw("POST", f"/Conferences/{world.room_name()}/Participants.json", form)
    assert answer.status_code == 400


def test_name_is_accepted_for_creating_but_not_for_listing(world: World) -> None:
    room = world.room_name()
    world.caller_joins(room)
    assert world.raw("GET", f"/Conferences/{room}/Participants.json").status_code in (404, 405)
    by_sid = world.raw("GET", f"/Conferences/{world.room(room).sid}/Participants.json")
    assert by_sid.status_code == 200


def test_name_is_accepted_for_updating_the_conference(world: World) -> None:
    room = world.room_name()
    world.talk(room)
    world.client.conferences(room).update(status="completed")
    until(lambda: world.simulator.room(room) is None)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_name_is_not_accepted_for_a_single_participant(world: World, method: str) -> None:
    room = world.room_name()
    caller, _ = world.talk(room)
    form = {"Muted": "true"} if method == "POST" else None
    answer = world.raw(method, f"/Conferences/{room}/Participants/{caller}.json", form)
    assert answer.status_code in (404, 405)
    assert world.room(room).member(caller).muted is False


def test_muted_leg_hears_but_is_not_heard(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    updated = world.participant(room, agent).update(muted=True)
    assert updated.muted is True
    world.wait_hears(caller)
    world.wait_hears(agent, caller)
    assert world.event("participant-mute", CallSid=agent).params["Muted"] == "true"
    world.participant(room, agent).update(muted=False)
    world.wait_hears(caller, agent)
    assert world.event("participant-unmute", CallSid=agent).params["Muted"] == "false"


def test_other_words_than_true_do_not_mute(world: World) -> None:
    room = world.room_name()
    _, agent = world.talk(room)
    path = f"/Conferences/{world.room(room).sid}/Participants/{agent}.json"
    assert world.raw("POST", path, {"Muted": "perhaps"}).json()["muted"] is False


def test_list_is_filtered_by_hold_and_mute(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    world.hold(room, caller)
    world.participant(room, agent).update(muted=True)
    members = world.client.conferences(world.room(room).sid).participants
    assert [member.call_sid for member in members.list(hold=True)] == [caller]
    assert [member.call_sid for member in members.list(muted=True)] == [agent]
    assert members.list(hold=True, muted=True) == []


def test_supervisor_who_coaches_is_heard_by_the_coached_one_only(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    supervisor = world.agent_joins(room, BOB, call_sid_to_coach=agent)
    world.wait_hears(supervisor, caller, agent)
    world.wait_hears(agent, caller, supervisor)
    world.wait_hears(caller, agent)
    body = world.participant(room, supervisor).fetch()
    assert (body.coaching, body.call_sid_to_coach) == (True, agent)


def test_supervisor_who_stops_coaching_is_heard_by_all(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    supervisor = world.agent_joins(room, BOB, call_sid_to_coach=agent, coaching=True)
    world.wait_hears(caller, agent)
    world.participant(room, supervisor).update(coaching=False)
    world.wait_hears(caller, agent, supervisor)
    assert world.event("participant-modify", CallSid=supervisor)


def test_coaching_without_saying_whom_is_refused(world: World) -> None:
    room = world.room_name()
    world.talk(room)
    with pytest.raises(TwilioRestException) as refused:
        world.client.conferences(room).participants.create(from_=LINE, to=BOB, coaching=True)
    assert refused.value.status == 400


def test_coaching_somebody_on_hold_is_refused(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    third = world.agent_joins(room, BOB)
    world.hold(room, caller)
    with pytest.raises(TwilioRestException) as refused:
        world.participant(room, third).update(coaching=True, call_sid_to_coach=caller)
    assert (refused.value.status, refused.value.code) == (400, 16027)
    assert agent in world.simulator.hearing(third).others


def test_coaching_somebody_absent_is_refused(world: World) -> None:
    room = world.room_name()
    _, agent = world.talk(room)
    with pytest.raises(TwilioRestException) as refused:
        world.participant(room, agent).update(coaching=True, call_sid_to_coach="CA" + "0" * 32)
    assert (refused.value.status, refused.value.code) == (400, 16028)


def test_nobody_is_coached_in_a_room_that_has_not_started(world: World) -> None:
    room = world.room_name()
    caller = world.caller_joins(room)
    with pytest.raises(TwilioRestException) as refused:
        world.client.conferences(room).participants.create(from_=LINE, to=BOB, call_sid_to_coach=caller)
    assert (refused.value.status, refused.value.code) == (400, 16001)


def test_nobody_coaches_herself(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    with pytest.raises(TwilioRestException) as refused:
        world.participant(room, agent).update(coaching=True, call_sid_to_coach=agent)
    assert refused.value.status == 400
    assert world.participant(room, agent).fetch().coaching is False
    world.wait_hears(caller, agent)


def test_wait_url_of_a_created_leg_sounds_while_it_is_alone(world: World) -> None:
    room = world.room_name()
    world.app.on("/agent-wait", looping("nobody here yet"))
    agent = world.agent_joins(room, wait_url=world.app.url("/agent-wait"))
    world.wait_now(agent, "say: nobody here yet")
    assert world.simulator.hearing(agent).kind == "wait"


def test_update_of_a_leg_that_just_left_is_404(world: World) -> None:
    room = world.room_name()
    caller, agent = world.talk(room)
    gone = world.participant(room, agent)
    world.simulator.hangup(agent)
    world.wait_hears(caller)
    with pytest.raises(TwilioRestException) as refused:
        gone.update(hold=True)
    assert (refused.value.status, refused.value.code) == (404, 20404)
