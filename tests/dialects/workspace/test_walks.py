"""Whatever agents and callers do, in any order: promises about replies and notifications that hold on every path."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.session import Status
from tests.dialects.workspace.world import ALICE, BOB, CAROL, CUSTOMER, Agent, World

AGENTS = (ALICE, BOB, CAROL)
NUMBERS = ("1001", "1002", "1003", "+15550100002")
PARAMETERS: dict[str, Any] = {
    "SendDtmf": {"digits": "1"},
    "AttachUserData": {"userData": {"a": "1"}},
    "UpdateUserData": {"userData": {"a": "2"}},
    "DeleteUserDataPair": {"key": "a"},
    "SetCallDisposition": {"disposition": "x"},
}
OPERATIONS = (
    "Hold", "Retrieve", "Hangup", "InitiateConference", "CompleteConference", "InitiateTransfer", "CompleteTransfer", "SwapCalls",
    "SingleStepTransfer", "SingleStepConference", "RemoveParticipantFromConference", "ClearCall", "MuteCall", "UnmuteCall",
    *PARAMETERS, "DeleteUserData",
)  # fmt: skip
SCENES = st.sampled_from(["talk", "consult", "conference"])
# An act: who, on which of her calls, which operation (mostly one that is offered, or else the walk goes nowhere), and whom to dial.
OFFERED = st.tuples(st.just("offered"), st.integers(0, 5), st.integers(0, 40), st.sampled_from(NUMBERS))
ANY = st.tuples(st.just("any"), st.integers(0, 5), st.sampled_from(OPERATIONS), st.sampled_from(NUMBERS))
ANSWERS = st.tuples(st.just("answers"), st.integers(0, 3))
LEAVES = st.tuples(st.just("leaves"), st.integers(1, 5))  # the customer goes only at the end: nothing would follow
STEPS = st.lists(st.one_of(OFFERED, OFFERED, OFFERED, ANSWERS, ANSWERS, ANY, LEAVES), min_size=4, max_size=20)
# What leads nowhere, or to the end, is tried less often: only as one of all operations.
SIDESTEPS = ("ClearCall", "Hangup", "MuteCall", "SendDtmf", "DeleteUserData", *PARAMETERS)


def act(agents: dict[str, Agent], kind: str, which: int, choice: Any, number: str) -> tuple[str, str] | None:
    """An agent tries an operation: it is accepted or refused in the API's shape, never an accident. Return (operation, outcome)."""
    calls = [(agent, call) for agent in agents.values() for call in agent.calls()]
    if not calls:
        return None
    agent, call = calls[which % len(calls)]
    operation = choice
    if kind == "offered":
        onward = [name for name in sorted(call["capabilities"]) if name not in SIDESTEPS] or call["capabilities"]
        operation = onward[choice % len(onward)]
    answer = agent.does(call["id"], operation, **parameters_of(operation, call, agent.calls(), number))
    assert answer.status_code in (200, 400), (operation, answer.json)
    if operation != "SetCallDisposition" and operation not in call["capabilities"]:
        assert answer.json["statusCode"] == 2  # type: ignore[index]
    if answer.status_code == 400:
        assert call in agent.calls(), f"{operation} was refused and yet changed the call"
    return operation, "accepted" if answer.status_code == 200 else "refused"


def parameters_of(operation: str, call: dict[str, Any], calls: list[dict[str, Any]], number: str) -> dict[str, Any]:
    """Parameters that make sense for the operation on this call."""
    if "Initiate" in operation or "SingleStep" in operation:
        return {"destination": {"phoneNumber": number}}
    if operation == "SwapCalls":
        return {"otherCallUri": next((other["uri"] for other in calls if other["id"] != call["id"]), call["uri"])}
    if operation == "RemoveParticipantFromConference":
        return {"participant": call["participants"][-1]["phoneNumber"] if call["participants"] else "nobody"}
    return dict(PARAMETERS.get(operation, {}))


