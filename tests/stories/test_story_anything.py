"""Whatever people and programs do to a call, in whatever order and at the same time: no request fails on our side, the caller is never
left in silence, what is shown is what is heard, and after the end nothing is left."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.dialects.call_api.client import KEY
from tests.stories.scene import ALICE_LINE, EXTENSIONS, PHONES, QUEUE_LINE, Scene
from tests.stories.test_story_leaving import conference, consult_talk, held, talk
from tests.support.product import Product
from tests.support.waiting import until

# Whatever was lost on the way is made good by then.
MADE_GOOD = 30.0
PEOPLE = ("alice", "bob", "carol", "friend")
OPERATIONS = (
    "Hold", "Retrieve", "InitiateConference", "InitiateTransfer", "CompleteConference", "CompleteTransfer", "SwapCalls",
    "Hangup", "SingleStepTransfer", "SingleStepConference", "SendDtmf", "SetCallDisposition",
)  # fmt: skip
METHODS = ("hold.call", "unhold.call", "make.call", "transfer.talk", "restore.talk", "send.dtmf")
# Parking sends every agent away, so it comes seldom.
PATCHES: tuple[dict[str, str], ...] = (
    *({"callState": "Hold"},) * 4, *({"callState": "Connected"},) * 5, {"callState": "Hold", "holdReason": "Transferring"},
    {"queueState": "Hold"},
)  # fmt: skip

Step = Callable[[], object]


class Mischief:
    """Random acts of people and programs on one call."""

    def __init__(self, scene: Scene, seed: int, provider_fails: bool = False) -> None:
        """``provider_fails``: failures of the provider are part of the story, so requests may report them."""
        self.scene = scene
        self.provider_fails = provider_fails
        self.random = random.Random(seed)
        self.done: list[str] = []

    def step(self) -> None:
        """One act."""
        act = self.random.choice(
            (self.person, self.person, self.workspace, self.workspace, self.workspace, self.evo, self.call_api)
        )
        act()

    def person(self) -> None:
        name = self.random.choice(PEOPLE)
        for call in self.scene.phones.phone(PHONES[name]):
            if call.status == "ringing":
                reaction = self.random.choice(("answer", "answer", "answer", "reject"))
                self.note(f"{name} {reaction}s")
                self.scene.phones.ask("POST", f"/calls/{call.call_sid}/{reaction}")
            elif self.random.random() < 0.1:
                self.note(f"{name} hangs up")
                self.scene.phones.ask("POST", f"/calls/{call.call_sid}/hangup")

    def workspace(self) -> None:
        desks = [self.scene.desk(name) for name in ("alice", "bob", "carol")]
        mine = [(desk, call) for desk in desks for call in desk.calls()]
        if not mine:
            return
        desk, call = self.random.choice(mine)
        name, other = desk.me["userName"], self.random.choice(mine)[1]
        offered = [one for one in OPERATIONS if one in call["capabilities"]]
        # Mostly what is offered, less often hanging up, now and then what is not offered.
        operation = self.random.choice(offered if offered and self.random.random() < 0.85 else OPERATIONS)
        if operation == "Hangup" and self.random.random() < 0.7:
            return
        body: dict[str, Any] = {"operationName": operation}
        if operation in ("InitiateConference", "InitiateTransfer", "SingleStepTransfer", "SingleStepConference"):
            body["destination"] = {"phoneNumber": EXTENSIONS[self.random.choice(PEOPLE)]}
        if operation == "SwapCalls":
            body["otherCallUri"] = other["uri"]
        if operation == "SendDtmf":
            body["digits"] = "1"
        if operation == "SetCallDisposition":
            body["disposition"] = "x"
        self.sent(f"{name} {operation} on {call['state']}", desk.http.post(call["uri"], json=body, timeout=20))

    def evo(self) -> None:
        url = f"{self.scene.product.url}/sessions/{self.scene.session_id}"
        patch = self.random.choice(PATCHES)
        auth = (self.random.choice(("alice", "bob")), "demo")
        self.sent(f"{auth[0]} {patch}", requests.patch(url, json=patch, auth=auth, timeout=20))

    def call_api(self) -> None:
        ask: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "list.calls", "params": {"access_token": KEY}}
        url = f"{self.scene.product.url}/v4.0"
        calls = requests.post(url, json=ask, timeout=20).json()["result"]["data"]
        if not calls:
            return
        method = self.random.choice(METHODS)
        params: dict[str, Any] = {"access_token": KEY, "call_session_id": calls[0]["call_session_id"]}
        if method == "hold.call":
            params["contact_message"] = {"type": "tts", "value": "Please wait"}
        if method == "make.call":
            params["to"] = EXTENSIONS[self.random.choice(PEOPLE)].removeprefix("+")
        if method == "send.dtmf":
            params["dtmf_string"] = "5"
        self.sent(method, requests.post(url, json={**ask, "method": method, "params": params}, timeout=20))

    def note(self, what: str) -> None:
        self.done.append(what)

    def sent(self, what: str, answer: requests.Response) -> None:
        said = answer.text if "error" in answer.text else ""
        self.note(f"{what} -> {answer.status_code} {said[:160]}")
        if self.provider_fails:
            return
        assert answer.status_code < 500 or gone(answer), (self.done, answer.text)
        assert "internal_error" not in answer.text or gone(answer), (self.done, answer.text)


def gone(answer: requests.Response) -> bool:
    """Whether the provider refused because somebody left at that very moment: the one failure that is nobody's fault."""
    return any(word in answer.text for word in ("not found", "not in-progress", "has not begun"))


