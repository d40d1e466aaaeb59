"""Bayeux 1.0 without any input or output: messages and a session in, replies and the changed session out.

Error texts and fine points follow the CometD 3.1 server, the generation that agents' desktops were written against:
the first connect after a handshake is answered at once, a dead client id is "402::Unknown client" with the advice to
shake hands again, and only handshake and connect replies carry advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.notices.channels import covers, is_channel, is_meta, is_service, is_subscribable
from app.notices.envelope import MalformedEnvelope, Message
from app.store.notices import BayeuxSession, StoredNotice

HANDSHAKE = "/meta/handshake"
CONNECT = "/meta/connect"
SUBSCRIBE = "/meta/subscribe"
UNSUBSCRIBE = "/meta/unsubscribe"
DISCONNECT = "/meta/disconnect"

UNKNOWN_CLIENT = "402::Unknown client"
MOST_SUBSCRIPTIONS = 100

Render = Callable[[StoredNotice, str], Iterable[tuple[str, dict[str, Any]]]]
"""A dialect's words for a notice: (notice, base address) -> pairs of channel and data. Pure, and total over what is in the log."""

_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,64}")
_AGAIN: Mapping[str, Any] = {"reconnect": "handshake", "interval": 0}
_STOP: Mapping[str, Any] = {"reconnect": "none", "interval": 0}


@dataclass(frozen=True)
class Terms:
    """What the server offers: the transports, and for how many milliseconds it holds a connect."""

    transports: tuple[str, ...]
    hold_ms: int

    @property
    def advice(self) -> dict[str, Any]:
        return {"reconnect": "retry", "interval": 0, "timeout": self.hold_ms}


@dataclass(frozen=True)
class Caller:
    """Who sent the request and how: the authenticated user and log-in, the address they reached us at, the moment (unix seconds).

    ``user_id`` is None without credentials. ``head`` is the number of the user's latest notice when the request is
    worked on.
    """

    user_id: str | None
    login: str
    base_url: str
    now: float
    head: int


@dataclass(frozen=True)
class Answer:
    """A reply beside the message that it answers."""

    request: Message
    reply: Message


@dataclass(frozen=True)
class Exchange:
    """What became of a request: the replies so far, the session as it now is (None: there is none), and whether to wait.

    ``opened`` and ``closed`` tell that the session was born or ended by it. ``connected`` tells that a connect was
    accepted, so that queued events may be delivered; ``hold`` that it is to wait for events if there are none.
    """

    answers: tuple[Answer, ...]
    session: BayeuxSession | None
    opened: bool = False
    closed: bool = False
    connected: bool = False
    hold: bool = False


@dataclass(frozen=True)
class Delivery:
    """Messages for a client, the number of the last notice they tell of, and the session with its cursor where it belongs now."""

    events: tuple[Message, ...]
    upto: int
    session: BayeuxSession


def client_id_of(messages: Sequence[Message]) -> str | None:
    """Return the client id that a request is about, or None: all messages of one request belong to one session."""
    for message in messages:
        client_id = message.get("clientId")
        if isinstance(client_id, str) and _CLIENT_ID.fullmatch(client_id):
            return client_id
    return None


def is_handshake(messages: Sequence[Message]) -> bool:
    """Tell whether the request is a handshake; raise :class:`MalformedEnvelope` if one travels with other messages."""
    shakes = any(message.get("channel") == HANDSHAKE for message in messages)
    if shakes and len(messages) > 1:
        raise MalformedEnvelope("a handshake travels alone")
    return shakes