def happen(world: World, kind: str, which: int) -> None:
    """Somebody's telephone answers or hangs up, if that is possible now."""
    session = next(iter(world.control.sessions.values()))
    if kind == "answers":
        legs = [leg for leg in session.legs if leg.status is Status.RINGING]
    else:
        legs = [leg for leg in session.legs[1:] if leg.live]
    if legs:
        getattr(world.control, kind)(session.id, legs[which % len(legs)].party.address)


class Subscriber:
    """Everything the agents' subscriptions have said, call by call."""

    def __init__(self, agents: dict[str, Agent]) -> None:
        self.agents = agents
        self.latest = {(user_id, call["id"]): call for user_id, agent in agents.items() for call in agent.calls()}

    def take(self, user_id: str, data: dict[str, Any]) -> None:
        """A notification of a call: never after its release, never the same again."""
        before = self.latest.get((user_id, data["call"]["id"]))
        if before is not None:
            assert before["state"] != "Released", f"{data['notificationType']} after Released"
            if data["notificationType"] not in ("DtmfSent", "HoldReminder", "Error"):
                assert whole(before) != whole(data["call"]), f"told twice: {data}"
        self.latest[user_id, data["call"]["id"]] = data["call"]

    def knows_what_is_so(self) -> None:
        """What was told last of each call is what a GET shows."""
        told = {key: known(call) for key, call in self.latest.items() if call["state"] != "Released"}
        seen = {(user_id, call["id"]): known(call) for user_id, agent in self.agents.items() for call in agent.calls()}
        assert told == seen


def known(call: dict[str, Any]) -> tuple[Any, ...]:
    """What a subscriber has to know of a call from notifications alone; capabilities may change without one."""
    return call["state"], call["mute"], call.get("userData"), json.dumps(call["participants"], sort_keys=True)


def whole(call: dict[str, Any]) -> tuple[Any, ...]:
    """What makes a notification another one than its predecessor: after a consult the offer alone may be new."""
    return (*known(call), set(call["capabilities"]))


def begin(world: World, scene: str) -> dict[str, Agent]:
    """Set a scene: alice talks with a customer, or consults bob beside her, or is in a conference with both."""
    session_id = world.talk().id
    agents = {user.id: world.agent(user) for user in AGENTS}
    call_id = agents[ALICE.id].call()["id"]
    if scene != "talk":
        agents[ALICE.id].does(call_id, "InitiateConference", destination={"phoneNumber": "1002"})
        world.control.answers(session_id, "client:bob")
    if scene == "conference":
        agents[ALICE.id].does(call_id, "CompleteConference")
    world.control.told.clear()
    return agents


def walk(scene: str, steps: list[tuple[Any, ...]], met: Counter[Any] | None = None) -> None:
    """Go through the steps in a fresh world, checking every promise after each; count in ``met`` what was tried."""
    world = World(workspace_extra_capabilities=("ClearCall", "MuteCall"))
    agents = begin(world, scene)
    session_id = next(iter(world.control.sessions))
    subscriber = Subscriber(agents)
    for kind, *rest in [*steps, ("the customer leaves",)]:
        world.clock.moment += 1
        if kind in ("offered", "any"):
            tried = act(agents, kind, *rest)
            if met is not None:
                met[tried] += 1
        elif kind in ("answers", "leaves"):
            happen(world, kind, *rest)
        elif world.control.sessions[session_id].live:
            world.control.leaves(session_id, CUSTOMER)
        for user in AGENTS:
            for message in world.notifications(user):
                subscriber.take(user.id, message["data"])
        subscriber.knows_what_is_so()
    assert [agent.calls() for agent in agents.values()] == [[], [], []]


@settings(max_examples=120, deadline=None)
@given(scene=SCENES, steps=STEPS)
def test_on_every_path_notifications_tell_a_true_and_finite_story(scene: str, steps: list[tuple[Any, ...]]) -> None:
    walk(scene, steps)
