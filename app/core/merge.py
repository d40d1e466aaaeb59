"""Taking a fact into a session: only what it says, idempotent and in any order. What follows from it is ``settle``'s business."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.core import facts as f
from app.core.draft import Draft
from app.core.intents import EndLeg
from app.core.merge_hold import hold_changed, mute_changed, set_held
from app.core.merge_intents import done, failed
from app.core.merge_queue import dequeued, queued
from app.core.progress import STATUS, advance, find, know_conference, newer
from app.core.session import Leg, Move, Place, Status


def merge(draft: Draft, fact: f.Fact) -> None:
    """Take one fact in. A fact about a leg that is not this session's changes nothing."""
    handler = _HANDLERS.get(type(fact))
    if handler is not None:
        handler(draft, fact)


def _created(draft: Draft, fact: f.LegCreated) -> None:
    leg = draft.session.leg(fact.leg_id)
    if leg.call_sid is None:
        draft.set_leg(leg.id, call_sid=fact.call_sid)
    elif leg.call_sid != fact.call_sid:
        _end_second_call(draft, leg.id, fact.call_sid)
        return
    advance(draft, leg.id, Status.DIALING)
    if fact.conference_sid is not None:
        know_conference(draft, fact.conference_sid)


def _end_second_call(draft: Draft, leg_id: str | None, call_sid: str) -> None:
    """A leg is one call. Another under its name was asked for by mistake, when nobody knew of the first: nobody is to answer it."""
    leg = draft.session.find(None, leg_id)
    if leg is not None and leg.n > 0 and leg.call_sid not in (None, call_sid):
        draft.intents.append(EndLeg(leg.id, call_sid))


def _progressed(draft: Draft, fact: f.CallProgressed) -> None:
    leg = find(draft, fact.call_sid, fact.leg_id)
    status = STATUS.get(fact.status)
    if leg is None and status in (Status.DIALING, Status.RINGING, Status.ANSWERED):
        _end_second_call(draft, fact.leg_id, fact.call_sid)
    if leg is None or status is None:
        return
    if leg.n == 0 and leg.inbound and status is not Status.ENDED:
        return  # a caller's call is answered by our own first document, whatever its resource still says
    advance(draft, leg.id, status, ended_by=fact.status)


def _joined(draft: Draft, fact: f.LegJoined) -> None:
    leg = find(draft, fact.call_sid, fact.label)
    if leg is None or (leg.place is Place.QUEUE and leg.move is not Move.CONFERENCE and fact.seq is not None):
        return  # a late join of before the leg came into the queue, in which nobody has called it from
    if not newer(draft, leg, fact.conference_sid, fact.seq, "place_seq"):
        return
    leg = draft.session.leg(leg.id)
    advance(draft, leg.id, Status.DIALING)
    if leg.live:
        move = None if leg.move is Move.CONFERENCE else leg.move
        draft.set_leg(leg.id, place=Place.CONFERENCE, move=move, queue_sid=None)


def _left(draft: Draft, fact: f.LegLeft) -> None:
    leg = find(draft, fact.call_sid, fact.label)
    if leg is None or not newer(draft, leg, fact.conference_sid, fact.seq, "place_seq"):
        return
    if fact.reason == "participant_hung_up" or not (leg.inbound or _was_sent_away(leg, fact)):
        # Nothing follows the conference in a leg that we dialled; who hung up is gone in any case.
        ended = STATUS.get(fact.call_status) is Status.ENDED
        advance(draft, leg.id, Status.ENDED, ended_by=fact.call_status if ended else "completed")
    elif leg.live:
        place = Place.NOWHERE if leg.place is Place.CONFERENCE else leg.place
        draft.set_leg(leg.id, held=False, ordered=None, echoes=(), place=place)
        if leg.n == 0 and leg.move is None and place is not Place.QUEUE:
            draft.set(hold_order=None)


