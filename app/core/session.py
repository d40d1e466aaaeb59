"""A session and its parts as frozen values: everything that is known of one customer conversation.

All moments are unix seconds (UTC). The phase of a session is never stored: ``app.core.phase`` derives it from the legs.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.core.values import changed


class Role(StrEnum):
    """What a leg is to the conversation."""

    CUSTOMER = "customer"
    AGENT = "agent"
    CONSULT = "consult"  # the third party of a consult, until the consult is completed
    SUPERVISOR = "supervisor"


class Status(StrEnum):
    """How far a leg's call has come. It only ever moves down this list (webhooks are unordered, so a later one may come first)."""

    PLANNED = "planned"  # the provider is to be asked for it
    DIALING = "dialing"  # the provider has it
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class Place(StrEnum):
    """Where a leg's media is."""

    NOWHERE = "nowhere"
    CONFERENCE = "conference"
    QUEUE = "queue"


class Move(StrEnum):
    """Where a leg has been sent and has not yet arrived."""

    PARK = "park"
    CONFERENCE = "conference"
    FAREWELL = "farewell"


class HoldReason(StrEnum):
    """Why a party is held (Evo Voice knows these two)."""

    NONE = "None"
    TRANSFERRING = "Transferring"


class Purpose(StrEnum):
    """What a consult was started for."""

    CONFERENCE = "conference"
    TRANSFER = "transfer"
    JOIN = "join"  # single-step: the party joins the talk as soon as it answers, nobody is held


@dataclass(frozen=True)
class Message:
    """What a waiting party hears, looping: ``kind`` is ``media`` (``value`` = the media's id) or ``tts`` (``value`` = the text)."""

    kind: str
    value: str


@dataclass(frozen=True)
class Party:
    """Somebody who can be on a call.

    ``address`` is what the provider dials: E.164, or ``client:<name>`` for a softphone. ``user_id`` (24 hex) and ``dn`` (extension)
    are set for our own people only.
    """

    address: str
    name: str
    user_id: str | None = None
    dn: str | None = None


@dataclass(frozen=True)
class Leg:
    """One call of the provider in a session. ``id`` is also its participant label: ``<session id>-<n>``."""

    id: str
    n: int
    role: Role
    party: Party
    caller: str  # the number or address shown to the party, or, for one who called us, its own
    view: int  # which of the session's call identities its agent sees it under: see ``app.core.ids.call_uuid``
    via_consult: bool = field(default=False, kw_only=True)  # came in as the third party of a consult
    created_at: float
    inbound: bool = False  # it called us: its document goes on after a conference, a dialled leg's does not
    status: Status = Status.PLANNED
    place: Place = Place.NOWHERE
    move: Move | None = None
    call_sid: str | None = None
    held: bool = False
    ordered: bool | None = (
        None  # the hold (True) or release (False) that the provider has been asked for and not confirmed
    )
    muted: bool = False
    digits: str = ""  # DTMF to be heard once it answers
    digits_by: str | None = None  # user id
    greeting: Message | None = None  # said to it when it answers, before anybody is given to it; None once heard
    greeting_until: float | None = None  # being said; by then it is over, should the provider never tell
    heard_by: str | None = None  # the id of the one leg that hears it; None = everybody in the talk
    opening: bool = False  # the provider has been asked to let everybody hear it again
    aside: bool = False  # held because its own agent asked for it
    beside: bool = False  # held while another agent of the conference consults, so that the consult is private
    ending: bool = False  # its end has been ordered
    end_asked: bool = False  # its end has been asked of the provider at least once: not before the CallSid is known
    retry_at: float | None = None  # the provider refused something for this leg: no rule asks again before then
    rejoins: int = 0
    queue_sid: str | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    ended_by: str | None = None  # completed | busy | no-answer | failed | canceled
    give_up_at: float | None = None  # when a leg that still rings is given up, should the provider never tell
    # Order of the provider's conference events, which arrive in any order: the newest sequence number taken in, per kind.
    conference_sid: str | None = None
    place_seq: int = 0
    hold_seq: int = 0
    mute_seq: int = 0
    # Holds and un-holds that a REST reply already told us of and whose events are still to come: (held, known since).
    echoes: tuple[tuple[bool, float], ...] = ()
    # The sequence numbers of the last such events: one that is repeated is not the echo of another reply.
    hold_events: tuple[int, ...] = ()

    @property
    def live(self) -> bool:
        """True until the leg is known to have ended."""
        return self.status is not Status.ENDED

    @property
    def queued(self) -> bool:
        """True from when the leg is asked for until it rings: the provider starts only so many calls a second."""
        return self.status in (Status.PLANNED, Status.DIALING)

    @property
    def answered(self) -> bool:
        """True while somebody is on the line."""
        return self.status is Status.ANSWERED


@dataclass(frozen=True)
class Hold:
    """Why, by whom and since when the customer waits. ``since`` 0 = ordered, not yet true."""

    reason: HoldReason = HoldReason.NONE
    by: str | None = None  # user id; None = a program's key, or nobody here
    message: Message | None = None  # None = the default melody
    since: float = 0.0
    remind_at: float | None = None
    limit_at: float | None = None


