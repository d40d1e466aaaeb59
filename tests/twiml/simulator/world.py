"""The simulator, an application that answers it, and Twilio's client: what every checklist test works with."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import requests
from twilio.rest import Client

from tests.support.twilio_side import Room, Simulator
from tests.support.waiting import until
from tests.support.webhook_receiver import Received, Reply, WebhookReceiver
from tests.twiml.simulator.documents import conference, dial, looping, response

LINE = "+15550001000"
OTHER_LINE = "+15550001001"
CALLER = "+15550100001"
SECOND_CALLER = "+15550100002"
THIRD_CALLER = "+15550100003"
ALICE = "client:alice"
BOB = "client:bob"
CAROL = "client:carol"
EVERY_EVENT = "start end join leave mute hold modify speaker announcement"
ENDED = {"completed", "busy", "no-answer", "failed", "canceled"}


class World:
    """Story verbs over the three parties. Conference callbacks of callers' rooms come in on `/conference`."""

    def __init__(self, simulator: Simulator, app: WebhookReceiver, client: Client) -> None:
        self.simulator = simulator
        self.app = app
        self.client = client
        self.documents: dict[str, str | Reply] = {}
        self._rooms = itertools.count(1)
        app.on("/wait", looping("please wait"))
        app.on("/hold", looping("you are on hold"))

    # Requests that Twilio's client would not send

    def raw(
        self,
        method: str,
        path: str,
        data: Mapping[str, Any] | str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """A REST request as given; `path` is relative to the account, such as `/Calls.json`, or to the host."""
        account = self.simulator.account()
        prefix = "" if path.startswith("/2010-04-01") else f"/2010-04-01/Accounts/{account.sid}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if isinstance(data, str) else {}
        return requests.request(
            method,
            f"{self.simulator.base_url}{prefix}{path}",
            data=data,
            params=params,
            headers=headers,
            auth=(account.sid, account.auth_token),
            timeout=15,
        )

    # Calls that come in

    def set_number(self, line: str = LINE, **settings: str) -> None:
        """Configures an owned number by REST."""
        number = self.client.incoming_phone_numbers.list(phone_number=line)[0]
        number.update(**settings)

    def call_in(
        self,
        document: str | Reply,
        caller: str = CALLER,
        params: Mapping[str, str] | None = None,
        voice_path: str = "/voice",
        **settings: str,
    ) -> str:
        """`caller` dials the line, whose voice URL answers that caller with `document`. Returns the call id."""
        self.documents[caller] = document
        url = self.app.on(voice_path, self._document_for_the_caller)
        self.set_number(
            **{"voice_url": url, "voice_method": "POST", "voice_fallback_url": "", "status_callback": "", **settings}
        )
        return self.simulator.place_call(caller, LINE, params)

    def _document_for_the_caller(self, request: Received) -> str | Reply:
        return self.documents[request.params["From"]]

    # Rooms

    def room_name(self) -> str:
        """A name no other room of this test has."""
        return f"room-{next(self._rooms)}"

    def caller_joins(self, room: str, caller: str = CALLER, then: str = "", **attributes: object) -> str:
        """A caller is put into the room by TwiML, and is in it when this returns; the verb `then` follows the Dial."""
        wanted: dict[str, object] = {
            "waitUrl": self.app.url("/wait"),
            "statusCallback": self.app.url("/conference"),
            "statusCallbackEvent": EVERY_EVENT,
            **attributes,
        }
        action = wanted.pop("action", None)
        around = {} if action is None else {"action": action}
        call = self.call_in(response(dial(conference(room, **wanted), **around), then), caller)
        self.wait_in_room(room, call)
        return call

    def agent_joins(self, room: str, who: str = ALICE, **params: Any) -> str:
        """A leg is created in the room by REST and answered; it is in the room when this returns."""
        self.simulator.set_phone(who, "answer")
        participant = self.client.conferences(room).participants.create(from_=LINE, to=who, **params)
        self.wait_in_room(room, participant.call_sid)
        return str(participant.call_sid)

    def talk(self, room: str, **attributes: object) -> tuple[str, str]:
        """A caller and alice talk in the room."""
        caller = self.caller_joins(room, CALLER, "", **attributes)
        agent = self.agent_joins(room)
        self.wait_hears(caller, agent)
        self.wait_hears(agent, caller)
        return caller, agent

    def room(self, name: str) -> Room:
        """The live room of that name."""
        room = self.simulator.room(name)
        assert room is not None, f"no live conference {name}"
        return room

    def wait_in_room(self, name: str, call: str) -> None:
        until(lambda: self.room(name).member(call), what=f"{call} is in {name}")

    def participant(self, room: str, call: str) -> Any:
        """Twilio's client for one participant; the room by name is looked up, as paths want the CF id."""
        return self.client.conferences(self.room(room).sid).participants(call)

    def hold(self, room: str, call: str, path: str = "/hold") -> Any:
        """Holds a participant with the document at `path` and returns the REST reply."""
        return self.participant(room, call).update(hold=True, hold_url=self.app.url(path), hold_method="POST")

    def wait_hears(self, call: str, *others: str) -> None:
        """Waits until this leg hears exactly these legs."""
        until(lambda: self.simulator.hearing(call).others == frozenset(others), what=f"{call} hears {others}")

    def wait_now(self, call: str, now: str | None) -> None:
        """Waits until this sounds in the leg's ear."""

        def sounds() -> bool:
            hearing = self.simulator.hearing(call)
            assert hearing.now == now, f"hears {hearing}"
            return True

        until(sounds, what=f"{call} hears {now!r}")

    def wait_kind(self, call: str, kind: str) -> None:
        """Waits until the leg is in a place of that kind."""

        def is_there() -> bool:
            hearing = self.simulator.hearing(call)
            assert hearing.kind == kind, f"hears {hearing}"
            return True

        until(is_there, what=f"{call} is in {kind!r}")

    def wait_status(self, call: str, *statuses: str) -> str:
        """Waits until the call has one of these statuses and returns it."""

        def arrived() -> str:
            status = self.simulator.call(call).status
            assert status in statuses, f"status {status}"
            return status

        return until(arrived, what=f"{call} is {statuses}")

    def wait_ended(self, call: str) -> str:
        """Waits until the call is over and returns its final status."""
        return self.wait_status(call, *ENDED)

    def event(self, name: str, within: float = 5.0, path: str = "/conference", **params: str) -> Received:
        """Waits for a conference callback."""
        return self.app.wait_for_one(path, within, StatusCallbackEvent=name, **params)

    def event_names(self, path: str = "/conference") -> list[str]:
        """The conference events that came in, in the order in which they were numbered."""
        received = sorted(self.app.received(path), key=lambda request: int(request.params["SequenceNumber"]))
        return [request.params["StatusCallbackEvent"] for request in received]
