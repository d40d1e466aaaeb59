"""The simulated telephone world as a test sees it: people with phones, rooms, queues, faults and the clock.

Only the simulator's HTTP interface is used. Addresses are E.164 numbers (`+15550100001`) or softphones
(`client:alice`); call ids are `CA…`, conference ids `CF…`, queue ids `QU…`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.support.processes import running_simulator
from tests.support.waiting import until

PATIENCE = 15.0


@dataclass(frozen=True)
class Account:
    """The simulator's one account: `sid` is `AC…`, `auth_token` signs webhooks and opens the REST interface."""

    sid: str
    auth_token: str


@dataclass(frozen=True)
class LiveCall:
    """One live call of a phone; `status` and `direction` are Twilio's words."""

    call_sid: str
    status: str
    direction: str


@dataclass(frozen=True)
class Hearing:
    """What a leg hears from `since` (ISO time) on: where it is (`kind`), whom (`others`), what sounds (`now`)."""

    kind: str
    others: frozenset[str]
    now: str | None
    since: str

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Hearing:
        return cls(body["kind"], frozenset(body["with"]), body["now"], body["since"])


@dataclass(frozen=True)
class CallView:
    """A call as its person experiences it; `heard` is oldest first and ends with what is heard now."""

    call_sid: str
    status: str
    caller: str
    called: str
    hearing: Hearing
    heard: tuple[Hearing, ...]

    @property
    def nows(self) -> list[str]:
        """Everything that sounded so far, in order, silences left out."""
        return [hearing.now for hearing in self.heard if hearing.now is not None]


@dataclass(frozen=True)
class RoomMember:
    """A joined participant of a live conference; `hears` holds the call ids it hears right now."""

    call_sid: str
    label: str | None
    hold: bool
    muted: bool
    coaching: bool
    hears: frozenset[str]


@dataclass(frozen=True)
class Room:
    """A live conference with its joined participants."""

    sid: str
    friendly_name: str
    status: str
    participants: tuple[RoomMember, ...]

    def member(self, call_sid: str) -> RoomMember:
        """The participant with this call id; AssertionError when it is not in the room."""
        for member in self.participants:
            if member.call_sid == call_sid:
                return member
        raise AssertionError(f"{call_sid} is not in {self}")


@dataclass(frozen=True)
class WaitingLine:
    """A queue with the call ids that wait in it, front first."""

    sid: str
    friendly_name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class LogEntry:
    """One exchange: `kind` is `rest`, `webhook` or `media`; `status` is None when nobody answered."""

    seq: int
    at: str
    kind: str
    method: str
    url: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    status: int | None
    response: str | None

    @property
    def fields(self) -> dict[str, str]:
        """The parameters by name; of a repeated name the last value."""
        return dict(self.params)


