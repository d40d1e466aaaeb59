"""Status callbacks that come at once share a transaction, and each is still answered for itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import Connection, event, insert, text, update

from app.asgi import Application
from app.core.session import Party, Session
from app.store import demo, notices, sessions
from app.store import tables as t
from tests.support.house import PUBLIC_URL, TOKEN, Site, a_site
from tests.support.sessions import talking
from tests.support.stores import postgres_url, sqlite_url, store_url
from tests.support.webhooks import PREFIX, signature

__all__ = ["postgres_url", "sqlite_url", "store_url"]
CALLS = 12
Form = dict[str, str]


class Door:
    """A controller in this process at whose door callbacks arrive, each over a connection of its own."""

    def __init__(self, site: Site, talks: Sequence[Session]) -> None:
        self.site = site
        self.talks = talks
        self._application = Application(site.house)
        self.commits = 0
        event.listen(site.house.engine, "commit", self._committed)

    def _committed(self, _connection: Connection) -> None:
        self.commits += 1

    def held(self, talk: Session, number: int = 10, held: bool = True) -> tuple[str, Form]:
        """The event that a customer was held, or released: its address and form."""
        form = {
            "ConferenceSid": talk.conference_sid or "",
            "SequenceNumber": str(number),
            "StatusCallbackEvent": "participant-hold" if held else "participant-unhold",
            "CallSid": talk.customer.call_sid or "",
            "ParticipantLabel": talk.customer.id,
        }
        return f"{PREFIX}/sessions/{talk.id}/conference", form

    def knock(self, *callbacks: tuple[str, Form], forged: Sequence[tuple[str, Form]] = ()) -> list[int]:
        """All of these arrive at once, some signed by somebody else; the status that each is answered with."""
        return asyncio.run(self.answers([(*one, TOKEN) for one in callbacks] + [(*one, "not-ours") for one in forged]))

    async def answers(self, requests: Sequence[tuple[str, Form, str]]) -> list[int]:
        """What these are answered with: address, form, and the token each is signed with."""
        return list(await asyncio.gather(*(self.answer(*request) for request in requests)))

    async def answer(self, path: str, form: Form, token: str = TOKEN) -> int:
        """What one is answered with."""
        body, statuses = urlencode(form).encode(), list[int]()
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "http_version": "1.1",
            "scheme": urlsplit(PUBLIC_URL).scheme,
            "headers": [
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"content-length", str(len(body)).encode()),
                (b"x-twilio-signature", signature(token, PUBLIC_URL + path, form).encode()),
            ],
        }

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body}

        async def send(message: dict[str, int]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        serve: Callable[..., Awaitable[None]] = self._application
        await serve(scope, receive, send)
        return statuses[0]

    def on_hold(self) -> list[bool]:
        """Of each call, whether its customer is on hold."""
        return [self.site.control.session(talk.id).hold is not None for talk in self.talks]

    def told(self, talk: Session) -> list[str]:
        """The states that the agent of a call has been told of, in order."""
        with self.site.house.engine.connect() as connection:
            log = notices.after(connection, str(talk.legs[1].party.user_id), 0, 100)
        return [one.body["view"]["state"] for one in log]

    def break_one(self, talk: Session) -> None:
        """Make what the store has of a call unreadable."""
        with self.site.house.engine.begin() as connection:
            connection.execute(update(t.session).where(t.session.c.id == talk.id).values(body=json.dumps({"id": 1})))


@pytest.fixture
def door(demo_store: Path, tmp_path: Path, store_url: str) -> Iterator[Door]:
    """A door on either store, behind which twelve customers talk to an agent each."""
    with a_site(demo_store, tmp_path, database_url=store_url) as site:
        talks = [
            talking(n, Party(f"client:agent{n}", f"agent{n}", f"{n:024x}", str(500 + n))) for n in range(1, CALLS + 1)
        ]
        with site.house.engine.begin() as connection:
            connection.execute(insert(t.account).values(id=demo.MAIN, name="Main"))
            for talk in talks:
                sessions.add(connection, talk)
        yield Door(site, talks)


def test_callbacks_that_come_at_once_share_a_transaction_and_all_are_taken_in(door: Door) -> None:
    assert door.knock(*[door.held(talk) for talk in door.talks]) == [204] * CALLS
    assert door.on_hold() == [True] * CALLS
    assert door.commits < CALLS / 2


def test_several_callbacks_of_one_call_are_taken_in_in_the_order_of_their_coming(door: Door) -> None:
    talk = door.talks[0]
    before = door.told(talk)
    assert door.knock(*[door.held(talk, 10 + n, held=n % 2 == 0) for n in range(5)]) == [204] * 5
    assert door.told(talk)[len(before) :] == ["Held", "Established", "Held", "Established", "Held"]
    assert door.on_hold()[0]


def test_more_than_go_into_one_transaction_are_all_taken_in_and_in_order(door: Door) -> None:
    talk = door.talks[0]
    before = door.told(talk)
    assert door.knock(*[door.held(talk, 10 + n, held=n % 2 == 0) for n in range(90)]) == [204] * 90
    assert door.told(talk)[len(before) :] == ["Held", "Established"] * 45
    assert 2 <= door.commits < 10


def test_a_forged_callback_among_true_ones_is_refused_alone(door: Door) -> None:
    first, second, *true = door.talks
    answers = door.knock(*[door.held(talk) for talk in true], forged=[door.held(first), door.held(second)])
    assert answers == [204] * len(true) + [403, 403]
    assert door.on_hold() == [False, False] + [True] * len(true)


def test_a_callback_that_is_longer_than_usual_is_taken_in_too(door: Door) -> None:
    path, form = door.held(door.talks[0])
    assert door.knock((path, {**form, "Padding": "x" * 20_000}), door.held(door.talks[1])) == [204, 204]
    assert door.on_hold()[:3] == [True, True, False]


def test_a_callback_of_an_unknown_call_does_not_keep_the_others_from_theirs(door: Door) -> None:
    stranger = talking(777, door.talks[0].legs[1].party)
    assert door.knock(door.held(stranger), *[door.held(talk) for talk in door.talks]) == [204] * (CALLS + 1)
    assert door.on_hold() == [True] * CALLS


def test_an_event_that_tells_nothing_we_need_is_answered_without_a_transaction(door: Door) -> None:
    path, form = door.held(door.talks[0])
    assert door.knock((path, {**form, "StatusCallbackEvent": "participant-speech-start"})) == [204]
    assert door.commits == 0


def test_a_call_that_cannot_be_read_fails_alone(door: Door) -> None:
    broken, *sound = door.talks
    door.break_one(broken)
    answers = door.knock(*[door.held(talk) for talk in door.talks])
    assert answers == [500] + [204] * (CALLS - 1)
    assert [door.site.control.session(talk.id).hold is not None for talk in sound] == [True] * (CALLS - 1)


@pytest.mark.parametrize("store_url", ["postgres"], indirect=True)
def test_a_call_that_somebody_is_changing_does_not_keep_the_others_waiting(door: Door) -> None:
    """Only its own callback waits. SQLite has one writer, for whom all wait."""
    slow, *others = door.talks

    async def while_somebody_changes_it() -> list[int]:
        with door.site.house.engine.connect() as somebody:
            somebody.execute(text("SELECT id FROM session WHERE id = :id FOR UPDATE"), {"id": slow.id})
            waiting = asyncio.ensure_future(door.answer(*door.held(slow)))
            answers = await door.answers([(*door.held(talk), TOKEN) for talk in others])
            assert not waiting.done()
            somebody.rollback()
            return [await waiting, *answers]

    assert asyncio.run(while_somebody_changes_it()) == [204] * CALLS
    assert door.on_hold() == [True] * CALLS


EVENTS: dict[str, Form] = {
    "held": {"StatusCallbackEvent": "participant-hold"},
    "muted": {"StatusCallbackEvent": "participant-mute"},
    "left, hung up": {"StatusCallbackEvent": "participant-leave", "ReasonParticipantLeft": "participant_hung_up"},
    "left, moved": {"StatusCallbackEvent": "participant-leave", "ReasonParticipantLeft": "participant_updated_via_api"},
    "conference over": {"StatusCallbackEvent": "conference-end"},
    "something new": {"StatusCallbackEvent": "participant-levitates"},
    "no number": {"StatusCallbackEvent": "participant-hold", "SequenceNumber": "x"},
    "no such call": {"StatusCallbackEvent": "participant-hold", "CallSid": "not-a-sid"},
    "agent's call over": {"CallStatus": "completed"},
    "agent's call of an unknown status": {"CallStatus": "confused"},
}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", EVENTS)
def test_a_callback_says_the_same_by_either_way(door: Door, what: str) -> None:
    """Together or one by one through Flask: the answer and the session are the same."""
    one, other = door.talks[:2]
    answers = [door.knock(_event(door, one, what))[0], _through_flask(door, *_event(door, other, what))]
    door.site.at_rest()
    assert answers[0] == answers[1]
    assert _picture(door, one) == _picture(door, other)


def _event(door: Door, talk: Session, what: str) -> tuple[str, Form]:
    path, form = door.held(talk)
    if "CallStatus" in EVENTS[what]:
        leg = talk.legs[1]
        return f"{PREFIX}/sessions/{talk.id}/legs/{leg.id}/progress", {"CallSid": str(leg.call_sid), **EVENTS[what]}
    return path, {**form, **EVENTS[what]}


def _through_flask(door: Door, path: str, form: Form) -> int:
    headers = {"X-Twilio-Signature": signature(TOKEN, PUBLIC_URL + path, form)}
    return door.site.house.flask.test_client().post(path, data=form, headers=headers).status_code


def _picture(door: Door, talk: Session) -> object:
    session = door.site.control.session(talk.id)
    legs = [(leg.n, leg.status, leg.held, leg.muted, leg.place) for leg in session.legs]
    told = door.told(talk)
    names = {leg.party.name: str(leg.n) for leg in session.legs}
    log = [" ".join(names.get(word, word) for word in entry.text.split()) for entry in session.log]
    return session.live, session.hold is not None, legs, told, log
