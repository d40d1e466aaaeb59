"""Anybody may hang up at any point: what the others hear next, whether the call goes on, and that nothing is left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.stories.scene import ALICE_LINE, QUEUE_LINE, Scene
from tests.support.product import Product
from tests.support.waiting import until

Given = Callable[[Scene], None]


def phone_rings(scene: Scene) -> None:
    """The agent's phone rings."""
    scene.call_in(ALICE_LINE)
    scene.rings("alice")
    scene.sees("caller", "waits")


def talk(scene: Scene) -> None:
    """Caller and agent talk."""
    scene.call_in(ALICE_LINE)
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.shows("Connected")


def held(scene: Scene) -> None:
    """The caller is on hold."""
    talk(scene)
    assert scene.evo("PATCH", callState="Hold")["callState"] == "Hold"
    scene.sees("caller", "waits")


def consult_dials(scene: Scene) -> None:
    """The agent rings a third party, the caller waits."""
    talk(scene)
    scene.dials("alice", "InitiateConference", "bob")
    scene.sees("caller", "waits")


def consult_dials_outside(scene: Scene) -> None:
    """The agent rings an outside phone, the caller waits."""
    talk(scene)
    scene.dials("alice", "InitiateTransfer", "friend")
    scene.sees("caller", "waits")


def consult_talk(scene: Scene) -> None:
    """Agent and third party talk, the caller waits."""
    consult_dials(scene)
    scene.phones.answer(scene.legs["bob"])
    scene.sees("bob", "talks with alice")
    until(lambda: scene.desk("alice").call(call_type="Consult")["state"] == "Established")


def swapped(scene: Scene) -> None:
    """Agent and caller talk, the third party waits."""
    consult_talk(scene)
    original = scene.desk("alice").call(call_type="Inbound")["uri"]
    scene.works("alice", "SwapCalls", "Consult", otherCallUri=original)
    scene.sees("caller", "talks with alice")
    scene.sees("bob", "waits")


def swapped_while_dialing(scene: Scene) -> None:
    """Agent and caller talk, the third party is still being rung."""
    consult_dials(scene)
    other = scene.desk("alice").call(call_type="Consult")["uri"]
    scene.works("alice", "SwapCalls", otherCallUri=other)
    scene.sees("caller", "talks with alice")


def conference(scene: Scene) -> None:
    """All three talk."""
    consult_talk(scene)
    scene.works("alice", "CompleteConference", "Consult")
    scene.sees("caller", "talks with alice, bob")


def held_conference(scene: Scene) -> None:
    """Both agents are there, the caller is on hold."""
    conference(scene)
    scene.evo("PATCH", callState="Hold")
    scene.sees("caller", "waits")


def agent_aside(scene: Scene) -> None:
    """One agent has set herself aside, the others talk."""
    conference(scene)
    scene.works("alice", "Hold")
    scene.sees("caller", "talks with bob")
    scene.sees("alice", "waits")


def transfer_dials(scene: Scene) -> None:
    """A transfer was completed while the target still rings."""
    consult_dials_outside(scene)
    scene.works("alice", "CompleteTransfer", "Consult")
    scene.sees("alice", "is gone")
    scene.sees("caller", "waits")


def single_step_transfer_dials(scene: Scene) -> None:
    """The caller is being given to somebody who still rings."""
    talk(scene)
    scene.dials("alice", "SingleStepTransfer", "bob")
    scene.sees("caller", "waits")


def single_step_conference_dials(scene: Scene) -> None:
    """Caller and agent talk while a third person is rung to join."""
    talk(scene)
    scene.dials("alice", "SingleStepConference", "bob")


def transferred(scene: Scene) -> None:
    """The caller has been given to the third party."""
    consult_talk(scene)
    scene.works("alice", "CompleteTransfer", "Consult")
    scene.sees("alice", "is gone")
    scene.sees("caller", "talks with bob")


def parked(scene: Scene) -> None:
    """The caller is parked, no agent is there."""
    talk(scene)
    scene.evo("PATCH", queueState="Hold")
    scene.sees("alice", "is gone")
    scene.sees("caller", "waits")


