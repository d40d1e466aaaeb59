"""Webhooks that are not what they seem: unsigned, signed wrongly, repeated, out of order, malformed. Nothing changes by them."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import requests

from tests.stories.scene import QUEUE_LINE, Scene
from tests.stories.test_story_leaving import (
    Given,
    conference,
    consult_talk,
    held,
    offered,
    parked,
    recall_rings,
    swapped,
    talk,
    transferred,
)
from tests.support import webhooks
from tests.support.product import Product
from tests.support.twilio_side import LogEntry
from tests.support.waiting import always, until

WRONG = "0" * 32


@pytest.fixture
def scene(product: Product) -> Scene:
    return Scene(product)


def token(scene: Scene) -> str:
    return scene.phones.account().auth_token


def webhooks_so_far(scene: Scene) -> list[LogEntry]:
    """Every webhook that went to the controller and was answered."""
    return [entry for entry in scene.phones.log() if entry.kind == "webhook" and entry.status is not None]


def shape(entry: LogEntry) -> str:
    """The route of a webhook: its path with the ids taken out."""
    path = entry.url.split(webhooks.PREFIX)[1].split("?")[0]
    return re.sub(r"[0-9a-f]{24}(-\d+)?", "<id>", path)


def state(scene: Scene) -> tuple[Any, ...]:
    """Everything an outsider can tell of the call: the session, what each person hears, rooms and queues."""
    session = scene.session()
    session.pop("dateLastModified")
    hearings = {name: scene.phones.hearing(leg) for name, leg in scene.legs.items()}
    where = {name: (hearing.kind, hearing.others) for name, hearing in hearings.items()}
    queued = [queue.members for queue in scene.phones.queues() if queue.members]
    return session, where, scene.phones.conferences(), queued


def stays_so(scene: Scene, before: tuple[Any, ...]) -> None:
    """Nothing changes, now or a moment later."""
    always(lambda: state(scene) == before, during=0.5, what=f"nothing changes; it was {before}, is {state(scene)}")


def everything_happened(scene: Scene) -> list[LogEntry]:
    """A call that has used every webhook: ring queue, conference, hold, consult, tone, park; one entry of each route."""
    offered(scene)
    scene.phones.answer(scene.legs["alice"])
    scene.sees("caller", "talks with alice")
    scene.shows("Connected")
    scene.works("alice", "SendDtmf", digits="1")
    scene.evo("PATCH", callState="Hold")
    scene.sees("caller", "waits")
    scene.evo("PATCH", queueState="Hold")
    until(lambda: scene.phones.hearing(scene.legs["caller"]).kind == "queue")
    scene.sees("alice", "is gone")
    routes = {shape(entry): entry for entry in webhooks_so_far(scene)}
    assert {
        "/voice", "/sessions/<id>/queue-wait", "/sessions/<id>/dequeued", "/sessions/<id>/join",
        "/sessions/<id>/conference", "/sessions/<id>/legs/<id>/progress", "/sessions/<id>/legs/<id>/hold",
        "/sessions/<id>/queue", "/sessions/<id>/announcements/digits",
    } <= set(routes)  # fmt: skip
    return list(routes.values())


def test_a_webhook_without_a_valid_signature_is_refused_and_changes_nothing(scene: Scene) -> None:
    entries = everything_happened(scene)
    before = state(scene)
    sid = scene.session_id
    paths = {entry.url.split("?")[0]: dict(entry.params) for entry in entries}
    base = scene.product.url + webhooks.PREFIX
    paths |= {
        f"{base}/sessions/{sid}/{what}": {} for what in ("left", "wait", "farewell", "announcements/hold-reminder")
    }
    paths |= {f"{base}/status": {"CallSid": scene.legs["caller"], "CallStatus": "completed"}, f"{base}/nowhere": {}}
    for url, form in paths.items():
        for send in (webhooks.post, webhooks.get):
            for bad in (None, WRONG):
                answer = send(url, form, bad)
                assert answer.status_code == 403, (url, send.__name__, bad)
                assert "<Response" not in answer.text
    stays_so(scene, before)


def test_a_signature_of_other_parameters_or_of_another_address_is_refused(scene: Scene) -> None:
    talk(scene)
    before = state(scene)
    url = f"{scene.product.url}{webhooks.PREFIX}/status"
    form = {"CallSid": scene.legs["caller"], "CallStatus": "completed"}
    right = webhooks.signature(token(scene), url, {**form, "CallStatus": "ringing"})
    elsewhere = webhooks.signature(token(scene), url.replace("127.0.0.1", "localhost"), form)
    for bad in (right, elsewhere, right[:-4] + "AAA=", "", "é"):
        answer = requests.post(url, data=form, headers={"X-Twilio-Signature": bad.encode()}, timeout=15)
        assert answer.status_code == 403
    # What is signed is the configured address: a client cannot choose it by headers.
    forged = {"X-Twilio-Signature": elsewhere, "Host": "localhost", "X-Forwarded-Host": "localhost"}
    assert requests.post(url, data=form, headers=forged, timeout=15).status_code == 403
    stays_so(scene, before)


@pytest.mark.parametrize(
    "given", [talk, held, consult_talk, swapped, conference, transferred, parked, recall_rings, offered],
    ids=lambda given: given.__name__,
)  # fmt: skip
def test_webhooks_repeated_in_any_order_move_nobody(scene: Scene, given: Given) -> None:
    given(scene)
    before = state(scene)
    entries = webhooks_so_far(scene)
    random.Random(7).shuffle(entries)
    for entry in entries:
        answer = webhooks.again(entry)
        assert answer.status_code in (200, 204), entry
    stays_so(scene, before)
    scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()


def test_webhooks_repeated_after_the_end_wake_nobody(scene: Scene) -> None:
    everything_happened(scene)
    scene.evo("PATCH", who="bob", callState="Connected")
    scene.answers("bob")
    scene.sees("caller", "talks with bob")
    scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()
    before = state(scene)
    requests_before = len([entry for entry in scene.phones.log() if entry.kind == "rest"])
    for entry in webhooks_so_far(scene):
        answer = webhooks.again(entry)
        assert answer.status_code in (200, 204), entry
        assert "<Conference" not in answer.text, entry
        assert "<Enqueue" not in answer.text, entry
    stays_so(scene, before)
    assert (
        len([entry for entry in scene.phones.log() if entry.kind == "rest" and entry.method != "GET"])
        <= requests_before
    )
    assert scene.product.sessions() == []


def test_status_callbacks_are_answered_without_content(scene: Scene) -> None:
    conference(scene)
    scene.leaves("bob")
    scene.sees("caller", "talks with alice")
    for entry in webhooks_so_far(scene):
        if shape(entry).endswith(("/conference", "/progress", "/status")):
            assert entry.status == 204 or (entry.response or "").endswith("<Response/>"), entry


def test_the_end_of_a_call_may_be_told_before_the_call_itself(scene: Scene) -> None:
    """Twilio's callbacks are unordered: the news that a caller is gone waits until the call turns up, and then nobody is rung."""
    base = scene.product.url + webhooks.PREFIX
    call_sid = "CA" + "5" * 32
    ended = {"CallSid": call_sid, "CallStatus": "completed"}
    assert webhooks.post(f"{base}/status", ended, token(scene)).status_code == 204
    arrived = {"CallSid": call_sid, "From": "+15550100001", "To": "+15550001001", "CallStatus": "ringing"}
    answer = webhooks.post(f"{base}/voice", arrived, token(scene))
    assert answer.status_code == 200
    assert "<Conference" not in answer.text
    always(lambda: scene.phones.phone("client:alice") == [], during=0.5, what="alice is not rung")
    assert scene.product.sessions() == []


