"""The main job in one call through all three dialects, and what each operation costs in provider requests.

Every step is checked where it counts: in what people hear, in the provider requests of the simulator's log, and in what the other two
dialects show.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from tests.dialects.call_api.client import CallApi
from tests.stories.scene import Scene
from tests.stories.test_story_leaving import Given, conference, consult_dials, consult_talk, held, parked, talk
from tests.support.product import Product
from tests.support.twilio_side import LogEntry, Simulator
from tests.support.waiting import until

TEXT = 'Please hold the line, "Anna" & <Tom>'


class Bill:
    """The provider requests that change something, from the moment this is made."""

    def __init__(self, phones: Simulator) -> None:
        self._phones = phones
        self._since = phones.log_position()

    def requests(self) -> list[dict[str, str]]:
        """The form of each modifying request, with the last two segments of its path as ``path``."""
        return [
            {"path": "/".join(entry.url.split("?")[0].split("/")[-2:]), "method": entry.method, **entry.fields}
            for entry in self._phones.log(self._since)
            if entry.kind == "rest" and entry.method in ("POST", "DELETE")
        ]

    def amounts_to(self, count: int) -> list[dict[str, str]]:
        """Wait for that many requests and return them; begin anew."""
        until(lambda: len(self.requests()) >= count, what=f"{count} provider requests")
        found = self.requests()
        assert len(found) == count, found
        self._since = self._phones.log_position()
        return found


def call_number(api: CallApi) -> int:
    """The Call API's id of the one live call."""
    number: int = until(lambda: [call["call_session_id"] for call in api.calls()])[0]
    return number


def test_one_call_is_held_consulted_conferenced_and_disposed_of_through_three_apis(product: Product) -> None:
    scene, api = Scene(product), CallApi(product.url)
    bill = Bill(scene.phones)

    scene.call_in("+15550001001")
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.shows("Connected")
    created = bill.amounts_to(1)[0]
    assert created["To"] == "client:alice"
    assert created["Label"]
    assert created["EndConferenceOnExit"] == "false"

    desk = scene.desk("alice")
    with desk.listen() as told:
        # 1. Evo Voice holds and retrieves.
        info = scene.evo("POST", "/hold", callSid=scene.legs["alice"], reason="None")
        assert (info["callState"], info["holdQueueName"]) == ("Hold", f"hold-{scene.session_id}")
        scene.sees("caller", "waits")
        hold = bill.amounts_to(1)[0]
        assert hold["Hold"] == "true"
        assert hold["HoldMethod"] == "POST"
        assert hold["path"] == f"Participants/{scene.legs['caller']}.json"
        number = call_number(api)
        assert api.states(number) == ["On hold", "On hold"]
        assert desk.call()["state"] == "Held"
        assert told.next()["data"]["call"]["state"] == "Held"
        assert scene.evo("PATCH", callState="Connected")["callState"] == "Connected"
        scene.sees("caller", "talks with alice")
        assert [request["Hold"] for request in bill.amounts_to(1)] == ["false"]
        assert told.next()["data"]["call"]["state"] == "Established"
        assert api.states(number) == ["Talking", "Talking"]

        # 2. The Call API holds with a melody, then with a text; each time the caller comes back.
        for message, sound in (
            ({"type": "media", "value": "2034"}, f"play: {product.url}/media/2034.wav"),
            ({"type": "tts", "value": TEXT}, f"say: {TEXT}"),
        ):
            api.command("hold.call", number, contact_message=message)
            until(lambda sound=sound: scene.phones.hearing(scene.legs["caller"]).now == sound, what=sound)  # type: ignore[misc]
            bill.amounts_to(1)
            assert scene.session()["callState"] == "Hold"
            assert told.next()["data"]["call"]["state"] == "Held"
            api.command("unhold.call", number)
            scene.sees("caller", "talks with alice")
            bill.amounts_to(1)
            assert scene.session()["callState"] == "Connected"
            assert told.next()["data"]["call"]["state"] == "Established"

        # 3. Workspace starts a conference: exactly two notifications, the caller waits, bob rings.
        desk.does(desk.call()["id"], "InitiateConference", destination={"phoneNumber": "1002"})
        assert [event["data"]["call"]["state"] for event in told.take(2)] == ["Held", "Dialing"]
        assert [request.get("Hold", request.get("To")) for request in bill.amounts_to(2)] == ["true", "client:bob"]
        info = scene.session()
        assert (info["callState"], info["holdReason"]) == ("Hold", "Transferring")
        scene.answers("bob")
        scene.sees("bob", "talks with alice")
        scene.sees("caller", "waits")
        consult = told.next()["data"]["call"]
        assert consult["state"] == "Established"
        assert api.states(number) == ["On hold", "Operators talking", "Operators talking"]

        # 4. It completes it: one request, and all three talk.
        desk.does(consult["id"], "CompleteConference")
        scene.sees("caller", "talks with alice, bob")
        assert [request["Hold"] for request in bill.amounts_to(1)] == ["false"]
        assert [event["data"]["call"]["state"] for event in told.take(2)] == ["Released", "Established"]
        info = scene.session()
        room = scene.phones.conferences()[0]
        assert (info["callState"], info["conferenceSid"]) == ("Connected", room.sid)
        assert api.states(number) == ["Talking", "Talking", "Talking"]

        # 5. A disposition while the call lives is told; after its end it is taken in silence. Neither costs a request.
        call_id = desk.call()["id"]
        desk.does(call_id, "SetCallDisposition", disposition="Referred", dispositionKey="DispositionCode")
        changed = told.next()["data"]
        assert changed["notificationType"] == "AttachedDataChanged"
        assert changed["call"]["userData"] == {"DispositionCode": "Referred"}
        assert scene.session()["outcome"] == "Referred"
        bill.amounts_to(0)
        scene.leaves("caller")
        assert told.next()["data"]["call"]["state"] == "Released"
        scene.is_over()
        desk.does(call_id, "SetCallDisposition", disposition="Sold")
        assert scene.session()["outcome"] == "Sold"
        assert told.rest() == []

    assert api.calls() == []
    scene.nothing_is_left()
    scene.nobody_was_left_in_silence()
    everything_was_said_properly(scene)
    assert [line.split()[0] for line in log_lines(scene)][:2] == ["Call", "Ringing"]


