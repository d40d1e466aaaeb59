"""Turning a stored notice into a message, whatever it holds."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from app.core.ids import call_uuid
from app.core.notices import ERROR, REMINDER, tell
from app.core.views import views_of
from app.dialects.workspace.events import renderer
from tests.dialects.workspace.world import ALICE, OUTSIDE, Entry, World

FIRST = call_uuid(1, 0)
BASE_URL = "http://desk.example:8080"


def test_a_refusal_of_the_provider_is_told_as_an_error_with_the_unchanged_call(world: World) -> None:
    session = world.talk()
    world.control.told = [(notice, world.clock.now()) for notice in tell(session, ERROR, [ALICE.id], "busy")]
    (message,) = world.notifications(ALICE)
    assert message["data"]["notificationType"] == "Error"
    assert message["data"]["errorMessage"] == "busy"
    assert message["data"]["call"]["state"] == "Established"


def test_a_hold_reminder_carries_its_text(world: World) -> None:
    session = world.talk()
    world.control.told = [
        (notice, world.clock.now()) for notice in tell(session, REMINDER, [ALICE.id], "still on hold")
    ]
    (message,) = world.notifications(ALICE)
    assert (message["data"]["notificationType"], message["data"]["message"]) == ("HoldReminder", "still on hold")


def stored(world: World, kind: str = "StatusChange", **changes: Any) -> Entry:
    """A notice about alice's call as the store would give it."""
    view = asdict(views_of(next(iter(world.control.sessions.values())))[ALICE.id, 0]) | changes
    return Entry(1, world.clock.now(), {"kind": kind, "text": "", "view": view})


def test_a_notice_of_a_kind_without_a_word_here_or_for_somebody_gone_is_nothing(world: World) -> None:
    world.talk()
    render = renderer(world.services)
    assert list(render(stored(world, "SomethingOfTheConsole"), BASE_URL)) == []
    del world.directory.people["alice"]
    assert list(render(stored(world), BASE_URL)) == []


def test_a_notice_written_by_another_release_is_still_rendered(world: World) -> None:
    world.talk()
    ((channel, data),) = renderer(world.services)(stored(world, invented_later=1), BASE_URL)
    assert (channel, data["call"]["id"]) == ("/v2/me/calls", FIRST)


def holds_null(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(holds_null(item) for item in inner)


def test_a_consult_with_an_outside_party_shows_national_and_international_forms_and_never_a_null(world: World) -> None:
    world.talk()
    world.agent(ALICE).does(FIRST, "InitiateConference", destination={"phoneNumber": OUTSIDE})
    messages = world.notifications(ALICE)
    assert not holds_null(messages)
    dialing = messages[1]["data"]["call"]
    assert dialing["participants"] == [
        {
            "e164Number": OUTSIDE,
            "formattedPhoneNumber": "(916) 555-0104",
            "phoneNumber": "9165550104",
            "digits": "9165550104",
        }
    ]
    assert dialing["dnis"] == OUTSIDE


def test_somebody_without_an_extension_has_an_empty_phone_number(world: World) -> None:
    world.talk()
    world.directory.people["alice"] = replace(ALICE, dn=None)
    ((_, data),) = renderer(world.services)(stored(world), BASE_URL)
    assert data["phoneNumber"] == ""