def shake_hands(message: Message, caller: Caller, terms: Terms, new_id: Callable[[], str]) -> Exchange:
    """Answer a handshake: a new session that starts at the end of the log, or a refusal with the advice to stop."""
    reply: Message = {"channel": HANDSHAKE, "version": "1.0", "supportedConnectionTypes": list(terms.transports)}
    offered = message.get("supportedConnectionTypes")
    if caller.user_id is None:
        reply |= {"successful": False, "error": "403::Handshake denied", "advice": dict(_STOP)}
    elif isinstance(offered, list) and not set(terms.transports).intersection(filter(_is_text, offered)):
        reply |= {"successful": False, "error": "301::Connection types not supported", "advice": dict(_STOP)}
    else:
        session = BayeuxSession(
            id=new_id(),
            user_id=caller.user_id,
            login=caller.login,
            subscriptions={},
            cursor=caller.head,
            ack=_wants_ack(message),
            base_url=caller.base_url,
            generation=0,
            seen_at=caller.now,
        )
        reply |= {"successful": True, "minimumVersion": "1.0", "clientId": session.id, "advice": terms.advice}
        if session.ack:
            reply["ext"] = {"ack": True}
        return Exchange((_answer(message, reply),), session, opened=True)
    return Exchange((_answer(message, reply),), None)


def respond(messages: Sequence[Message], session: BayeuxSession | None, caller: Caller, terms: Terms) -> Exchange:
    """Answer the messages of one request in their order; every message gets exactly one reply.

    ``session`` is the one that :func:`client_id_of` names, if it lives. Under other credentials than its own it is as
    unknown as a dead one. A connect is held only when it is the request's only message, not the session's first, and
    the client did not ask for an answer at once (``advice.timeout`` 0).
    """
    if session is not None and session.user_id != caller.user_id:
        session = None
    exchange = Exchange((), session)
    for message in messages:
        exchange = _step(exchange, message, caller, terms, alone=len(messages) == 1)
    return exchange


def deliver(session: BayeuxSession, notices: Sequence[StoredNotice], render: Render) -> Delivery:
    """Turn what follows the session's cursor in the log into messages that its subscriptions ask for.

    Without ack the cursor moves past them: the client has them once the reply is written, at most once. With ack it
    stays until the client's next connect says what arrived, at least once; it may pass only what the client did not
    ask for.
    """
    events = tuple(
        {"channel": channel, "data": data}
        for notice in notices
        for channel, data in render(notice, session.base_url)
        if any(notice.n > since and covers(pattern, channel) for pattern, since in session.subscriptions.items())
    )
    upto = notices[-1].n if notices else session.cursor
    if session.ack and events:
        return Delivery(events, upto, session)
    return Delivery(events, upto, replace(session, cursor=upto))


def acknowledged(answers: Iterable[Answer], session: BayeuxSession, upto: int) -> tuple[Answer, ...]:
    """Say in the connect replies up to which notice the client has been served, if it asked for that at the handshake."""
    if not session.ack:
        return tuple(answers)
    return tuple(
        replace(answer, reply=answer.reply | {"ext": {"ack": upto}})
        if answer.reply["channel"] == CONNECT and answer.reply["successful"]
        else answer
        for answer in answers
    )


def ended(answer: Answer) -> Answer:
    """Turn a held connect's reply into the one for a session that was disconnected meanwhile: the client is to stop."""
    return replace(answer, reply=answer.reply | {"advice": dict(_STOP)})


def _step(exchange: Exchange, message: Message, caller: Caller, terms: Terms, alone: bool) -> Exchange:
    channel, session = message.get("channel"), exchange.session
    if not isinstance(channel, str) or not channel:
        return _reply(exchange, message, {"successful": False, "error": "400::channel missing"})
    if session is None or message.get("clientId") != session.id:
        failure: Message = {"successful": False, "error": UNKNOWN_CLIENT}
        if channel == CONNECT:
            failure["advice"] = dict(_AGAIN)
        return _reply(exchange, message, failure)
    if channel == CONNECT:
        return _connect(exchange, session, message, caller, terms, alone)
    if channel == SUBSCRIBE:
        return _subscribe(exchange, session, message, caller.head)
    if channel == UNSUBSCRIBE:
        return _unsubscribe(exchange, session, message)
    if channel == DISCONNECT:
        gone = replace(exchange, session=None, closed=True, connected=False)
        return _reply(gone, message, {"successful": True})
    return _reply(exchange, message, _publish(channel))