def picked_up(scene: Scene) -> None:
    """A colleague is being rung for the parked caller."""
    parked(scene)
    scene.evo("PATCH", who="bob", callState="Connected")
    scene.rings("bob")


def recall_rings(scene: Scene) -> None:
    """The agent who left while the caller was held is being rung again."""
    held(scene)
    scene.leaves("alice")
    scene.sees("alice", "is gone")
    scene.rings("alice")
    scene.sees("caller", "waits")


def recalled(scene: Scene) -> None:
    """The agent has answered the recall."""
    recall_rings(scene)
    scene.phones.answer(scene.legs["alice"])
    scene.sees("caller", "talks with alice")
    scene.shows("Connected")


def offered(scene: Scene) -> None:
    """The ring queue offers the call to the agent who has been ready longest."""
    scene.call_in(QUEUE_LINE)
    scene.rings("alice")
    scene.sees("caller", "waits")


def offered_to_the_next(scene: Scene) -> None:
    """The first agent declined, the second one rings."""
    offered(scene)
    scene.leaves("alice")
    scene.rings("bob")


def between_two_rounds(scene: Scene) -> None:
    """Every agent of the ring queue has declined; nobody rings at the moment."""
    offered_to_the_next(scene)
    scene.leaves("bob")
    scene.sees("bob", "is gone")
    scene.sees("caller", "waits")


def talk_from_the_ring_queue(scene: Scene) -> None:
    """An agent of the ring queue has answered."""
    offered(scene)
    scene.phones.answer(scene.legs["alice"])
    scene.sees("caller", "talks with alice")
    scene.shows("Connected")


@dataclass(frozen=True)
class Case:
    """``who`` hang up one after the other; then each of the others sees what ``then`` says. ``goes_on``: Evo callState; "" = over."""

    given: Given
    who: tuple[str, ...]
    goes_on: str = ""
    then: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        about = (self.given.__doc__ or "").rstrip(".")
        return f"{about}; {' then '.join(self.who)} hang up".replace(" ", "_")


def case(given: Given, *who: str, goes_on: str = "", **then: str) -> Case:
    return Case(given, who, goes_on, then)


