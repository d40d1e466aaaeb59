"""What list.calls shows of a call at each of its stages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.core.session import Leg, Party, Role, Session, Status
from tests.dialects.call_api import sessions
from tests.dialects.call_api.sessions import BOB, NUMBER, OTHER_ACCOUNT, SESSION_ID, leg
from tests.dialects.call_api.world import World


def _states(session: Session) -> list[str]:
    (call,) = World(session).data("list.calls")
    return [each["state"] for each in call["legs"]]


def test_a_call_on_hold_is_shown_with_both_its_legs() -> None:
    assert World(sessions.held()).data("list.calls") == [
        {
            "call_session_id": 700012,
            "direction": "in",
            "start_time": "2026-02-03T09:15:07.201",
            "virtual_phone_number": "15550001001",
            "contact_phone_number": "15550100001",
            "external_id": None,
            "tags": [],
            "legs": [
                {
                    "leg_id": 700012 * 1024,
                    "calling_phone_number": "15550100001",
                    "called_phone_number": "15550001001",
                    "is_operator": False,
                    "employee_id": None,
                    "employee_full_name": None,
                    "record_call_enabled": False,
                    "state": "On hold",
                },
                {
                    "leg_id": 700012 * 1024 + 1,
                    "calling_phone_number": "15550001001",
                    "called_phone_number": "1001",
                    "is_operator": True,
                    "employee_id": 1,
                    "employee_full_name": "Alice",
                    "record_call_enabled": False,
                    "state": "On hold",
                },
            ],
        }
    ]


@pytest.mark.parametrize(
    ("session", "states"),
    [
        (sessions.ringing(), ["Dial", "Dial"]),
        (sessions.queued(), ["Next in line", "Dial"]),
        (sessions.talking(), ["Talking", "Talking"]),
        (sessions.held(), ["On hold", "On hold"]),
        (sessions.consulting(answered=False), ["On hold", "On hold", "Dial"]),
        (sessions.consulting(answered=True), ["On hold", "Operators talking", "Operators talking"]),
        (sessions.parked(), ["On hold"]),
        (sessions.transferred(), ["Talking", "Talking"]),
    ],
)
def test_each_leg_says_what_it_does(session: Session, states: list[str]) -> None:
    assert _states(session) == states


def test_after_a_swap_the_third_party_waits_and_the_contact_talks() -> None:
    consulting = sessions.consulting(answered=True)
    swapped = consulting.with_leg(f"{SESSION_ID}-0", held=False).with_leg(f"{SESSION_ID}-2", held=True)
    assert _states(replace(swapped, hold=None)) == ["Talking", "Talking", "On hold"]


def _with(session: Session, *more: Leg) -> Session:
    return replace(session, legs=(*session.legs, *more))


def test_a_coach_is_on_the_call_without_its_talk_options() -> None:
    carol = Party("client:carol", "Carol", "65c000000000000000000003", "1003")
    (call,) = World(_with(sessions.held(), leg(2, Role.SUPERVISOR, carol))).data("list.calls")
    assert (call["legs"][2]["is_operator"], call["legs"][2]["state"]) == (False, "Talking")


def test_the_third_party_gets_the_talk_options_with_the_talk() -> None:
    def operators(session: Session) -> list[int]:
        (call,) = World(session).data("list.calls")
        return [each["leg_id"] - NUMBER * 1024 for each in call["legs"] if each["is_operator"]]

    assert operators(sessions.consulting(answered=True)) == [1]
    assert operators(sessions.transferred()) == [2]


def test_an_outside_third_party_is_no_employee() -> None:
    outside = leg(2, Role.AGENT, Party("+15550100009", "+15550100009"))
    (call,) = World(_with(sessions.talking(), outside)).data("list.calls")
    assert call["legs"][2]["called_phone_number"] == "15550100009"
    assert (call["legs"][2]["employee_id"], call["legs"][2]["employee_full_name"]) == (None, None)


def test_a_caller_who_is_an_employee_is_still_the_contact() -> None:
    session = sessions.talking()
    (call,) = World(session.with_leg(f"{SESSION_ID}-0", party=BOB, caller="client:bob")).data("list.calls")
    assert call["contact_phone_number"] == "1002"
    assert (call["legs"][0]["is_operator"], call["legs"][0]["employee_id"]) == (False, None)
    assert call["legs"][0]["calling_phone_number"] == "1002"


def test_calls_that_are_over_and_other_accounts_calls_are_not_shown() -> None:
    others = replace(sessions.talking(), id="65b000000000000000000008", number=700013, account_id=OTHER_ACCOUNT)
    closing = replace(sessions.talking(), id="65b000000000000000000009", number=700014, ended_at=1_770_110_200.0)
    assert World(sessions.ended(), others, closing).data("list.calls") == []


def test_legs_that_have_hung_up_are_not_shown() -> None:
    gone = leg(2, Role.CONSULT, BOB, status=Status.ENDED)
    (call,) = World(_with(sessions.held(), gone)).data("list.calls")
    assert len(call["legs"]) == 2


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"direction": "in"}, 1),
        ({"direction": "out"}, 0),
        ({"virtual_phone_number": "15550001001"}, 1),
        ({"virtual_phone_number": "15550001002"}, 0),
        ({"direction": "in", "virtual_phone_number": "15550001001"}, 1),
    ],
)
def test_filters_narrow_the_list(filters: dict[str, Any], count: int) -> None:
    assert len(World(sessions.talking()).data("list.calls", **filters)) == count


def test_a_filter_that_names_nothing_possible_is_refused() -> None:
    world = World()
    assert world.refusal("list.calls", direction="both")[1:] == ("invalid_parameter_value", "direction")
    assert world.refusal("list.calls", virtual_phone_number="+15550001001")[1] == "invalid_parameter_value"
    assert world.refusal("list.calls", virtual_phone_number=15550001001)[1] == "data_type_error"


def test_moments_on_a_full_second_keep_their_milliseconds() -> None:
    (call,) = World(replace(sessions.talking(), started_at=1_770_110_107.0)).data("list.calls")
    assert call["start_time"] == "2026-02-03T09:15:07.000"
