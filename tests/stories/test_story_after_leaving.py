"""How a call goes on after somebody has left it: who gets the caller, who is recalled, reminded or told, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dialects.call_api.client import CallApi
from tests.stories.scene import EXTENSIONS, PHONES, Scene
from tests.stories.test_story_leaving import (
    Given,
    agent_aside,
    conference,
    consult_dials,
    consult_talk,
    held,
    parked,
    phone_rings,
    picked_up,
    recall_rings,
    single_step_transfer_dials,
    swapped_while_dialing,
    talk,
    transfer_dials,
)
from tests.support.product import Product, running_product
from tests.support.waiting import always, until


@pytest.fixture
def scene(product: Product) -> Scene:
    return Scene(product)


def ends_well(scene: Scene) -> None:
    """The caller hangs up and everything is over, with nothing left and no silence behind."""
    scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()
    scene.nobody_was_left_in_silence()


@pytest.mark.parametrize(
    ("given", "leaves", "answers"),
    [
        (consult_dials, "alice", "bob"),
        (swapped_while_dialing, "alice", "bob"),
        (transfer_dials, "", "friend"),
        (single_step_transfer_dials, "", "bob"),
        (picked_up, "", "bob"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_whoever_still_rang_gets_the_caller_on_answering(scene: Scene, given: Given, leaves: str, answers: str) -> None:
    given(scene)
    if leaves:
        scene.leaves(leaves)
        scene.sees(leaves, "is gone", 2.0)
        scene.sees("caller", "waits")
    scene.phones.answer(scene.legs[answers])
    scene.sees("caller", f"talks with {answers}")
    scene.sees(answers, "talks with caller")
    scene.shows("Connected")
    ends_well(scene)


@pytest.mark.parametrize("reaction", ["busy", "reject", "fail", "ring"])
def test_a_third_party_who_never_comes_leaves_the_caller_held_and_retrievable(scene: Scene, reaction: str) -> None:
    talk(scene)
    scene.phones.set_phone(PHONES["friend"], reaction, 0.2)
    scene.works("alice", "InitiateConference", destination={"phoneNumber": EXTENSIONS["friend"]})
    if reaction == "ring":
        scene.rings("friend")
        scene.phones.advance(35)
    until(lambda: scene.phones.phone(PHONES["friend"]) == [])
    until(lambda: len(scene.session()["members"]) == 2)
    scene.sees("caller", "waits")
    assert scene.session()["callState"] == "Hold"
    scene.works("alice", "Retrieve")
    scene.sees("caller", "talks with alice")
    ends_well(scene)


@pytest.mark.parametrize("given", [held, conference], ids=lambda given: given.__name__)
def test_a_caller_whose_agents_are_gone_is_recalled_and_hears_the_agent_at_once(scene: Scene, given: Given) -> None:
    given(scene)
    if given is conference:
        scene.evo("PATCH", callState="Hold")
        scene.sees("caller", "waits")
        scene.leaves("bob")
    scene.leaves("alice")
    until(lambda: scene.phones.hearing(scene.legs["caller"]).kind == "queue", 5.0, "the caller is parked")
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.shows("Connected")
    assert [line["message"] for line in scene.session()["log"] if "arked" in line["message"]] == ["Parked"]
    ends_well(scene)


def test_a_caller_for_whom_nobody_can_be_recalled_is_told_so_and_let_go(scene: Scene) -> None:
    held(scene)
    scene.leaves("alice")
    for _ in range(3):
        scene.rings("alice")
        scene.leaves("alice")
        scene.sees("alice", "is gone")
    scene.sees("caller", "is told sorry to have kept you waiting")
    scene.phones.advance(15)
    scene.sees("caller", "is gone")
    scene.is_over()
    scene.nothing_is_left()
    scene.nobody_was_left_in_silence()


def test_who_is_parked_on_purpose_is_not_recalled_but_picked_up(scene: Scene) -> None:
    parked(scene)
    always(lambda: scene.phones.phone("client:alice") == [], during=2.0, what="alice's phone is silent")
    scene.evo("PATCH", who="bob", callState="Connected")
    scene.answers("bob")
    scene.sees("caller", "talks with bob")
    ends_well(scene)


def leave_by_workspace(scene: Scene) -> None:
    scene.works("alice", "Hangup")


def leave_by_evo(scene: Scene) -> None:
    scene.evo("DELETE", f"?callSid={scene.legs['alice']}")


def leave_by_key(scene: Scene) -> None:
    api = CallApi(scene.product.url)
    number = api.calls()[0]["call_session_id"]
    api.command("disconnect.leg", number, leg_id=api.leg(number, "1001"))


LEAVE = [leave_by_workspace, leave_by_evo, leave_by_key]


@pytest.mark.parametrize("leave", LEAVE, ids=lambda leave: leave.__name__)
def test_an_agent_who_leaves_a_talk_through_any_api_ends_it(scene: Scene, leave: Given) -> None:
    talk(scene)
    leave(scene)
    scene.sees("caller", "is gone", 2.0)
    scene.is_over()
    scene.nothing_is_left()


@pytest.mark.parametrize("leave", LEAVE, ids=lambda leave: leave.__name__)
@pytest.mark.parametrize("given", [conference, agent_aside], ids=lambda given: given.__name__)
def test_an_agent_who_leaves_a_conference_through_any_api_leaves_the_others_talking(
    scene: Scene, given: Given, leave: Given
) -> None:
    given(scene)
    leave(scene)
    scene.sees("alice", "is gone", 2.0)
    scene.sees("caller", "talks with bob")
    scene.sees("bob", "talks with caller")
    ends_well(scene)


def test_a_held_agent_who_hangs_up_by_workspace_ends_the_call(scene: Scene) -> None:
    """Genesys: hanging up a Held call ends the customer; a telephone that is put down parks them instead."""
    held(scene)
    scene.works("alice", "Hangup")
    scene.sees("caller", "is gone", 2.0)
    scene.is_over()
    scene.nothing_is_left()


@pytest.mark.parametrize(
    "given", [phone_rings, talk, held, consult_dials, consult_talk, conference, parked, recall_rings],
    ids=lambda given: given.__name__,
)  # fmt: skip
@pytest.mark.parametrize("end", ["evo", "key"])
def test_ending_the_session_ends_every_leg_in_every_phase(scene: Scene, given: Given, end: str) -> None:
    given(scene)
    if end == "evo":
        scene.evo("DELETE")
    else:
        api = CallApi(scene.product.url)
        api.command("release.call", api.calls()[0]["call_session_id"])
    for name in scene.legs:
        scene.sees(name, "is gone", 2.0)
    scene.is_over()
    scene.nothing_is_left()
    assert CallApi(scene.product.url).calls() == []


# Reminders and limits, on products of their own whose agents are short of patience.


@pytest.fixture(scope="module")
def impatient() -> Iterator[Product]:
    with running_product(HOLD_REMINDER_SECONDS="0.5", HOLD_LIMIT_SECONDS="2.5", RECALL_SECONDS="0.5") as product:
        yield product


@pytest.fixture
def impatient_scene(impatient: Product) -> Iterator[Scene]:
    impatient.settle()
    yield Scene(impatient)
    impatient.settle()


def test_an_agent_is_reminded_of_a_held_caller_who_is_given_back_at_the_limit(impatient_scene: Scene) -> None:
    scene = impatient_scene
    held(scene)
    scene.sees("alice", "is told still on hold for you")
    scene.sees("caller", "talks with alice")
    scene.shows("Connected")
    log = [line["message"] for line in scene.session()["log"]]
    assert "Reminder: the caller is still on hold" in log
    assert "Hold limit reached: the caller is given back" in log
    ends_well(scene)


def test_a_consult_is_not_disturbed_by_the_limit_of_the_hold(impatient_scene: Scene) -> None:
    scene = impatient_scene
    consult_talk(scene)
    always(lambda: scene.phones.hearing(scene.legs["caller"]).kind == "hold", during=3.2, what="the caller waits")
    assert scene.phones.hearing(scene.legs["bob"]).others == {scene.legs["alice"]}
    ends_well(scene)


def test_a_parked_caller_is_brought_back_to_an_agent_at_the_limit(impatient_scene: Scene) -> None:
    scene = impatient_scene
    parked(scene)
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    ends_well(scene)
