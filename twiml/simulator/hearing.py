"""What each leg hears: a pure function of the state of the world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .identifiers import iso

if TYPE_CHECKING:
    from .calls import Call
    from .conferences import Conference
    from .participants import Participant


@dataclass(frozen=True)
class Hearing:
    """``kind`` says where the leg is, ``heard_from`` whom it hears right now, ``now`` what is played or said to it.

    ``kind`` is ``conference`` exactly when ``heard_from`` is not empty; ``since`` is simulated time, Unix seconds.
    """

    kind: str
    heard_from: tuple[str, ...]
    now: str | None
    since: float

    def same_as(self, other: Hearing) -> bool:
        return (self.kind, self.heard_from, self.now) == (other.kind, other.heard_from, other.now)

    def describe(self) -> dict[str, Any]:
        return {"kind": self.kind, "with": list(self.heard_from), "now": self.now, "since": iso(self.since)}


def hearing_of(call: Call) -> Hearing:
    """What ``call`` hears at this moment."""
    kind, heard_from, now = _sources(call)
    return Hearing(kind, tuple(heard_from), now, call.platform.clock.now())


def _sources(call: Call) -> tuple[str, list[str], str | None]:
    if not call.live or (call.direction != "inbound" and call.answered_at is None):
        return "nothing", [], None
    if call.participant is not None:
        return _in_room(call.participant)
    if call.bridge is not None:
        return "conference", [call.bridge.other(call).sid], None
    if call.member is not None:
        if call.member.whispered:
            return "message", [], call.sound
        return "queue", [], call.member.track.now
    if call.ringing is not None:
        return ("wait" if call.ringing.for_queue else "ringback"), [], None
    if call.sound is not None:
        return "message", [], call.sound
    return ("ringback" if call.answered_at is None else "silence"), [], None


def _in_room(participant: Participant) -> tuple[str, list[str], str | None]:
    room = participant.conference
    announced = participant.announced()
    if participant.hold:
        track = participant.hold_track
        return "hold", [], announced or (track.now if track is not None else None)
    if room.status == "init":
        waiting = participant.wait_track
        kind = "ringback" if _partner_rings(room, participant) else "wait"
        return kind, [], announced or (waiting.now if waiting is not None else None)
    heard = hears(participant)
    if heard:
        return "conference", heard, announced
    if _partner_rings(room, participant):
        return "ringback", [], announced
    if participant.wait_track is not None:
        return "wait", [], announced or participant.wait_track.now
    return ("message" if announced else "silence"), [], announced


def hears(participant: Participant) -> list[str]:
    """The Call SIDs of those whom a participant hears: who speaks to it, is not muted and not on hold."""
    room = participant.conference
    if participant.hold or room.status != "in-progress":
        return []
    return [other.call.sid for other in _others(room, participant) if _speaks_to(other, participant)]


def _others(room: Conference, participant: Participant) -> Iterable[Participant]:
    return (other for other in room.participants.values() if other is not participant)


def _speaks_to(speaker: Participant, listener: Participant) -> bool:
    if speaker.hold or speaker.muted:
        return False
    # A coach is heard by the coached party alone.
    return not speaker.coaching or speaker.call_sid_to_coach == listener.call.sid


def _partner_rings(room: Conference, participant: Participant) -> bool:
    """Early media: somebody is being rung into the room and nobody else in it can be heard.

    One who is alone because the others are held hears the ringing of the third party.
    """
    return any(invited.early_media and invited.call.status == "ringing" for invited in room.invited.values())