def _connect(
    exchange: Exchange, session: BayeuxSession, message: Message, caller: Caller, terms: Terms, alone: bool
) -> Exchange:
    first = session.generation == 0
    at_once = first or _field(message, "advice", "timeout") == 0
    reply: Message = {"successful": True}
    if at_once:
        reply["advice"] = terms.advice
    cursor = max(session.cursor, min(_acknowledged_in(message), caller.head)) if session.ack else session.cursor
    session = replace(session, cursor=cursor, generation=session.generation + 1, seen_at=caller.now)
    exchange = replace(exchange, session=session, connected=True, hold=alone and not at_once)
    return _reply(exchange, message, reply)


def _subscribe(exchange: Exchange, session: BayeuxSession, message: Message, head: int) -> Exchange:
    wanted, error = _subscription(message)
    if error is None and any(is_meta(name) for name in wanted):
        error = "403::subscribe_failed"
    # The log's head as of now: an event that happened before the subscription is not for it. An older subscription
    # stays.
    new = {name: head for name in wanted if not is_service(name)}
    subscriptions = new | dict(session.subscriptions)
    if error is None and len(subscriptions) > MOST_SUBSCRIPTIONS:
        error = "403:too many subscriptions:subscribe_denied"
    if error is None:
        exchange = replace(exchange, session=replace(session, subscriptions=subscriptions))
    return _reply(exchange, message, _subscription_reply(message, error))


def _unsubscribe(exchange: Exchange, session: BayeuxSession, message: Message) -> Exchange:
    dropped, error = _subscription(message)
    if error is None:
        kept = {name: since for name, since in session.subscriptions.items() if name not in dropped}
        exchange = replace(exchange, session=replace(session, subscriptions=kept))
    return _reply(exchange, message, _subscription_reply(message, error))


def _subscription(message: Message) -> tuple[list[str], str | None]:
    wanted = message.get("subscription")
    names = wanted if isinstance(wanted, list) else [wanted]
    if wanted is None or not names:
        return [], "403::subscription_missing"
    valid = [name for name in names if isinstance(name, str) and is_subscribable(name)]
    if len(valid) < len(names):
        return [], "403::subscription_invalid"
    return valid, None


def _subscription_reply(message: Message, error: str | None) -> Message:
    reply: Message = {"successful": error is None}
    wanted = message.get("subscription")
    if isinstance(wanted, str) or (isinstance(wanted, list) and all(map(_is_text, wanted))):
        reply["subscription"] = wanted
    return reply if error is None else reply | {"error": error}


def _publish(channel: str) -> Message:
    """Nobody publishes here but the server; what goes to a service channel is taken and means nothing."""
    if is_channel(channel) and is_service(channel):
        return {"successful": True}
    if not is_channel(channel) or is_meta(channel):
        return {"successful": False, "error": "403::create denied"}
    return {"successful": False, "error": "403::publish denied"}


def _reply(exchange: Exchange, message: Message, fields: Message) -> Exchange:
    channel = message.get("channel")
    named: Message = {"channel": channel} if isinstance(channel, str) else {}
    return replace(exchange, answers=(*exchange.answers, _answer(message, named | fields)))


def _answer(message: Message, reply: Message) -> Answer:
    """Echo the id in its own type; an id that is no text or integer cannot be one that a client waits for."""
    id_ = message.get("id")
    return Answer(message, {"id": id_} | reply if isinstance(id_, str | int) else reply)


def _wants_ack(message: Message) -> bool:
    wish = _field(message, "ext", "ack")
    return wish is True or (isinstance(wish, dict) and wish.get("enabled") is True)


def _acknowledged_in(message: Message) -> int:
    ack = _field(message, "ext", "ack")
    if isinstance(ack, dict):
        ack = ack.get("batch")
    return ack if isinstance(ack, int) and not isinstance(ack, bool) else 0


def _field(message: Message, outer: str, inner: str) -> Any:
    value = message.get(outer)
    return value.get(inner) if isinstance(value, dict) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str)
