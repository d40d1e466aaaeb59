"""The rules of Bayeux, message by message; no store, no network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.notices.envelope import MalformedEnvelope
from app.notices.protocol import Caller, Exchange, Terms, deliver, is_handshake, respond, shake_hands
from app.notices.timesync import with_timesync
from app.store.notices import BayeuxSession, StoredNotice

TERMS = Terms(("websocket", "long-polling"), 25_000)
ADVICE = {"reconnect": "retry", "interval": 0, "timeout": 25_000}
ALICE = Caller("alice", "L1", "http://desk.test:8000", now=1000.0, head=7)
CONNECT = {"id": "4", "channel": "/meta/connect", "clientId": "c1", "connectionType": "long-polling"}


def session(**changes: Any) -> BayeuxSession:
    connected = BayeuxSession("c1", "alice", "L1", {}, 7, False, "http://desk.test:8000", 1, 990.0)
    return replace(connected, **changes)


def shake(caller: Caller = ALICE, **fields: Any) -> Exchange:
    message = {"id": "1", "channel": "/meta/handshake", "version": "1.0", **fields}
    return shake_hands(message, caller, TERMS, lambda: "c1")


def replies(exchange: Exchange) -> list[dict[str, Any]]:
    return [answer.reply for answer in exchange.answers]


def reply_to(message: dict[str, Any], session: BayeuxSession | None, caller: Caller = ALICE) -> dict[str, Any]:
    (reply,) = replies(respond([message], session, caller, TERMS))
    return reply


def test_a_handshake_opens_a_session_at_the_end_of_the_log() -> None:
    exchange = shake(supportedConnectionTypes=["long-polling", "callback-polling"])
    assert replies(exchange) == [
        {
            "id": "1",
            "channel": "/meta/handshake",
            "version": "1.0",
            "minimumVersion": "1.0",
            "supportedConnectionTypes": ["websocket", "long-polling"],
            "successful": True,
            "clientId": "c1",
            "advice": ADVICE,
        }
    ]
    assert exchange.session == BayeuxSession("c1", "alice", "L1", {}, 7, False, "http://desk.test:8000", 0, 1000.0)


@pytest.mark.parametrize("wish", [True, {"enabled": True}])
def test_ack_is_agreed_upon_when_the_client_offers_it(wish: object) -> None:
    exchange = shake(ext={"ack": wish})
    assert replies(exchange)[0]["ext"] == {"ack": True}
    assert exchange.session is not None
    assert exchange.session.ack


@pytest.mark.parametrize("ext", [None, {}, {"ack": False}, {"ack": {"enabled": False}}, "ack"])
def test_without_the_offer_no_reply_speaks_of_ack(ext: object) -> None:
    exchange = shake(ext=ext)
    assert "ext" not in replies(exchange)[0]
    assert exchange.session is not None
    assert not exchange.session.ack


def test_a_handshake_without_a_common_transport_fails_and_tells_the_client_to_stop() -> None:
    exchange = shake(supportedConnectionTypes=["callback-polling"])
    (reply,) = replies(exchange)
    assert (reply["successful"], reply["advice"]["reconnect"], exchange.session) == (False, "none", None)


def test_a_handshake_without_credentials_is_denied() -> None:
    (reply,) = replies(shake(replace(ALICE, user_id=None)))
    assert (reply["successful"], reply["error"]) == (False, "403::Handshake denied")
    assert reply["advice"]["reconnect"] == "none"


def test_a_handshake_does_not_travel_with_other_messages() -> None:
    assert is_handshake([{"channel": "/meta/handshake"}])
    assert not is_handshake([CONNECT, CONNECT])
    with pytest.raises(MalformedEnvelope):
        is_handshake([{"channel": "/meta/handshake"}, CONNECT])


def test_the_first_connect_is_answered_at_once_with_advice() -> None:
    exchange = respond([CONNECT], session(generation=0), ALICE, TERMS)
    assert replies(exchange) == [{"id": "4", "channel": "/meta/connect", "successful": True, "advice": ADVICE}]
    assert (exchange.connected, exchange.hold) == (True, False)


def test_a_later_connect_alone_in_its_request_is_held() -> None:
    exchange = respond([CONNECT], session(), ALICE, TERMS)
    assert replies(exchange) == [{"id": "4", "channel": "/meta/connect", "successful": True}]
    assert (exchange.connected, exchange.hold) == (True, True)
    assert exchange.session == session(generation=2, seen_at=1000.0)


def test_a_connect_that_asks_for_timeout_zero_is_answered_at_once_with_advice() -> None:
    exchange = respond([CONNECT | {"advice": {"timeout": 0}}], session(), ALICE, TERMS)
    assert replies(exchange)[0]["advice"] == ADVICE
    assert not exchange.hold


def test_a_connect_among_other_messages_is_not_held() -> None:
    subscribe = {"id": "5", "channel": "/meta/subscribe", "clientId": "c1", "subscription": "/v2/me/calls"}
    exchange = respond([subscribe, CONNECT], session(), ALICE, TERMS)
    assert [reply["id"] for reply in replies(exchange)] == ["5", "4"]
    assert not exchange.hold


@pytest.mark.parametrize("whose", [None, session(id="c2"), session(user_id="bob")])
def test_a_dead_or_foreign_client_id_is_told_to_shake_hands_again(whose: BayeuxSession | None) -> None:
    assert reply_to(CONNECT, whose) == {
        "id": "4",
        "channel": "/meta/connect",
        "successful": False,
        "error": "402::Unknown client",
        "advice": {"reconnect": "handshake", "interval": 0},
    }


@pytest.mark.parametrize("channel", ["/meta/subscribe", "/meta/unsubscribe", "/meta/disconnect", "/v2/me/calls"])
def test_other_messages_of_a_dead_client_fail_without_advice(channel: str) -> None:
    reply = reply_to({"id": "9", "channel": channel, "clientId": "c1", "subscription": "/x", "data": {}}, None)
    assert reply == {"id": "9", "channel": channel, "successful": False, "error": "402::Unknown client"}


def test_two_sessions_in_one_request_are_not_mixed() -> None:
    exchange = respond([CONNECT, CONNECT | {"clientId": "c2"}], session(), ALICE, TERMS)
    assert [reply["successful"] for reply in replies(exchange)] == [True, False]


@pytest.mark.parametrize("wanted", ["/v2/me/calls", ["/v2/me/*", "/**"]])
def test_a_subscription_is_echoed_in_its_own_shape(wanted: object) -> None:
    message = {"id": "3", "channel": "/meta/subscribe", "clientId": "c1", "subscription": wanted}
    exchange = respond([message], session(), ALICE, TERMS)
    assert replies(exchange) == [{"id": "3", "channel": "/meta/subscribe", "successful": True, "subscription": wanted}]
    assert exchange.session is not None
    assert set(exchange.session.subscriptions) == ({wanted} if isinstance(wanted, str) else set(wanted))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (None, "403::subscription_missing"),
        ([], "403::subscription_missing"),
        ("nonsense", "403::subscription_invalid"),
        (["/ok", "/not ok"], "403::subscription_invalid"),
        ({"a": 1}, "403::subscription_invalid"),
        ("/meta/connect", "403::subscribe_failed"),
        (["/ok", "/meta/**"], "403::subscribe_failed"),
        ([f"/c{number}" for number in range(101)], "403:too many subscriptions:subscribe_denied"),
    ],
)
def test_a_bad_subscription_is_refused_as_a_whole(wanted: object, error: str) -> None:
    message = {"channel": "/meta/subscribe", "clientId": "c1", "subscription": wanted}
    exchange = respond([message], session(), ALICE, TERMS)
    assert replies(exchange)[0]["error"] == error
    assert exchange.session == session()


def test_subscribing_twice_is_fine_and_service_channels_are_not_recorded() -> None:
    message = {"channel": "/meta/subscribe", "clientId": "c1", "subscription": ["/v2/me/calls", "/service/x"]}
    exchange = respond([message, message], session(), ALICE, TERMS)
    assert [reply["successful"] for reply in replies(exchange)] == [True, True]
    assert exchange.session is not None
    assert list(exchange.session.subscriptions) == ["/v2/me/calls"]


@pytest.mark.parametrize("dropped", ["/v2/me/calls", "/never/subscribed"])
def test_unsubscribing_succeeds_whether_or_not_subscribed(dropped: str) -> None:
    message = {"channel": "/meta/unsubscribe", "clientId": "c1", "subscription": dropped}
    exchange = respond([message], session(subscriptions={"/v2/me/calls": 0}), ALICE, TERMS)
    assert replies(exchange)[0] == {"channel": "/meta/unsubscribe", "successful": True, "subscription": dropped}


def test_disconnect_ends_the_session_for_the_rest_of_the_request_too() -> None:
    disconnect = {"id": "9", "channel": "/meta/disconnect", "clientId": "c1"}
    exchange = respond([disconnect, CONNECT], session(), ALICE, TERMS)
    assert [reply["successful"] for reply in replies(exchange)] == [True, False]
    assert (exchange.closed, exchange.session) == (True, None)


@pytest.mark.parametrize(
    ("channel", "outcome"),
    [
        ("/v2/me/calls", {"successful": False, "error": "403::publish denied"}),
        ("/service/x", {"successful": True}),
        ("/meta/unheard", {"successful": False, "error": "403::create denied"}),
        ("/*", {"successful": False, "error": "403::create denied"}),
    ],
)
def test_nobody_publishes_here_but_everybody_is_answered(channel: str, outcome: dict[str, Any]) -> None:
    assert reply_to({"id": "7", "channel": channel, "clientId": "c1", "data": {}}, session()) == {
        "id": "7",
        "channel": channel,
        **outcome,
    }


@pytest.mark.parametrize("channel", [None, "", 7, ["/meta/connect"]])
def test_a_message_without_a_channel_is_answered_as_such(channel: object) -> None:
    assert reply_to({"id": "7", "channel": channel, "clientId": "c1"}, session())["error"] == "400::channel missing"


@pytest.mark.parametrize(("id_", "echoed"), [("x1", {"id": "x1"}), (17, {"id": 17}), ({"a": 1}, {}), (None, {})])
def test_an_id_that_can_be_one_is_echoed(id_: object, echoed: dict[str, Any]) -> None:
    reply = reply_to(CONNECT | {"id": id_}, session())
    assert {key: value for key, value in reply.items() if key == "id"} == echoed


def notices(*numbers: int) -> list[StoredNotice]:
    return [StoredNotice(n, 0.0, {"n": n}) for n in numbers]


def render(notice: StoredNotice, base_url: str) -> list[tuple[str, dict[str, Any]]]:
    return [("/v2/me/calls" if notice.n % 2 else "/v2/me/devices", {"uri": f"{base_url}/{notice.n}"})]


def test_an_event_under_several_patterns_comes_once_and_names_its_channel() -> None:
    both = session(subscriptions={"/v2/me/*": 0, "/**": 0, "/v2/me/calls": 0})
    delivery = deliver(both, notices(9), render)
    assert delivery.events == ({"channel": "/v2/me/calls", "data": {"uri": "http://desk.test:8000/9"}},)
    assert delivery.session.cursor == 9


def test_what_happened_before_a_subscription_is_not_for_it() -> None:
    message = {"channel": "/meta/subscribe", "clientId": "c1", "subscription": "/**"}
    late = respond([message], session(cursor=5), ALICE, TERMS).session
    assert late is not None
    assert [event["data"]["uri"][-1] for event in deliver(late, notices(6, 7, 8, 9), render).events] == ["8", "9"]


def test_a_cursor_passes_what_nobody_asked_for() -> None:
    assert deliver(session(subscriptions={"/v2/me/calls": 0}), notices(8), render).session.cursor == 8
    assert deliver(session(ack=True), notices(8, 9), render).session.cursor == 9


def test_with_ack_the_cursor_waits_for_the_client() -> None:
    asking = session(ack=True, subscriptions={"/**": 0})
    delivery = deliver(asking, notices(8, 9), render)
    assert (delivery.upto, delivery.session.cursor) == (9, 7)
    after = respond([CONNECT | {"ext": {"ack": 8}}], asking, replace(ALICE, head=9), TERMS).session
    assert after is not None
    assert after.cursor == 8


@pytest.mark.parametrize("ack", [10**12, -5, "9", None, True, {"batch": 10**12}])
def test_an_ack_of_what_does_not_exist_moves_the_cursor_to_the_head_at_most(ack: object) -> None:
    after = respond([CONNECT | {"ext": {"ack": ack}}], session(ack=True, cursor=6), ALICE, TERMS).session
    assert after is not None
    assert 6 <= after.cursor <= 7


def test_a_client_that_asks_for_the_time_learns_how_long_it_was_held() -> None:
    asking = CONNECT | {"ext": {"timesync": {"tc": 999_000, "l": 0, "o": 0}}}
    (answer,) = respond([asking], session(), ALICE, TERMS).answers
    assert with_timesync(answer, arrived=1000.0, now=1002.5)["ext"] == {
        "timesync": {"tc": 999_000, "ts": 1_000_000, "p": 2500, "a": -1000}
    }


def test_a_client_that_knows_the_time_is_not_told_again() -> None:
    knowing = CONNECT | {"ext": {"timesync": {"tc": 999_000, "l": 5, "o": 990}}}
    (answer,) = respond([knowing], session(), ALICE, TERMS).answers
    assert "ext" not in with_timesync(answer, arrived=1000.0, now=1002.5)