def everything_was_said_properly(scene: Scene) -> None:
    """Every webhook was signed and answered, every document is TwiML, every REST request succeeded."""
    validator = RequestValidator(scene.phones.account().auth_token)
    log = scene.phones.log()
    webhooks = [entry for entry in log if entry.kind == "webhook"]
    assert webhooks
    for entry in webhooks:
        form = MultiDict(entry.params) if entry.method == "POST" else MultiDict()
        headers = {name.lower(): value for name, value in entry.headers.items()}
        assert validator.validate(entry.url, form, headers["x-twilio-signature"]), entry
        assert entry.status in (200, 204), entry
        if entry.status == 200:
            assert ElementTree.fromstring(entry.response or "").tag == "Response", entry
    for entry in log:
        if entry.kind == "rest":
            assert entry.status is not None and 200 <= entry.status < 300, entry
        if entry.kind == "media":
            assert entry.status in (200, 206, 304), entry
    assert_no_conference_ends_with_a_leg(log)


def assert_no_conference_ends_with_a_leg(log: list[LogEntry]) -> None:
    """Who ends with whom is never left to the provider: neither a request nor a document says so."""
    assert all(entry.fields.get("EndConferenceOnExit", "false") == "false" for entry in log)
    assert all('endConferenceOnExit="true"' not in (entry.response or "") for entry in log)


def log_lines(scene: Scene) -> list[str]:
    """The messages of the session's log, in order."""
    return [entry["message"] for entry in scene.session()["log"]]


def test_the_log_tells_the_story_in_order(product: Product) -> None:
    scene = Scene(product)
    conference(scene)
    scene.leaves("bob")
    scene.sees("caller", "talks with alice")
    scene.leaves("alice")
    scene.is_over()
    lines = log_lines(scene)
    told = ["Call from", "Ringing Alice", "Answered by Alice", "Consult", "Held by Alice", "Answered by Bob", "Retrieved",
            "Conference with Bob", "Bob left", "Alice left", "Ended"]  # fmt: skip
    places = [next((i for i, line in enumerate(lines) if line.startswith(start)), None) for start in told]
    assert None not in places, lines
    assert places == sorted(places, key=lambda place: place or 0), lines


Act = tuple[str, Given, str, int]


def work(operation: str, call_type: str = "Inbound", **parameters: Any) -> Given:
    return lambda scene: scene.works("alice", operation, call_type, **parameters)


def evo(verb: str, path: str = "", who: str = "alice", **body: Any) -> Given:
    def act(scene: Scene) -> None:
        scene.evo(verb, path, who, **body)

    return act


