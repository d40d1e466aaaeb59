"""Whatever the order of events, polls, lost replies and acknowledgements: nothing lost, nothing doubled, nothing out of order."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.notices.protocol import (
    Caller,
    Delivery,
    Terms,
    acknowledged,
    deliver,
    respond,
    shake_hands,
)
from app.store.notices import BayeuxSession, StoredNotice

TERMS = Terms(("long-polling",), 25_000)
CHANNELS = ("/v2/me/calls", "/v2/me/devices")


def render(notice: StoredNotice, _base_url: str) -> list[tuple[str, dict[str, Any]]]:
    return [(notice.body["channel"], {"n": notice.n})]


class Conversation(RuleBasedStateMachine):
    """A client, its line and a log. ``expected`` is what was published after the client's subscription, by the test's own count."""

    ack = False

    def __init__(self) -> None:
        super().__init__()
        self.log: list[StoredNotice] = []
        self.expected: list[int] = []
        self.received: list[int] = []
        self.lost: list[int] = []
        self.acknowledges = 0
        self.subscribed = False
        wish = {"ext": {"ack": True}} if self.ack else {}
        opened = shake_hands({"channel": "/meta/handshake", **wish}, self.caller, TERMS, lambda: "c1").session
        assert opened is not None
        self.session: BayeuxSession = opened

    @property
    def caller(self) -> Caller:
        return Caller("alice", "", "http://desk.test", 0.0, len(self.log))

    @rule(channel=st.sampled_from(CHANNELS))
    def something_happens(self, channel: str) -> None:
        self.log.append(StoredNotice(len(self.log) + 1, 0.0, {"channel": channel}))
        if self.subscribed and channel == CHANNELS[0]:
            self.expected.append(len(self.log))

    @precondition(lambda self: not self.subscribed)
    @rule(twice=st.booleans())
    def client_subscribes(self, twice: bool) -> None:
        wanted = [CHANNELS[0]] * (2 if twice else 1)
        message = {"channel": "/meta/subscribe", "clientId": "c1", "subscription": wanted}
        changed = respond([message], self.session, self.caller, TERMS).session
        assert changed is not None
        self.session = changed
        self.subscribed = True

    @rule(arrives=st.booleans(), batch=st.integers(1, 4))
    def client_polls(self, arrives: bool, batch: int) -> None:
        request: dict[str, Any] = {"channel": "/meta/connect", "clientId": "c1"}
        if self.ack:
            request["ext"] = {"ack": self.acknowledges}
        exchange = respond([request], self.session, self.caller, TERMS)
        assert exchange.session is not None
        delivery = self._take(exchange.session, batch)
        self.session = delivery.session
        (answer,) = acknowledged(exchange.answers, delivery.session, delivery.upto)
        numbers = [event["data"]["n"] for event in delivery.events]
        if arrives:
            self.received += numbers
            self.acknowledges = answer.reply["ext"]["ack"] if self.ack else 0
        else:
            self.lost += numbers

    def _take(self, session: BayeuxSession, batch: int) -> Delivery:
        return deliver(session, self.log[session.cursor : session.cursor + batch], render)

    @invariant()
    def nothing_is_doubled_or_out_of_order(self) -> None:
        assert self.received == sorted(set(self.received))


class WithAck(Conversation):
    ack = True

    @invariant()
    def nothing_is_skipped(self) -> None:
        assert self.received == self.expected[: len(self.received)]

    def teardown(self) -> None:
        for _ in range(len(self.log) + 1):
            self.client_polls(arrives=True, batch=3)
        assert self.received == self.expected


class WithoutAck(Conversation):
    def teardown(self) -> None:
        for _ in range(len(self.log) + 1):
            self.client_polls(arrives=True, batch=3)
        assert sorted(self.received + self.lost) == self.expected, "only what a broken line took may be missing"


TestWithAck = WithAck.TestCase
TestWithoutAck = WithoutAck.TestCase

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
messages = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "id": json_values,
            "channel": st.sampled_from(
                ["/meta/connect", "/meta/subscribe", "/meta/unsubscribe", "/meta/disconnect", "/service/x", "/x"]
            )
            | json_values,
            "clientId": st.just("c1") | json_values,
            "subscription": st.sampled_from(["/v2/me/calls", "/**"]) | json_values,
            "advice": json_values | st.fixed_dictionaries({"timeout": json_values}),
            "ext": json_values | st.fixed_dictionaries({"ack": json_values, "timesync": json_values}),
            "data": json_values,
        },
    ),
    min_size=1,
    max_size=4,
)


@settings(
    suppress_health_check=[HealthCheck.too_slow]
)  # building the strategy is what is slow, once, on a busy machine
@given(messages)
def test_every_message_gets_exactly_one_reply_that_says_whether_it_succeeded(requests: list[dict[str, Any]]) -> None:
    session = BayeuxSession("c1", "alice", "", {}, 3, True, "http://desk.test", 1, 0.0)
    exchange = respond(requests, session, Caller("alice", "", "http://desk.test", 0.0, 5), TERMS)
    assert len(exchange.answers) == len(requests)
    for request, answer in zip(requests, exchange.answers, strict=True):
        assert answer.reply["successful"] is ("error" not in answer.reply)
        if isinstance(request.get("id"), str):
            assert answer.reply["id"] == request["id"]
