"""Taking in that the customer came into a queue or left it. A repeated or late document request must move nobody."""

from dataclasses import replace

from app.core import facts as f
from app.core.draft import Draft
from app.core.progress import advance, find
from app.core.session import Hold, Leg, Move, Place, Status


def queued(draft: Draft, fact: f.LegQueued) -> None:
    """Take in that a leg waits in a queue."""
    leg = find(draft, fact.call_sid, None)
    if leg is None or not leg.live or not _expected(draft, leg):
        return
    parked = leg.move is Move.PARK
    # Outside the conference a leg is not held as a participant; the session's hold goes on.
    draft.set_leg(
        leg.id,
        place=Place.QUEUE,
        queue_sid=fact.queue_sid,
        held=False,
        ordered=None,
        echoes=(),
        move=None,
        retry_at=None,
    )
    if parked:
        parked_hold(draft)
        session = draft.session
        # Who was parked on purpose is recalled at the limit, who lost their agents soon.
        recall_at = session.recall_at if session.recall_at is not None else draft.now + draft.policy.recall_seconds
        draft.set(recall_at=recall_at, limit_reached=False)
        draft.log("Parked")


def _expected(draft: Draft, leg: Leg) -> bool:
    """Return whether the leg can just have come into a queue: the wait document is asked for in each round, and may be asked for late."""
    if leg.move is not None:
        return leg.move is Move.PARK
    first_wait = leg.place is Place.NOWHERE and leg.conference_sid is None and draft.session.route is not None
    return leg.place is Place.QUEUE or (first_wait and draft.session.hold is None)


def parked_hold(draft: Draft) -> None:
    """Note that the customer waits outside the conference: the hold that was ordered, or the one that goes on, is true."""
    session = draft.session
    order = session.hold_order
    if order is not None and session.hold is not None:
        draft.set(hold=replace(session.hold, message=order.message), hold_order=None)
    elif session.hold is None:
        draft.set(hold=draft.new_hold(order or Hold()), hold_order=None)


def dequeued(draft: Draft, fact: f.LegDequeued) -> None:
    """Take in that a leg left its queue. One that nobody here sent away is told of by what it does next, if the news is true at all."""
    leg = find(draft, fact.call_sid, None)
    if leg is None or not leg.live:
        return
    if fact.result == "hangup":
        advance(draft, leg.id, Status.ENDED, ended_by="completed")
    elif leg.place is Place.QUEUE and leg.move is not None:
        draft.set_leg(leg.id, place=Place.NOWHERE)
