"""What every fact about a leg has in common: how far its call has come, which conference it is in, whether an event is news.

Order rules, since webhooks are unordered, late, repeated or lost:
* a call's status only moves forward, and an ended leg stays ended;
* conference events are compared by the provider's sequence number, per leg and kind; an event of an older conference is ignored.
"""

from typing import Any

from app.core.draft import Draft
from app.core.session import Leg, Place, Role, Status

STATUS = {
    "queued": Status.DIALING,
    "initiated": Status.DIALING,
    "connecting": Status.DIALING,
    "ringing": Status.RINGING,
    "in-progress": Status.ANSWERED,
    "connected": Status.ANSWERED,
    "completed": Status.ENDED,
    "complete": Status.ENDED,
    "busy": Status.ENDED,
    "no-answer": Status.ENDED,
    "failed": Status.ENDED,
    "canceled": Status.ENDED,
}
_RANK = {status: rank for rank, status in enumerate(Status)}


def find(draft: Draft, call_sid: str, label: str | None) -> Leg | None:
    """Return the leg a fact is about, or None when it is not this session's. Notes its CallSid if that was not known yet."""
    leg = draft.session.find(call_sid, label)
    if leg is not None and leg.call_sid is None:
        # The event came before the reply to our own request.
        draft.set_leg(leg.id, call_sid=call_sid)
        leg = draft.session.leg(leg.id)
    return leg


def advance(draft: Draft, leg_id: str, status: Status, ended_by: str | None = None) -> None:
    """Move a leg's status forward; never back."""
    leg = draft.session.leg(leg_id)
    if _RANK[status] <= _RANK[leg.status]:
        return
    changes: dict[str, Any] = {"status": status}
    if status is Status.ANSWERED:
        # A dialled leg is in the conference from its answer on: that is all its call does.
        changes |= {"answered_at": draft.now, "give_up_at": None, "place": Place.CONFERENCE}
    if status is Status.ENDED:
        changes |= {"ended_at": draft.now, "ended_by": ended_by, "give_up_at": None, "retry_at": None}
        changes |= {"place": Place.NOWHERE, "move": None, "held": False, "ordered": None, "aside": False, "echoes": ()}
    draft.set_leg(leg_id, **changes)
    _log_progress(draft, leg, status, ended_by)


def _log_progress(draft: Draft, leg: Leg, status: Status, ended_by: str | None) -> None:
    if leg.n == 0 or leg.role is Role.SUPERVISOR or not draft.session.live or not draft.session.customer.live:
        return  # the customer's own end is the session's; who listens in is nobody's business
    if status is Status.ANSWERED:
        draft.log(f"Answered by {leg.party.name}")
    elif status is Status.ENDED:
        draft.log(
            f"{leg.party.name} left" if leg.answered_at is not None else f"{leg.party.name} did not answer ({ended_by})"
        )


def newer(draft: Draft, leg: Leg, conference_sid: str, seq: int | None, kind: str) -> bool:
    """Return whether an event is news for the leg, and note its number if so. ``kind``: place_seq, hold_seq or mute_seq."""
    if not know_conference(draft, conference_sid):
        return False
    if leg.conference_sid != conference_sid:
        # Before its first event a leg may have been held already, by a REST reply: that echo is of this conference.
        echoes = leg.echoes if leg.conference_sid is None else ()
        draft.set_leg(
            leg.id, conference_sid=conference_sid, place_seq=0, hold_seq=0, mute_seq=0, echoes=echoes, hold_events=()
        )
    current = draft.session.leg(leg.id)
    if seq is None:
        return True
    if seq <= getattr(current, kind):
        return False
    draft.set_leg(leg.id, **{kind: seq})
    return True


def know_conference(draft: Draft, conference_sid: str) -> bool:
    """Return whether the conference is the session's newest. At most one of a name is active: one we have not seen is the newest."""
    known = draft.session.conferences
    if conference_sid in known:
        return known[-1] == conference_sid
    draft.set(conferences=(*known, conference_sid), conference_ended=False)
    return True