@dataclass(frozen=True)
class Consult:
    """An agent's talk with a third party beside the customer, in the same conference."""

    leg_id: str  # the third party
    by_leg_id: str  # the agent who started it
    purpose: Purpose
    started_at: float
    hold: Hold  # how the customer is held for it; used again by a swap
    single_step: bool = False  # the agent leaves without having talked to the third party: she sees no consult of hers
    talked: bool = False  # she gave the customer away out of a talk with them; that is what she sees until her leg ends
    completing: bool = False  # the customer goes to the third party, at once or when it answers
    joining: bool = False  # customer, agent and third party are being put together
    hold_on_answer: bool = False  # swapped while still dialing
    end_on_failure: bool = False  # a completed transfer that fails ends the call instead of coming back
    data: dict[str, Any] = field(default_factory=dict)  # of a single step: the target sees it, the call takes it over
    told: tuple[str, ...] | None = None  # what she heard last that her original offers; None = nothing since it began


@dataclass(frozen=True)
class Route:
    """How somebody is being found for a waiting customer."""

    queue: str | None  # the ring queue's name; None = a direct line
    queue_id: str | None
    candidates: tuple[Party, ...]
    next: int = 0  # the candidate to ring next
    offer_at: float | None = None  # a pause between two rounds


@dataclass(frozen=True)
class LogEntry:
    """A line of the session's log, in plain English."""

    at: float
    text: str


@dataclass(frozen=True)
class Session:
    """One customer conversation, from first ring to end, whatever legs come and go."""

    id: str  # 24 hex
    number: int  # the Call API's call_session_id; every other identity is derived from it, see app.core.ids
    account_id: str
    line: str  # our own number (E.164) the conversation came over
    direction: str  # in | out
    started_at: float
    legs: tuple[Leg, ...] = ()
    route: Route | None = None
    hold: Hold | None = None  # set exactly while the customer is held or parked
    hold_order: Hold | None = None  # ordered of the provider, not yet true
    retrieve_by: str | None = None  # who ordered the retrieval that is under way: a user id
    consult: Consult | None = None
    views: int = 1  # call identities used so far
    conferences: tuple[str, ...] = ()  # ConferenceSids of this session's name, oldest first
    conference_ended: bool = False  # of the newest
    owner_leg_id: str | None = None  # the agent who made the conference
    recall_at: float | None = None
    recalls: int = 0
    limit_reached: bool = False
    answered_at: float | None = None
    answered_by: str | None = None  # user id
    ended_at: float | None = None
    missed: bool = False
    outcome: str | None = None
    user_data: dict[str, Any] = field(default_factory=dict)
    consult_data: dict[str, dict[str, Any]] = field(default_factory=dict)  # attached data of consults, by view index
    console_data: str | None = None
    newest_leg_id: str | None = None
    changed_by: str | None = None  # user id
    changed_at: float = 0.0
    log: tuple[LogEntry, ...] = ()

    def leg(self, leg_id: str) -> Leg:
        """Return the leg with this id. Raises KeyError: an id that is not the session's is a mistake of ours."""
        for leg in self.legs:
            if leg.id == leg_id:
                return leg
        raise KeyError(leg_id)

    def find(self, call_sid: str | None, label: str | None = None) -> Leg | None:
        """Return the leg with this CallSid or, before its CallSid is known, with this label. A label alone finds any leg."""
        for leg in self.legs:
            if call_sid and leg.call_sid == call_sid:
                return leg
        for leg in self.legs:
            if label and leg.id == label and not (call_sid and leg.call_sid):
                return leg
        return None

    @property
    def customer(self) -> Leg:
        """The customer's leg: every session has exactly one, its first."""
        return self.legs[0]

    @property
    def live(self) -> bool:
        """True until the customer is gone."""
        return self.ended_at is None

    @property
    def open(self) -> bool:
        """True until every leg is known to have ended: the provider may still have something of ours."""
        return self.live or any(leg.live for leg in self.legs)

    @property
    def conference_name(self) -> str:
        """The conference's friendly name: minted from the session's id, so it holds no telephone number."""
        return f"hookflash-{self.id}"

    @property
    def conference_sid(self) -> str | None:
        """The conference that carries the talk now."""
        return self.conferences[-1] if self.conferences and not self.conference_ended else None

    @property
    def hold_queue(self) -> str:
        """The queue in which the customer waits while parked."""
        return f"hold-{self.id}"

    def with_leg(self, leg_id: str, **changes: Any) -> "Session":
        """Return the session with one leg changed."""
        return changed(self, legs=tuple([changed(leg, **changes) if leg.id == leg_id else leg for leg in self.legs]))


@dataclass(frozen=True)
class Policy:
    """How long people wait, and what happens then. Times in seconds; the settings of the same name set them."""

    ring_seconds: int = 30
    hold_reminder_seconds: float = 60
    hold_limit_seconds: float = 600
    hold_limit_action: str = "retrieve"  # retrieve | end: what the limit does while an agent is still on the call
    recall_seconds: float = 5
    recall_attempts: int = 3
    offer_pause_seconds: float = 5
    wrap_up_seconds: float = 0
    most_legs: int = (
        1000  # of one session; not a setting: identities are derived from the leg's number, see app.core.ids
    )