def comes_to_rest(scene: Scene, done: list[str], within: float = 8.0) -> None:
    """What is shown is what is heard."""

    def true() -> bool:
        session = scene.session()
        if session["ended"]:
            return scene.phones.call(scene.legs["caller"]).status != "in-progress"
        hearing = scene.phones.hearing(scene.legs["caller"])
        if session["callState"] == "Connected":
            return bool(hearing.others)
        return hearing.kind in ("hold", "queue", "wait", "ringback") and hearing.now is not None

    until(
        true,
        within,
        f"{scene.session()['callState']} is {scene.phones.call(scene.legs['caller']).heard[-3:]} after {done}",
    )


def ends(scene: Scene, done: list[str]) -> None:
    """The caller hangs up, if still there; everything is over."""
    scene.phones.ask("POST", f"/calls/{scene.legs['caller']}/hangup")
    until(lambda: scene.session()["ended"], 5.0, f"the session has ended after {done}")
    scene.nothing_is_left()
    scene.nobody_was_left_in_silence()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_call_stays_true_and_ends_clean(product: Product, seed: int) -> None:
    scene = Scene(product)
    scene.call_in(ALICE_LINE if seed % 2 else QUEUE_LINE)
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    mischief = Mischief(scene, seed)
    for _ in range(25):
        mischief.step()
        if scene.session()["ended"]:
            break
    comes_to_rest(scene, mischief.done)
    ends(scene, mischief.done)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_while_the_provider_misbehaves_is_made_good(product: Product, seed: int) -> None:
    scene = Scene(product)
    scene.call_in(ALICE_LINE if seed % 2 else QUEUE_LINE)
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.phones.faults(
        duplicate=0.3, reorder=0.4, delay_ms=100, drop=0.1, rest_429=0.1, rest_500_after_effect=0.1, seed=seed
    )
    mischief = Mischief(scene, seed, provider_fails=True)
    for _ in range(15):
        mischief.step()
    scene.phones.faults()
    comes_to_rest(scene, mischief.done, MADE_GOOD)
    scene.phones.ask("POST", f"/calls/{scene.legs['caller']}/hangup")
    until(lambda: scene.session()["ended"], MADE_GOOD, f"the session has ended after {mischief.done}")
    scene.nothing_is_left(MADE_GOOD)


@pytest.mark.parametrize("given", [talk, held, consult_talk, conference], ids=lambda given: given.__name__)
def test_commands_at_the_same_moment_are_done_or_refused_and_never_fail(
    product: Product, given: Callable[[Scene], None]
) -> None:
    scene = Scene(product)
    given(scene)
    for name in ("alice", "bob"):
        scene.desk(name)
    many = [Mischief(scene, seed) for seed in range(4)]

    def commands(mischief: Mischief) -> None:
        for act in (mischief.workspace, mischief.evo, mischief.call_api) * 3:
            act()

    with ThreadPoolExecutor(len(many)) as together:
        for done in [together.submit(commands, mischief) for mischief in many]:
            done.result()
    everything = [what for mischief in many for what in mischief.done]
    comes_to_rest(scene, everything)
    ends(scene, everything)


@pytest.mark.parametrize("given", [held, consult_talk, conference], ids=lambda given: given.__name__)
def test_everybody_hangs_up_at_the_same_moment(product: Product, given: Callable[[Scene], None]) -> None:
    scene = Scene(product)
    given(scene)
    with ThreadPoolExecutor(3) as together:
        list(together.map(lambda leg: scene.phones.ask("POST", f"/calls/{leg}/hangup"), scene.legs.values()))
    scene.is_over()
    scene.nothing_is_left()