class Simulator:
    """Steers and observes a running simulator. Every method raises requests.HTTPError when the answer is not 2xx."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = requests.Session()
        # The environment's proxies are for the outside world.
        self._http.trust_env = False
        self._account: Account | None = None

    def close(self) -> None:
        self._http.close()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        """The raw answer to a request below `/simulator`, for tests of refusals."""
        return self._http.request(
            method, f"{self.base_url}/simulator{path}", json=body and dict(body), timeout=PATIENCE
        )

    def _do(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.ask(method, path, body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    # The account and its REST interface

    def account(self) -> Account:
        """The account's sid and token; asked once, they do not change while the process lives."""
        if self._account is None:
            body = self._do("GET", "/account")
            self._account = Account(body["account_sid"], body["auth_token"])
        return self._account

    def rest(self, timeout: float = PATIENCE) -> Client:
        """Twilio's own Python client, logged in to this simulator; `timeout` in seconds per request."""
        account = self.account()
        client = Client(account.sid, account.auth_token, http_client=TwilioHttpClient(timeout=timeout))
        client.api.base_url = self.base_url
        return client

    # People and phones

    def place_call(self, address: str, to: str, params: Mapping[str, str] | None = None) -> str:
        """The person at `address` dials `to`; `params` are extra fields of the voice webhook. Returns the call id."""
        sid: str = self._do("POST", f"/phones/{_in_path(address)}/call", {"to": to, "params": dict(params or {})})[
            "call_sid"
        ]
        return sid

    def phone(self, address: str) -> list[LiveCall]:
        """The live calls of the phone at `address`; an unknown phone has none."""
        return [LiveCall(**call) for call in self._do("GET", f"/phones/{_in_path(address)}")["calls"]]

    def set_phone(self, address: str, on_ring: str = "ring", after: float | None = None) -> None:
        """How a phone reacts when rung: ring, answer, busy, reject or fail; `after` in simulated seconds."""
        body: dict[str, Any] = {"on_ring": on_ring}
        if after is not None:
            body["after"] = after
        self._do("PUT", f"/phones/{_in_path(address)}", body)

    def ringing(self, address: str, within: float = 5.0) -> str:
        """Waits until the phone at `address` rings and returns the ringing call's id."""
        return until(
            lambda: next((call.call_sid for call in self.phone(address) if call.status == "ringing"), ""),
            within,
            f"{address} rings",
        )

    def answer(self, call_sid: str) -> None:
        """The person picks up the ringing phone."""
        self._do("POST", f"/calls/{call_sid}/answer")

    def hangup(self, call_sid: str) -> None:
        """The person hangs up, or gives up while it still rings."""
        self._do("POST", f"/calls/{call_sid}/hangup")

    def reject(self, call_sid: str) -> None:
        """The person declines the ringing call; it ends busy."""
        self._do("POST", f"/calls/{call_sid}/reject")

    def digits(self, call_sid: str, digits: str) -> None:
        """The person presses keys."""
        self._do("POST", f"/calls/{call_sid}/digits", {"digits": digits})

    # What there is to see

    def call(self, call_sid: str) -> CallView:
        """The call as its person experiences it; stays readable after the end, until reset."""
        body = self._do("GET", f"/calls/{call_sid}")
        heard = tuple(Hearing.parse(hearing) for hearing in body["heard"])
        return CallView(
            body["call_sid"], body["status"], body["from"], body["to"], Hearing.parse(body["hearing"]), heard
        )

    def hearing(self, call_sid: str) -> Hearing:
        """What the leg hears right now."""
        return self.call(call_sid).hearing

    def conferences(self) -> list[Room]:
        """The live conferences."""
        return [_room(body) for body in self._do("GET", "/conferences")["conferences"]]

    def room(self, friendly_name: str) -> Room | None:
        """The live conference of that name, or None."""
        return next((room for room in self.conferences() if room.friendly_name == friendly_name), None)

    def queues(self) -> list[WaitingLine]:
        """The queues; empty ones may be among them."""
        return [
            WaitingLine(body["sid"], body["friendly_name"], tuple(body["members"]))
            for body in self._do("GET", "/queues")["queues"]
        ]

    def queue(self, friendly_name: str) -> WaitingLine | None:
        """The queue of that name, or None."""
        return next((queue for queue in self.queues() if queue.friendly_name == friendly_name), None)

    def log(self, since: int = 0) -> list[LogEntry]:
        """Every exchange with seq >= `since`, in order."""
        entries = self._do("GET", f"/log?since={since}")["entries"]
        return [
            LogEntry(**{**entry, "params": tuple((name, value) for name, value in entry["params"])})
            for entry in entries
        ]

    def log_position(self) -> int:
        """The seq that the next entry will have."""
        position: int = self._do("GET", f"/log?since={2**53}")["next"]
        return position

    # The world's conditions

    def faults(self, **faults: float) -> None:
        """What goes wrong from now on (duplicate, reorder, delay_ms, drop, rest_429, rest_500_after_effect,
        rest_timeout, seed); replaces all earlier faults, so without arguments nothing goes wrong."""
        self._do("PUT", "/faults", faults)

    def policy(self, **choices: object) -> None:
        """Chooses between readings where Twilio's documents are silent or contradict each other."""
        self._do("PUT", "/policy", choices)

    def clock(self, speed: float) -> None:
        """How many simulated seconds pass in a real one; 0 stops simulated time."""
        self._do("PUT", "/clock", {"speed": speed})

    def advance(self, seconds: float) -> None:
        """Lets simulated time pass at once; what falls due has been started when this returns."""
        self._do("POST", "/clock/advance", {"seconds": seconds})

    def reset(self) -> None:
        """Everybody hangs up, the webhooks of that are delivered, then phones, faults, clock and log are as new."""
        self._do("POST", "/reset")


def _in_path(address: str) -> str:
    return quote(address, safe="")


def _room(body: Mapping[str, Any]) -> Room:
    members = tuple(
        RoomMember(
            call_sid=member["call_sid"],
            label=member["label"],
            hold=member["hold"],
            muted=member["muted"],
            coaching=member["coaching"],
            hears=frozenset(member["hears"]),
        )
        for member in body["participants"]
    )
    return Room(body["sid"], body["friendly_name"], body["status"], members)


@contextmanager
def own_simulator() -> Iterator[Simulator]:
    """A simulator as a process of its own, alone, up until the block ends."""
    with running_simulator() as process:
        simulator = Simulator(process.base_url)
        yield simulator
        simulator.close()
