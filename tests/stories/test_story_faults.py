"""When the provider refuses, answers late or loses its callbacks: what clients are told, and that the session stays true."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from tests.dialects.call_api.client import CallApi
from tests.stories.scene import Scene
from tests.stories.test_story_leaving import consult_talk, held, talk
from tests.support.product import Product, running_product
from tests.support.waiting import always, until

# Whatever was lost on the way is made good by then.
MADE_GOOD = 30.0


@pytest.fixture(scope="module")
def hasty() -> Iterator[Product]:
    """A product that waits for the provider only briefly and compares with it often."""
    with running_product(PROVIDER_TIMEOUT_SECONDS="0.4", RECONCILE_SECONDS="2", WEB_CONCURRENCY="2") as product:
        yield product


@pytest.fixture
def scene(hasty: Product) -> Iterator[Scene]:
    hasty.simulator.faults()
    hasty.settle()
    yield Scene(hasty)
    hasty.simulator.faults()
    hasty.settle()


def hold_by_evo(scene: Scene) -> tuple[int, str]:
    answer = requests.patch(
        f"{scene.product.url}/sessions/{scene.session_id}",
        json={"callState": "Hold"},
        auth=("alice", "demo"),
        timeout=30,
    )
    return answer.status_code, answer.json().get("responseStatus", {}).get("errorCode", "")


def hold_by_key(scene: Scene) -> tuple[int, str]:
    api = CallApi(scene.product.url)
    message = {"type": "tts", "value": "Wait"}
    answer = api.ask("hold.call", call_session_id=api.calls()[0]["call_session_id"], contact_message=message)
    return 200, answer.get("error", {}).get("data", {}).get("mnemonic", "")


def hold_by_workspace(scene: Scene) -> tuple[int, str]:
    desk = scene.desk("alice")
    answer = desk.post(desk.call()["id"], "Hold")
    return answer.status_code, str(answer.json()["statusCode"])


Hold = Callable[[Scene], tuple[int, str]]
HOLDS: list[tuple[Hold, tuple[int, str], tuple[int, str]]] = [
    (hold_by_evo, (500, "TwilioException"), (200, "")),
    (hold_by_key, (200, "internal_error"), (200, "")),
    (hold_by_workspace, (500, "4"), (200, "0")),
]
by_each_api = pytest.mark.parametrize(("hold", "failure", "success"), HOLDS, ids=["evo", "call_api", "workspace"])


@by_each_api
def test_a_hold_the_provider_does_not_take_is_reported_and_may_be_tried_again(
    scene: Scene, hold: Hold, failure: tuple[int, str], success: tuple[int, str]
) -> None:
    talk(scene)
    scene.phones.faults(rest_429=1.0)
    assert hold(scene) == failure
    assert scene.session()["callState"] == "Connected"
    assert scene.phones.hearing(scene.legs["caller"]).others == {scene.legs["alice"]}
    assert any("failed" in line["message"] for line in scene.session()["log"])
    scene.phones.faults()
    assert hold(scene) == success
    scene.sees("caller", "waits")
    scene.shows("Hold")
    scene.evo("PATCH", callState="Connected")
    scene.sees("caller", "talks with alice")


@by_each_api
@pytest.mark.parametrize("fault", ["rest_500_after_effect", "rest_timeout"])
def test_a_hold_that_took_effect_though_the_provider_did_not_say_so_is_a_hold(
    scene: Scene, fault: str, hold: Hold, failure: tuple[int, str], success: tuple[int, str]
) -> None:
    talk(scene)
    scene.phones.faults(**{fault: 1.0})
    assert hold(scene) == success
    scene.sees("caller", "waits")
    scene.shows("Hold")
    scene.phones.faults()
    scene.evo("PATCH", callState="Connected")
    scene.sees("caller", "talks with alice")


@pytest.mark.parametrize("fault", ["rest_500_after_effect", "rest_timeout"])
def test_one_consult_never_rings_the_third_party_twice(scene: Scene, fault: str) -> None:
    held(scene)
    scene.phones.faults(**{fault: 1.0})
    desk = scene.desk("alice")
    answer = desk.post(desk.call()["id"], "InitiateConference", destination={"phoneNumber": "1002"})
    assert answer.status_code in (200, 500)
    scene.phones.faults()
    always(lambda: len(scene.phones.phone("client:bob")) <= 1, during=1.0, what="bob has one call at most")
    ringing = scene.phones.phone("client:bob")
    if answer.status_code == 200:
        scene.answers("bob")
        scene.sees("bob", "talks with alice")
        scene.works("alice", "CompleteConference", "Consult")
        scene.sees("caller", "talks with alice, bob")
    else:
        # Reported as failed: then nobody goes on ringing, and the caller can be brought back.
        until(lambda: scene.phones.phone("client:bob") == [], MADE_GOOD, f"bob is left alone; he had {ringing}")
        scene.evo("PATCH", callState="Connected")
        scene.sees("caller", "talks with alice")
    scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left(MADE_GOOD)


def test_a_provider_that_refuses_now_and_then_is_asked_again_without_anybody_noticing(scene: Scene) -> None:
    talk(scene)
    scene.phones.faults(rest_429=0.3, seed=11)
    scene.evo("PATCH", callState="Hold")
    scene.sees("caller", "waits")
    scene.dials("alice", "InitiateConference", "bob")
    scene.phones.answer(scene.legs["bob"])
    scene.sees("bob", "talks with alice")
    until(lambda: scene.desk("alice").call(call_type="Consult")["state"] == "Established")
    scene.works("alice", "CompleteConference", "Consult")
    scene.sees("caller", "talks with alice, bob")


@pytest.mark.parametrize("fault", ["rest_429", "rest_500_after_effect", "rest_timeout"])
def test_an_end_that_the_provider_does_not_take_at_once_is_asked_for_until_it_does(scene: Scene, fault: str) -> None:
    consult_talk(scene)
    scene.phones.faults(**{fault: 1.0})
    scene.leaves("caller")
    scene.is_over()
    scene.phones.faults()
    scene.nothing_is_left(MADE_GOOD)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_call_whose_callbacks_come_twice_late_in_disorder_or_not_at_all_ends_right(scene: Scene, seed: int) -> None:
    scene.phones.faults(duplicate=0.5, reorder=0.5, delay_ms=200, drop=0.2, seed=seed)
    scene.call_in("+15550001001")
    scene.answers("alice")
    until(lambda: hears(scene, "caller") == {"alice"}, MADE_GOOD)
    until(lambda: scene.session()["callState"] == "Connected", MADE_GOOD, "shown as connected")
    scene.evo("PATCH", callState="Hold")
    scene.sees("caller", "waits")
    scene.evo("PATCH", callState="Connected")
    until(lambda: hears(scene, "caller") == {"alice"}, MADE_GOOD)
    scene.dials("alice", "InitiateConference", "bob")
    scene.phones.answer(scene.legs["bob"])
    until(lambda: scene.desk("alice").call(call_type="Consult")["state"] == "Established", MADE_GOOD)
    scene.works("alice", "CompleteConference", "Consult")
    until(lambda: hears(scene, "caller") == {"alice", "bob"}, MADE_GOOD)
    until(lambda: scene.session()["callState"] == "Connected", MADE_GOOD)
    scene.leaves("caller")
    until(lambda: scene.session()["ended"], MADE_GOOD, "the session has ended")
    scene.nothing_is_left(MADE_GOOD)
    scene.nobody_was_left_in_silence()


def test_with_every_callback_lost_comparing_with_the_provider_keeps_the_session_true(scene: Scene) -> None:
    scene.phones.faults(drop=1.0)
    scene.call_in("+15550001001")
    scene.answers("alice")
    until(lambda: scene.session()["callState"] == "Connected", MADE_GOOD)
    scene.evo("PATCH", callState="Hold")
    scene.sees("caller", "waits")
    scene.leaves("alice")
    until(lambda: scene.phones.hearing(scene.legs["caller"]).kind == "queue", MADE_GOOD, "the caller is parked")
    scene.leaves("caller")
    until(lambda: scene.session()["ended"], MADE_GOOD, "the session has ended")
    scene.nothing_is_left(MADE_GOOD)


def hears(scene: Scene, name: str) -> set[str]:
    """Whom somebody hears, by name."""
    others = scene.phones.hearing(scene.legs[name]).others
    return {other for other, leg in scene.legs.items() if leg in others}