def _was_sent_away(leg: Leg, fact: f.LegLeft) -> bool:
    """Return whether a dialled customer left because we sent her to another document: that call goes on there."""
    return (
        leg.n == 0
        and fact.reason == "participant_updated_via_api"
        and not leg.ending
        and (leg.move is not None or leg.place is Place.QUEUE)
    )


def _conference_ended(draft: Draft, fact: f.ConferenceEnded) -> None:
    if not know_conference(draft, fact.conference_sid):
        return
    draft.set(conference_ended=True)
    for leg in draft.session.legs:
        if (
            not leg.live
            or not leg.answered
            or leg.place is not Place.CONFERENCE
            or leg.conference_sid != fact.conference_sid
        ):
            continue  # a leg that has just been dialled may be on its way into the next conference of the name
        if leg.inbound or leg.move is not None:
            draft.set_leg(leg.id, place=Place.NOWHERE, held=False, ordered=None, echoes=())
        else:
            advance(draft, leg.id, Status.ENDED, ended_by="completed")


def _participants_read(draft: Draft, fact: f.ParticipantsRead) -> None:
    know_conference(draft, fact.conference_sid)
    seen: set[str] = set()
    for participant in fact.participants:
        leg = find(draft, participant.call_sid, participant.label)
        if leg is None:
            _end_second_call(draft, participant.label, participant.call_sid)
        if leg is None or not leg.live:
            continue
        seen.add(leg.id)
        _progressed(draft, f.CallProgressed(participant.call_sid, participant.status, leg.id))
        if participant.status == "connected":
            _joined(draft, f.LegJoined(participant.call_sid, participant.label, fact.conference_sid))
            set_held(draft, leg.id, participant.held)
            draft.set_leg(leg.id, muted=participant.muted)
    for leg in draft.session.legs:
        if (
            leg.id not in seen
            and leg.live
            and leg.answered
            and leg.place is Place.CONFERENCE
            and leg.conference_sid is not None
        ):
            if not leg.inbound and leg.move is None:
                advance(draft, leg.id, Status.ENDED, ended_by="completed")
            elif leg.move is None:
                draft.set_leg(leg.id, place=Place.NOWHERE, held=False, ordered=None, echoes=())


def _astray(draft: Draft, fact: f.LegAstray) -> None:
    leg = find(draft, fact.call_sid, None)
    # A repeated or late report is of a stay that is over, and moves nobody; who waits in a queue cannot have come out of the conference.
    if leg is not None and leg.live and leg.move is None and leg.place is not Place.QUEUE and fact.stay == leg.rejoins:
        draft.set_leg(leg.id, place=Place.NOWHERE, held=False, ordered=None, echoes=(), rejoins=leg.rejoins + 1)


def _announcement_ended(draft: Draft, fact: f.AnnouncementEnded) -> None:
    leg = find(draft, fact.call_sid, fact.label)
    if leg is not None and leg.greeting_until is not None:
        draft.set_leg(leg.id, greeting=None, greeting_until=None)


def _ticked(draft: Draft, fact: f.Tick) -> None:
    route = draft.session.route
    # Only between two rounds: within one, `next` counts along the list that it began with.
    if fact.ready is not None and route is not None and route.next == 0:
        draft.set(route=replace(route, candidates=fact.ready))


_HANDLERS: dict[type, Callable[[Draft, Any], None]] = {
    f.LegCreated: _created,
    f.CallProgressed: _progressed,
    f.LegJoined: _joined,
    f.LegLeft: _left,
    f.HoldChanged: hold_changed,
    f.MuteChanged: mute_changed,
    f.ConferenceEnded: _conference_ended,
    f.LegQueued: queued,
    f.LegDequeued: dequeued,
    f.LegAstray: _astray,
    f.AnnouncementEnded: _announcement_ended,
    f.IntentDone: done,
    f.IntentFailed: failed,
    f.ParticipantsRead: _participants_read,
    f.Tick: _ticked,
}
