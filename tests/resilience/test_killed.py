"""A process is killed in the middle of a command; another one finds the session as if nothing had happened."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.core import commands as c
from app.core.session import Party
from app.house import House, create_house
from tests.resilience.houses import next_process, run_and_die, settings_of, take_over
from tests.support.house import until_closed
from tests.support.product import Product, Talk
from tests.support.waiting import until

ALICE, BOB, CAROL = "client:alice", "client:bob", "client:carol"


@dataclass(frozen=True)
class Scene:
    """A way into a state, and a command that is possible in it."""

    name: str
    given: Callable[[Product, House, Talk], None]
    command: Callable[[House, Talk], c.Command]


def _person(house: House, name: str) -> Party:
    user = house.services.directory.user_by_name(name)
    assert user is not None
    return user.party()


def _nothing(product: Product, house: House, talk: Talk) -> None:
    """They talk."""


def _held(product: Product, house: House, talk: Talk) -> None:
    house.services.control.run(talk.session_id, c.Hold())


def _consult_dialing(product: Product, house: House, talk: Talk) -> None:
    house.services.control.run(talk.session_id, c.StartConsult(_person(house, "bob"), "+15550001001"))
    product.simulator.ringing(BOB)


def _consult_talk(product: Product, house: House, talk: Talk) -> None:
    _consult_dialing(product, house, talk)
    bob = product.simulator.ringing(BOB)
    product.simulator.answer(bob)
    until(lambda: product.simulator.hearing(talk.agent).others == {bob}, what="the two agents talk")
    until(lambda: house.services.control.session(talk.session_id).find(bob).answered, what="the answer is known")  # type: ignore[union-attr]


def _parked(product: Product, house: House, talk: Talk) -> None:
    house.services.control.run(talk.session_id, c.Park())
    until(lambda: product.simulator.hearing(talk.customer).kind == "queue", what="the customer waits in the queue")


def _to_bob(house: House, talk: Talk) -> Party:
    return _person(house, "bob")


LINE = "+15550001001"
SCENES = [
    Scene("hold", _nothing, lambda house, talk: c.Hold()),
    Scene("retrieve", _held, lambda house, talk: c.Retrieve()),
    Scene("consult", _nothing, lambda house, talk: c.StartConsult(_person(house, "bob"), LINE)),
    Scene("complete conference", _consult_talk, lambda house, talk: c.CompleteConference()),
    Scene("complete transfer", _consult_talk, lambda house, talk: c.CompleteTransfer()),
    Scene("complete transfer while dialing", _consult_dialing, lambda house, talk: c.CompleteTransfer()),
    Scene("give up the consult", _consult_talk, lambda house, talk: c.EndConsult(retrieve=True)),
    Scene("swap", _consult_talk, lambda house, talk: c.Swap()),
    Scene("single-step transfer", _nothing, lambda house, talk: c.SingleStepTransfer(_person(house, "bob"), LINE)),
    Scene("single-step conference", _nothing, lambda house, talk: c.SingleStepConference(_person(house, "bob"), LINE)),
    Scene("mute", _nothing, lambda house, talk: c.Mute(f"{talk.session_id}-1", True)),
    Scene("digits", _nothing, lambda house, talk: c.SendDigits("12#")),
    Scene("park", _nothing, lambda house, talk: c.Park()),
    Scene("pick up", _parked, lambda house, talk: c.PickUp(_person(house, "carol"), LINE)),
    Scene("remove", _nothing, lambda house, talk: c.RemoveParty(f"{talk.session_id}-1")),
    Scene("end", _nothing, lambda house, talk: c.EndSession()),
]
MOMENTS = [
    ("before commit", 2),
    ("before request", 1),
    ("after request", 1),
    ("before commit", 3),
    ("after request", 2),
]


def _picture(product: Product, house: House, session_id: str) -> dict[str, Any]:
    """Return what can be told of a session from outside: by the controller, and by the provider."""
    session = house.services.control.session(session_id)
    labels = {leg.call_sid: leg.n for leg in session.legs}
    room = product.simulator.room(session.conference_name)
    return {
        "hold": session.hold is not None,
        "ended": not session.live,
        "legs": [(leg.n, leg.role, leg.live, leg.held, leg.muted, leg.answered) for leg in session.legs],
        "consult": session.consult is not None,
        "room": sorted((labels[one.call_sid], one.hold, one.muted) for one in room.participants) if room else [],
        "rings": {address: len(product.simulator.phone(address)) for address in (ALICE, BOB, CAROL)},
    }


def _undisturbed(product: Product, scene: Scene) -> dict[str, Any]:
    """Return the picture after the same command when nobody dies."""
    with until_closed(create_house(settings_of(product))) as house:
        talk = product.given_talk()
        scene.given(product, house, talk)
        house.services.control.run(talk.session_id, scene.command(house, talk))
        return _settled(product, house, talk.session_id)


def _settled(product: Product, house: House, session_id: str) -> dict[str, Any]:
    """Return the picture once it stands still."""
    pictures = (_picture(product, house, session_id) for _ in itertools.count())
    last: dict[str, Any] = next(pictures)

    def still() -> bool:
        nonlocal last
        before, last = last, next(pictures)
        return before == last

    streak = 0
    while streak < 6:
        streak = streak + 1 if still() else 0
        product.simulator.advance(0.05)
    return last


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_command_whose_process_is_killed_is_carried_out_by_the_next_one(product: Product, scene: Scene) -> None:
    wanted = _undisturbed(product, scene)

    for moment, count in MOMENTS:
        product.settle()
        with until_closed(create_house(settings_of(product))) as house:
            talk = product.given_talk()
            scene.given(product, house, talk)

            ended = run_and_die(product, talk.session_id, scene.command(house, talk), moment, count)

            if ended != -signal.SIGKILL:
                continue  # the command has fewer steps than that
            take_over(next_process(product))
            found = _settled(product, house, talk.session_id)
            assert found == wanted, f"killed {moment} {count}"


def test_a_process_killed_before_it_wrote_anything_down_has_changed_nothing(product: Product) -> None:
    with until_closed(create_house(settings_of(product))) as house:
        talk = product.given_talk()
        before = _settled(product, house, talk.session_id)

        assert run_and_die(product, talk.session_id, c.Hold(), "before commit", 1) == -signal.SIGKILL

        take_over(next_process(product))
        assert _settled(product, house, talk.session_id) == before
        assert house.services.control.run(talk.session_id, c.Hold()).hold is not None