def test_a_call_that_arrives_twice_is_one_session_and_rings_once(scene: Scene) -> None:
    scene.call_in(QUEUE_LINE)
    scene.rings("alice")
    arrival = until(
        lambda: next((entry for entry in webhooks_so_far(scene) if shape(entry) == "/voice"), None),
        what="the call's own webhook has been answered",
    )
    assert webhooks.again(arrival).text == arrival.response
    assert len(scene.product.sessions()) == 1
    assert len(scene.phones.phone("client:alice")) == 1


def test_a_hold_that_nobody_here_ordered_is_true_all_the_same(scene: Scene) -> None:
    talk(scene)
    room = scene.phones.conferences()[0]
    participant = scene.phones.rest().conferences(room.sid).participants(scene.legs["caller"])
    participant.update(hold=True)
    until(lambda: scene.session()["callState"] == "Hold", 3.0, "Evo Voice shows the hold")
    assert scene.desk("alice").call()["state"] == "Held"
    participant.update(hold=False)
    until(lambda: scene.session()["callState"] == "Connected", 3.0, "Evo Voice shows the end of the hold")


NONSENSE: list[dict[str, str]] = [
    {},
    {"CallSid": ""},
    {"CallSid": "nonsense", "CallStatus": "nonsense"},
    {"CallSid": "CA" + "9" * 32, "CallStatus": "in-progress", "StatusCallbackEvent": "participant-join"},
    {"StatusCallbackEvent": "participant-leave", "SequenceNumber": "minus one", "ConferenceSid": "CF" + "1" * 32},
    {"StatusCallbackEvent": "participant-hold", "SequenceNumber": "9" * 40, "CallSid": "\x00"},
    {"QueueSid": "QU" + "3" * 32, "QueueResult": "bridged", "CallSid": "CA" + "9" * 32},
    {"To": "+15550009999", "From": "anonymous", "CallSid": "CA" + "8" * 32},
    {"CallSid": "CA" + "7" * 32, "CallStatus": "🙂" * 50, "From": "x" * 5000},
]


@pytest.mark.parametrize("form", NONSENSE, ids=range(len(NONSENSE)))
def test_signed_nonsense_is_never_a_server_error_and_moves_nobody(scene: Scene, form: dict[str, str]) -> None:
    talk(scene)
    before = state(scene)
    base, sid = scene.product.url + webhooks.PREFIX, scene.session_id
    ends = ["conference", "wait", "queue-wait", "dequeued", "left", f"legs/{sid}-1/progress", f"legs/{sid}-9/hold",
            "legs/nonsense/progress", "announcements/nothing"]  # fmt: skip
    urls = [f"{base}/sessions/{session}/{end}" for session in (sid, "0" * 24, "nonsense") for end in ends]
    for url in [*urls, f"{base}/status", f"{base}/voice", f"{base}/nowhere"]:
        for send in (webhooks.post, webhooks.get):
            assert send(url, form, token(scene)).status_code < 500, (url, send.__name__)
    assert scene.phones.hearing(scene.legs["caller"]).others == {scene.legs["alice"]}
    stays_so(scene, before)
