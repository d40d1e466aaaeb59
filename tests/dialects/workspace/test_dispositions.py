"""How a call came out: said of a live call or of a released one."""

from __future__ import annotations

import pytest

from app.core.ids import call_uuid
from tests.dialects.workspace.world import ALICE, BOB, CUSTOMER, World, refused

FIRST = call_uuid(1, 0)
SECOND = call_uuid(1, 1)
TO_BOB = {"destination": {"phoneNumber": "1002"}}


@pytest.mark.parametrize("form", ["http://127.0.0.1:8080/api/v2/calls/", "http://h/api/v2/me/calls/", "/calls/"])
def test_a_disposition_may_name_its_call_in_any_form_of_its_address(world: World, form: str) -> None:
    world.talk()
    alice = world.agent(ALICE)
    answer = alice.does(FIRST, "SetCallDisposition", disposition="Sold", callUri=form + FIRST, callUuid=FIRST)
    assert answer.json == {"statusCode": 0}
    assert alice.call()["userData"] == {"DispositionCode": "Sold"}


def test_a_disposition_under_another_key_uses_that_key(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    alice.does(FIRST, "SetCallDisposition", disposition="Sold", dispositionKey="Outcome")
    assert alice.call()["userData"] == {"Outcome": "Sold"}


def test_what_may_be_left_out_of_a_disposition_may_also_be_null(world: World) -> None:
    world.talk()
    alice = world.agent(ALICE)
    left_out = {"dispositionKey": None, "callUri": None, "callUuid": None}
    assert alice.does(FIRST, "SetCallDisposition", disposition="Sold", **left_out).json == {"statusCode": 0}
    assert alice.call()["userData"] == {"DispositionCode": "Sold"}
    assert refused(alice.does(FIRST, "SetCallDisposition", disposition=None), 1)


def test_a_released_call_takes_a_disposition_silently_and_nothing_else(world: World) -> None:
    session = world.talk()
    world.control.leaves(session.id, CUSTOMER)
    world.notifications(ALICE)
    alice = world.agent(ALICE)
    assert alice.does(FIRST, "SetCallDisposition", disposition="Referred").json == {"statusCode": 0}
    assert world.notifications(ALICE) == []
    assert world.control.sessions[session.id].outcome == "Referred"
    assert refused(alice.does(FIRST, "Hold"), 2)
    assert refused(alice.does(FIRST, "UpdateUserData", userData={"a": "b"}), 2)
    assert alice.calls() == []
    assert refused(alice.get(f"/me/calls/{FIRST}"), 6, 404)


def test_a_released_consult_takes_a_disposition_of_both_who_were_on_it(world: World) -> None:
    world.talk()
    world.control.answering.add("client:bob")
    alice, bob = world.agent(ALICE), world.agent(BOB)
    alice.does(FIRST, "InitiateConference", **TO_BOB)
    alice.does(SECOND, "Hangup")
    world.notifications(ALICE)
    world.notifications(BOB)
    assert alice.does(SECOND, "SetCallDisposition", disposition="x").json == {"statusCode": 0}
    assert bob.does(SECOND, "SetCallDisposition", disposition="x").json == {"statusCode": 0}
    assert world.notifications(ALICE) + world.notifications(BOB) == []
    assert "userData" not in alice.call()
    assert refused(bob.does(FIRST, "SetCallDisposition", disposition="x"), 6, 404)
