"""The account's numbers and applications, and what a call to them asks."""

from __future__ import annotations

from tests.twiml.simulator.documents import response, say
from tests.twiml.simulator.world import ALICE, LINE, OTHER_LINE, World

HELLO = response(say("hello", loop=0))


def test_account_owns_the_demo_lines(world: World) -> None:
    owned = {number.phone_number for number in world.client.incoming_phone_numbers.list()}
    assert {"+15550001000", "+15550001001", "+15550001002", "+15550001009"} <= owned


def test_number_is_found_by_itself_and_keeps_what_it_is_told(world: World) -> None:
    found = world.client.incoming_phone_numbers.list(phone_number=OTHER_LINE)
    assert [number.phone_number for number in found] == [OTHER_LINE]
    url = world.app.url("/other?line=2")
    updated = found[0].update(voice_url=url, voice_method="GET")
    assert (updated.voice_url, updated.voice_method) == (url, "GET")
    again = world.client.incoming_phone_numbers(found[0].sid).fetch()
    assert (again.voice_url, again.voice_method, again.phone_number) == (url, "GET", OTHER_LINE)


def test_application_is_kept_and_found_by_name(world: World) -> None:
    made = world.client.applications.create(friendly_name="softphones", voice_url=world.app.url("/softphone"))
    assert made.sid.startswith("AP")
    found = world.client.applications.list(friendly_name="softphones")
    assert made.sid in {application.sid for application in found}
    updated = world.client.applications(made.sid).update(voice_url=world.app.url("/changed"))
    assert updated.voice_url == world.app.url("/changed")


def test_softphone_that_calls_no_number_reaches_the_application(world: World) -> None:
    url = world.app.on("/softphone", HELLO)
    for application in world.client.applications.list():
        application.delete()
    made = world.client.applications.create(friendly_name="softphones", voice_url=url)
    call = world.simulator.place_call(ALICE, "1002", {"purpose": "dial"})
    asked = world.app.wait_for_one("/softphone")
    assert (asked.params["From"], asked.params["CallSid"]) == (ALICE, call)
    assert (asked.params["ApplicationSid"], asked.params["purpose"]) == (made.sid, "dial")


def test_application_of_a_number_overrides_its_urls(world: World) -> None:
    made = world.client.applications.create(friendly_name="override", voice_url=world.app.on("/app", HELLO))
    number = world.client.incoming_phone_numbers.list(phone_number=LINE)[0]
    number.update(voice_url=world.app.url("/number"), voice_application_sid=made.sid)
    call = world.simulator.place_call("+15550100001", LINE)
    world.wait_now(call, "say: hello")
    number.update(voice_application_sid="")
    assert world.app.received("/number") == []
