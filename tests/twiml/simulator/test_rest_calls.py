"""The Calls resource: forms, refusals, statuses, filters."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.waiting import always, until
from tests.twiml.simulator.documents import response, say
from tests.twiml.simulator.world import ALICE, CALLER, LINE, World

WAITING = response(say("hello", loop=0))


def calls_out(world: World, to: str = ALICE, **params: Any) -> Any:
    """A call created by REST whose document says hello and waits."""
    return world.client.calls.create(to=to, from_=LINE, **(params or {"twiml": WAITING}))


def refusal(world: World, form: str) -> tuple[int, int]:
    """HTTP status and Twilio's code of a refused create."""
    answer = world.raw("POST", "/Calls.json", form)
    body = answer.json()
    assert body["status"] == answer.status_code, body
    return answer.status_code, body["code"]


def test_created_call_starts_queued_and_outbound_api(world: World) -> None:
    answer = world.raw("POST", "/Calls.json", {"To": ALICE, "From": LINE, "Twiml": WAITING})
    assert answer.status_code == 201
    body = answer.json()
    assert re.fullmatch(r"CA[0-9a-f]{32}", body["sid"])
    assert (body["status"], body["direction"], body["to"], body["from"]) == ("queued", "outbound-api", ALICE, LINE)
    assert body["uri"] == f"/2010-04-01/Accounts/{world.simulator.account().sid}/Calls/{body['sid']}.json"
    assert body["end_time"] is None


