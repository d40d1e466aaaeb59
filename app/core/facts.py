"""What the provider did, learnt from a webhook or a REST reply; and the tick of our own clock.

A REST reply and the webhook that tells the same are the same fact, whichever comes first. ``seq`` is the provider's number of a
conference event (they count from 1 in each conference and arrive in any order); None = learnt from a REST reply.
"""

from dataclasses import dataclass

from app.core.intents import Intent
from app.core.session import Party


@dataclass(frozen=True)
class LegCreated:
    """The provider has taken a leg we asked for."""

    leg_id: str
    call_sid: str
    conference_sid: str | None = None


@dataclass(frozen=True)
class CallProgressed:
    """A call's progress: ``status`` is initiated, queued, ringing, in-progress, completed, busy, no-answer, failed or canceled."""

    call_sid: str
    status: str
    leg_id: str | None = None


@dataclass(frozen=True)
class LegJoined:
    """A leg entered the conference. With early media that may be before it is answered: it does not mean answered."""

    call_sid: str
    label: str | None
    conference_sid: str
    seq: int | None = None


@dataclass(frozen=True)
class LegLeft:
    """A leg left the conference. ``reason`` is the provider's ReasonParticipantLeft, ``call_status`` how its call stood then: of one
    that never got in, why."""

    call_sid: str
    label: str | None
    conference_sid: str
    reason: str
    seq: int | None = None
    call_status: str = ""


@dataclass(frozen=True)
class HoldChanged:
    """A leg was held or released."""

    call_sid: str
    held: bool
    label: str | None = None
    conference_sid: str | None = None
    seq: int | None = None


@dataclass(frozen=True)
class MuteChanged:
    """A leg was muted or unmuted."""

    call_sid: str
    muted: bool
    label: str | None = None
    conference_sid: str | None = None
    seq: int | None = None


@dataclass(frozen=True)
class ConferenceEnded:
    """The conference is over; its legs leave it."""

    conference_sid: str


@dataclass(frozen=True)
class LegQueued:
    """A leg waits in a queue (its wait document was asked for)."""

    call_sid: str
    queue_sid: str


@dataclass(frozen=True)
class LegDequeued:
    """A leg left its queue. ``result`` is the provider's QueueResult."""

    call_sid: str
    result: str


@dataclass(frozen=True)
class LegAstray:
    """A caller is out of the conference though nobody sent them anywhere; their call goes on. ``stay``: how often they had been put back
    into it before."""

    call_sid: str
    stay: int = 0


@dataclass(frozen=True)
class AnnouncementEnded:
    """What a leg alone was to hear is over, or could not be played."""

    call_sid: str
    label: str | None


@dataclass(frozen=True)
class IntentDone:
    """The provider carried an intent out, and there is no other fact that says so."""

    intent: Intent


@dataclass(frozen=True)
class IntentFailed:
    """The provider refused an intent for good. ``gone`` = the leg is not there any more."""

    intent: Intent
    gone: bool
    text: str


@dataclass(frozen=True)
class ParticipantSeen:
    """One line of the provider's participants list. ``status``: queued, connecting, ringing, connected, complete, failed."""

    call_sid: str
    label: str | None
    held: bool
    muted: bool
    status: str


@dataclass(frozen=True)
class ParticipantsRead:
    """The whole participants list of the session's conference, read while the session stood still."""

    conference_sid: str
    participants: tuple[ParticipantSeen, ...]


@dataclass(frozen=True)
class Tick:
    """Time has passed: a deadline of the session may be due. ``ready``: the agents of its ring queue who are ready now, longest ready
    first; None = not looked up."""

    ready: tuple[Party, ...] | None = None


Fact = (
    LegCreated
    | CallProgressed
    | LegJoined
    | LegLeft
    | HoldChanged
    | MuteChanged
    | ConferenceEnded
    | LegQueued
    | LegDequeued
    | LegAstray
    | AnnouncementEnded
    | IntentDone
    | IntentFailed
    | ParticipantsRead
    | Tick
)