CALLER_LEAVES = [
    case(phone_rings, "caller", alice="is gone"),
    case(talk, "caller", alice="is gone"),
    case(held, "caller", alice="is gone"),
    case(consult_dials, "caller", alice="is gone", bob="is gone"),
    case(consult_talk, "caller", alice="is gone", bob="is gone"),
    case(swapped, "caller", alice="is gone", bob="is gone"),
    case(swapped_while_dialing, "caller", alice="is gone", bob="is gone"),
    case(conference, "caller", alice="is gone", bob="is gone"),
    case(held_conference, "caller", alice="is gone", bob="is gone"),
    case(agent_aside, "caller", alice="is gone", bob="is gone"),
    case(transfer_dials, "caller", friend="is gone"),
    case(single_step_transfer_dials, "caller", bob="is gone"),
    case(single_step_conference_dials, "caller", alice="is gone", bob="is gone"),
    case(transferred, "caller", bob="is gone"),
    case(parked, "caller"),
    case(picked_up, "caller", bob="is gone"),
    case(recall_rings, "caller", alice="is gone"),
    case(recalled, "caller", alice="is gone"),
    case(offered, "caller", alice="is gone"),
    case(offered_to_the_next, "caller", bob="is gone"),
    case(between_two_rounds, "caller"),
    case(talk_from_the_ring_queue, "caller", alice="is gone"),
]
AGENT_LEAVES = [
    case(phone_rings, "alice", caller="is told nobody can take your call"),
    case(talk, "alice", caller="is gone"),
    case(held, "alice", goes_on="Hold", caller="waits"),
    case(consult_dials, "alice", goes_on="Hold", caller="waits", bob="rings"),
    case(consult_dials_outside, "alice", goes_on="Hold", caller="waits", friend="rings"),
    case(consult_talk, "alice", goes_on="Connected", caller="talks with bob", bob="talks with caller"),
    case(swapped, "alice", goes_on="Connected", caller="talks with bob", bob="talks with caller"),
    case(swapped_while_dialing, "alice", goes_on="Hold", caller="waits", bob="rings"),
    case(conference, "alice", goes_on="Connected", caller="talks with bob"),
    case(held_conference, "alice", goes_on="Hold", caller="waits"),
    case(agent_aside, "alice", goes_on="Connected", caller="talks with bob"),
    case(single_step_conference_dials, "alice", caller="is gone", bob="is gone"),
    case(recalled, "alice", caller="is gone"),
    case(recall_rings, "alice", goes_on="Hold", caller="waits", alice="rings"),
    case(offered, "alice", goes_on="Ringing", caller="waits", bob="rings"),
    case(offered_to_the_next, "bob", goes_on="Ringing", caller="waits"),
    case(talk_from_the_ring_queue, "alice", caller="is gone"),
    case(picked_up, "bob", goes_on="Hold", caller="waits"),
]
THIRD_PARTY_LEAVES = [
    case(consult_dials, "bob", goes_on="Hold", caller="waits", alice="retrieves"),
    case(consult_dials_outside, "friend", goes_on="Hold", caller="waits", alice="retrieves"),
    case(consult_talk, "bob", goes_on="Hold", caller="waits", alice="retrieves"),
    case(swapped, "bob", goes_on="Connected", caller="talks with alice"),
    case(swapped_while_dialing, "bob", goes_on="Connected", caller="talks with alice"),
    case(conference, "bob", goes_on="Connected", caller="talks with alice"),
    case(held_conference, "bob", goes_on="Hold", caller="waits", alice="retrieves"),
    case(agent_aside, "bob", goes_on="Connected", caller="talks with alice", alice="talks with caller"),
    case(transfer_dials, "friend", goes_on="Hold", caller="waits", alice="rings"),
    case(single_step_transfer_dials, "bob", goes_on="Hold", caller="waits", alice="rings"),
    case(single_step_conference_dials, "bob", goes_on="Connected", caller="talks with alice"),
    case(transferred, "bob", caller="is gone"),
]
ONE_AFTER_THE_OTHER = [
    case(consult_dials, "alice", "bob", goes_on="Hold", caller="waits", alice="rings"),
    case(consult_dials, "bob", "alice", goes_on="Hold", caller="waits", alice="rings"),
    case(consult_talk, "bob", "alice", goes_on="Hold", caller="waits", alice="rings"),
    case(consult_talk, "alice", "caller", bob="is gone"),
    case(consult_talk, "bob", "caller", alice="is gone"),
    case(conference, "alice", "bob", caller="is gone"),
    case(conference, "bob", "alice", caller="is gone"),
    case(held_conference, "alice", "bob", goes_on="Hold", caller="waits"),
    case(agent_aside, "bob", "alice", caller="is gone"),
    case(swapped, "bob", "alice", caller="is gone"),
    case(phone_rings, "alice", "caller"),
]
CASES = CALLER_LEAVES + AGENT_LEAVES + THIRD_PARTY_LEAVES + ONE_AFTER_THE_OTHER


@pytest.mark.parametrize("case", CASES, ids=str)
def test_when_somebody_hangs_up_the_others_are_looked_after(case: Case, product: Product) -> None:
    scene = Scene(product)
    case.given(scene)
    for name in case.who:
        scene.leaves(name)
    for name, what in case.then.items():
        if what == "retrieves":
            # The caller stays held and can be brought back.
            scene.sees("caller", "waits")
            until(lambda: "bob" not in members(scene) and len(members(scene)) == 2)
            assert scene.evo("PATCH", callState="Connected")["callState"] == "Connected"
            scene.sees("caller", f"talks with {name}")
        else:
            # Remaining legs are ended within two seconds, a caller without agents is parked within five.
            scene.sees(name, what, 2.0 if what == "is gone" else 5.0)
        if what.startswith("is told"):
            scene.phones.advance(10)  # until it has been said
    if case.goes_on and "retrieves" not in case.then.values():
        scene.shows(case.goes_on)
    if not case.goes_on:
        scene.is_over()
    if case.goes_on:
        scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()
    scene.nobody_was_left_in_silence()
    assert scene.session()["callState"] == "Disconnected"


def members(scene: Scene) -> list[str]:
    """Who is on the call, as Evo Voice names them."""
    return [member["identity"] for member in scene.session()["members"]]