def test_dates_are_rfc_2822_in_utc(world: World) -> None:
    call = calls_out(world)
    written = world.raw("GET", f"/Calls/{call.sid}.json").json()["date_created"]
    assert re.fullmatch(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000", written)
    assert parsedate_to_datetime(written).tzinfo is not None


def test_repeated_keys_are_a_list_and_unsubscribed_progress_stays_silent(world: World) -> None:
    form = (
        f"To=client%3Aalice&From=%2B15550001000&Url={world.app.on('/out', WAITING)}"
        f"&StatusCallback={world.app.url('/progress')}"
        "&StatusCallbackEvent=initiated&StatusCallbackEvent=answered&ThisIsUnknown=1"
    )
    call = world.raw("POST", "/Calls.json", form).json()["sid"]
    world.simulator.answer(world.simulator.ringing(ALICE))
    world.wait_now(call, "say: hello")
    world.simulator.hangup(call)
    world.wait_ended(call)
    world.app.wait_for("/progress", count=2)
    always(lambda: len(world.app.received("/progress")) == 2)
    heard = {r.params["CallStatus"] for r in world.app.received("/progress")}
    assert heard == {"initiated", "in-progress"}


def test_parameter_names_are_case_sensitive(world: World) -> None:
    assert refusal(world, "to=client%3Aalice&From=%2B15550001000&Url=http://127.0.0.1:9/") == (400, 21201)


def test_missing_caller_is_refused(world: World) -> None:
    assert refusal(world, "To=client%3Aalice&Url=http://127.0.0.1:9/") == (400, 21213)


def test_caller_the_account_does_not_own_is_refused(world: World) -> None:
    status, code = refusal(world, "To=client%3Aalice&From=%2B15559999999&Url=http://127.0.0.1:9/")
    assert status == 400
    assert code in (21210, 21212)


def test_number_that_cannot_be_dialled_is_refused(world: World) -> None:
    assert refusal(world, "To=pizza&From=%2B15550001000&Url=http://127.0.0.1:9/") == (400, 21211)


def test_call_without_instructions_is_refused(world: World) -> None:
    status, _ = refusal(world, "To=client%3Aalice&From=%2B15550001000")
    assert status == 400
    assert world.simulator.phone(ALICE) == []


def test_instruction_url_must_be_a_url(world: World) -> None:
    assert refusal(world, "To=client%3Aalice&From=%2B15550001000&Url=not-a-url") == (400, 21205)


@pytest.mark.parametrize(("name", "code"), [("Timeout", 21208), ("Method", 21209), ("SendDigits", 21206)])
def test_bad_value_is_refused_with_its_own_code(world: World, name: str, code: int) -> None:
    form = {"To": ALICE, "From": LINE, "Url": "http://127.0.0.1:9/", name: "never!"}
    answer = world.raw("POST", "/Calls.json", form)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_document_in_the_request_may_have_4000_characters_and_no_more(world: World) -> None:
    frame = response(say(""))
    fits = response(say("x" * (4000 - len(frame) - len("<Say></Say>") + len("<Say/>"))))
    assert len(fits) == 4000
    calls_out(world, twiml=fits)
    with pytest.raises(TwilioRestException) as refused:
        calls_out(world, twiml=fits.replace("xx", "xxx", 1))
    assert refused.value.status == 400


def test_url_wins_over_twiml_when_both_come_with_a_create(world: World) -> None:
    world.simulator.set_phone(ALICE, "answer")
    url = world.app.on("/from-url", response(say("from the url", loop=0)))
    call = calls_out(world, url=url, twiml=WAITING)
    world.wait_now(call.sid, "say: from the url")


def test_url_and_twiml_together_are_refused_on_an_update(world: World) -> None:
    call = world.call_in(WAITING)
    world.wait_now(call, "say: hello")
    with pytest.raises(TwilioRestException) as refused:
        world.client.calls(call).update(url=world.app.on("/new", WAITING), twiml=WAITING)
    assert refused.value.status == 400


def test_application_overrides_the_url(world: World) -> None:
    world.simulator.set_phone(ALICE, "answer")
    application = world.client.applications.create(
        friendly_name="for calls", voice_url=world.app.on("/application", response(say("application", loop=0)))
    )
    call = calls_out(world, url=world.app.on("/from-url", WAITING), application_sid=application.sid)
    world.wait_now(call.sid, "say: application")


def test_update_moves_a_live_call_to_a_new_document_at_once(world: World) -> None:
    call = world.call_in(WAITING)
    world.wait_now(call, "say: hello")
    updated = world.client.calls(call).update(twiml=response(say("moved", loop=0)))
    assert updated.status == "in-progress"
    world.wait_now(call, "say: moved")


def test_completed_ends_a_call_in_progress(world: World) -> None:
    call = world.call_in(WAITING)
    world.wait_now(call, "say: hello")
    world.client.calls(call).update(status="completed")
    assert world.wait_ended(call) == "completed"


@pytest.mark.parametrize("status", ["canceled", "completed"])
def test_ringing_call_can_be_ended_by_either_status(world: World, status: str) -> None:
    call = calls_out(world)
    world.simulator.ringing(ALICE)
    world.client.calls(call.sid).update(status=status)
    world.wait_ended(call.sid)
    assert world.simulator.phone(ALICE) == []


def test_canceled_rings_off_as_canceled(world: World) -> None:
    call = calls_out(world)
    world.simulator.ringing(ALICE)
    world.client.calls(call.sid).update(status="canceled")
    assert world.wait_ended(call.sid) == "canceled"


def test_canceled_does_not_touch_a_call_in_progress(world: World) -> None:
    call = world.call_in(WAITING)
    world.wait_now(call, "say: hello")
    world.raw("POST", f"/Calls/{call}.json", {"Status": "canceled"})
    always(lambda: world.simulator.call(call).status == "in-progress")


def test_status_other_than_the_two_is_refused(world: World) -> None:
    call = world.call_in(WAITING)
    world.wait_now(call, "say: hello")
    assert world.raw("POST", f"/Calls/{call}.json", {"Status": "busy"}).status_code == 400


def test_finished_call_cannot_be_updated(world: World) -> None:
    call = world.call_in(response(say("bye")))
    world.simulator.hangup(call)
    world.wait_ended(call)
    with pytest.raises(TwilioRestException) as refused:
        world.client.calls(call).update(status="completed")
    assert (refused.value.status, refused.value.code) == (400, 21220)
    assert "Call is not in-progress. Cannot redirect." in refused.value.msg


def test_record_of_a_live_call_cannot_be_deleted_but_of_a_finished_one_can(world: World) -> None:
    call = world.call_in(WAITING)
    world.wait_now(call, "say: hello")
    with pytest.raises(TwilioRestException) as refused:
        world.client.calls(call).delete()
    assert (refused.value.status, refused.value.code) == (400, 20009)
    world.simulator.hangup(call)
    world.wait_ended(call)
    answer = world.raw("DELETE", f"/Calls/{call}.json")
    assert (answer.status_code, answer.content) == (204, b"")
    assert world.raw("GET", f"/Calls/{call}.json").status_code == 404
    assert world.raw("DELETE", f"/Calls/{call}.json").status_code == 404
    assert call not in {item.sid for item in world.client.calls.list()}


def test_call_whose_record_was_deleted_still_shows_what_was_heard(world: World) -> None:
    call = world.call_in(WAITING)
    world.wait_now(call, "say: hello")
    world.simulator.hangup(call)
    world.wait_ended(call)
    world.client.calls(call).delete()
    view = world.simulator.call(call)
    assert view.status == "completed"
    assert "say: hello" in view.nows


@pytest.mark.parametrize("limit", [40, 5], ids=["longer", "shorter"])
def test_time_limit_of_a_running_call_is_replaced(world: World, limit: int) -> None:
    world.simulator.set_phone(ALICE, "answer")
    call = calls_out(world, twiml=WAITING, time_limit=20)
    world.wait_now(call.sid, "say: hello")
    call.update(time_limit=limit)
    world.simulator.advance(limit - 4)
    assert world.simulator.call(call.sid).status == "in-progress"
    world.simulator.advance(6)
    assert world.wait_ended(call.sid) == "completed"


def test_time_limit_set_while_it_rings_holds_from_the_answer(world: World) -> None:
    call = calls_out(world)
    leg = world.simulator.ringing(ALICE)
    call.update(time_limit=20)
    world.simulator.advance(10)
    world.simulator.answer(leg)
    world.simulator.advance(16)
    assert world.simulator.call(leg).status == "in-progress"
    world.simulator.advance(6)
    assert world.wait_ended(leg) == "completed"


@pytest.mark.parametrize(
    ("callback", "accepted"),
    [("http://my_host.example/x", False), ("http://host.example/x_y?z=_#rc=1", True)],
    ids=["host", "elsewhere"],
)
def test_host_name_of_a_callback_has_no_underscore(world: World, callback: str, accepted: bool) -> None:
    form = {"To": ALICE, "From": LINE, "Twiml": WAITING, "StatusCallback": callback}
    answer = world.raw("POST", "/Calls.json", form)
    assert (answer.status_code, answer.json().get("code")) == ((201, None) if accepted else (400, 21205))


def test_finished_call_tells_how_long_it_was_in_seconds_as_text(world: World) -> None:
    call = world.call_in(WAITING)
    world.wait_now(call, "say: hello")
    world.simulator.advance(30)
    world.simulator.hangup(call)
    world.wait_ended(call)
    body = until(lambda: world.raw("GET", f"/Calls/{call}.json").json())
    assert isinstance(body["duration"], str)
    assert 30 <= int(body["duration"]) <= 32
    assert body["start_time"] and body["end_time"]


def test_lists_are_filtered_by_status_and_parties(world: World) -> None:
    incoming = world.call_in(WAITING)
    world.wait_now(incoming, "say: hello")
    outgoing = calls_out(world).sid
    world.simulator.ringing(ALICE)

    def listed(**filters: str) -> set[str]:
        return {call.sid for call in world.client.calls.list(**filters)}

    assert incoming in listed(status="in-progress") and outgoing not in listed(status="in-progress")
    assert outgoing in listed(to=ALICE) and incoming not in listed(to=ALICE)
    assert incoming in listed(from_=CALLER) and outgoing not in listed(from_=CALLER)
    assert listed(parent_call_sid=incoming) == set()