def by_key(method: str, **params: Any) -> Given:
    def act(scene: Scene) -> None:
        api = CallApi(scene.product.url)
        api.command(method, call_number(api), **params)

    return act


def single_step_transfer(scene: Scene) -> None:
    scene.dials("alice", "SingleStepTransfer", "bob")
    scene.phones.answer(scene.legs["bob"])
    scene.sees("caller", "talks with bob")


def single_step_conference(scene: Scene) -> None:
    scene.dials("alice", "SingleStepConference", "bob")
    scene.phones.answer(scene.legs["bob"])
    scene.sees("caller", "talks with alice, bob")


def pick_up(scene: Scene) -> None:
    scene.evo("PATCH", who="bob", callState="Connected")
    scene.answers("bob")
    scene.sees("caller", "talks with bob")


def swap(scene: Scene) -> None:
    original = scene.desk("alice").call(call_type="Inbound")["uri"]
    scene.works("alice", "SwapCalls", "Consult", otherCallUri=original)
    scene.sees("caller", "talks with alice")


PRICES = [
    ("hold by Evo Voice", talk, evo("PATCH", callState="Hold"), 1),
    ("hold by the Call API", talk, by_key("hold.call", contact_message={"type": "tts", "value": "Wait"}), 1),
    ("hold by Workspace", talk, work("Hold"), 1),
    ("retrieve by Evo Voice", held, evo("PATCH", callState="Connected"), 1),
    ("retrieve by the Call API", held, by_key("unhold.call"), 1),
    ("retrieve by Workspace", held, work("Retrieve"), 1),
    ("consult from a talk", talk, work("InitiateConference", destination={"phoneNumber": "1002"}), 2),
    ("consult from hold by Evo Voice", held, evo("POST", "/conference/members", destination="1002"), 1),
    ("consult from hold by the Call API", held, by_key("make.call", to="1002"), 1),
    ("swap", consult_talk, swap, 2),
    ("complete conference", consult_talk, work("CompleteConference", "Consult"), 1),
    ("complete transfer", consult_talk, work("CompleteTransfer", "Consult"), 2),
    ("transfer.talk", consult_talk, by_key("transfer.talk"), 2),
    ("give up the consult", consult_talk, work("Hangup", "Consult"), 1),
    ("give up a ringing consult", consult_dials, work("Hangup", "Consult"), 1),
    ("give up the consult and retrieve", consult_talk, by_key("restore.talk"), 2),
    ("single-step transfer", talk, single_step_transfer, 4),
    ("single-step conference", talk, single_step_conference, 1),
    ("pick up a parked call", parked, pick_up, 2),
    ("send a tone", talk, by_key("send.dtmf", dtmf_string="5"), 1),
    ("send tones by Workspace", talk, work("SendDtmf", digits="12#"), 1),
    ("remove from the conference", conference, work("RemoveParticipantFromConference", participant="1002"), 1),
    ("attach data", talk, work("AttachUserData", userData={"Order": "7"}), 0),
]  # fmt: skip


@pytest.mark.parametrize(("given", "act", "price"), [row[1:] for row in PRICES], ids=[row[0] for row in PRICES])
def test_an_operation_costs_the_provider_requests_it_needs_and_no_more(
    given: Given, act: Given, price: int, product: Product
) -> None:
    scene = Scene(product)
    given(scene)
    bill = Bill(scene.phones)
    act(scene)
    bill.amounts_to(price)
    scene.leaves("caller")
    scene.is_over()
    scene.nothing_is_left()
    scene.nobody_was_left_in_silence()


def test_parking_sends_the_caller_to_the_hold_queue_and_lets_the_agent_go(product: Product) -> None:
    scene = Scene(product)
    talk(scene)
    bill = Bill(scene.phones)
    info = scene.evo("PATCH", queueState="Hold")
    assert (info["callState"], info["queueState"], info["holdQueueName"]) == (
        "Hold",
        "Hold",
        f"hold-{scene.session_id}",
    )
    until(
        lambda: (queue := scene.phones.queue(f"hold-{scene.session_id}")) and queue.members == (scene.legs["caller"],)
    )
    # The agent's own leg has to end as well: it would stay in an empty room.
    assert [request["path"] for request in bill.amounts_to(2)] == [
        f"Calls/{scene.legs[who]}.json" for who in ("caller", "alice")
    ]
    number = call_number(CallApi(product.url))
    assert CallApi(product.url).states(number) == ["On hold"]
    assert scene.desk("alice").calls() == []
