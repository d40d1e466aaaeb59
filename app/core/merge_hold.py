"""Taking in that a leg was held, released, muted or unmuted.

A hold that a REST reply told us of comes again as an event: that echo changes nothing, even when it arrives after the next order.
"""

from app.core import facts as f
from app.core.draft import Draft
from app.core.progress import find, newer
from app.core.session import Leg, Move, Place

# An echo that has not come by now was lost; a hold that comes later is somebody else's and true.
_ECHO_SECONDS = 30.0
# How many events may lie between one and its repetition.
_REMEMBERED = 32


def hold_changed(draft: Draft, fact: f.HoldChanged) -> None:
    """Take in a hold or release, from a REST reply (no ``seq``) or from an event."""
    leg = find(draft, fact.call_sid, fact.label)
    if leg is None or not leg.live or _elsewhere(leg, fact):
        return
    is_news = fact.conference_sid is None or newer(draft, leg, fact.conference_sid, fact.seq, "hold_seq")
    if _repeated(draft, draft.session.leg(leg.id), fact):
        return
    if not is_news:
        # Overtaken by a later event, it has nothing more to say; nor is it to be waited for.
        _take_echo(draft, draft.session.leg(leg.id), fact.held)
        return
    leg = draft.session.leg(leg.id)
    if fact.seq is None:
        if leg.held is not fact.held:
            draft.set_leg(leg.id, echoes=(*leg.echoes, (fact.held, draft.now)))
    elif _take_echo(draft, leg, fact.held):
        return
    if leg.place is Place.NOWHERE and leg.move is None:
        # Only somebody in the conference can be held: the join's event is late or lost.
        draft.set_leg(leg.id, place=Place.CONFERENCE)
    set_held(draft, leg.id, fact.held)


def _repeated(draft: Draft, leg: Leg, fact: f.HoldChanged) -> bool:
    """Return whether an event has been taken in before, and remember it if not: a repetition must not pass for the next one's echo."""
    if fact.seq is None or fact.conference_sid != leg.conference_sid:
        return False
    if fact.seq in leg.hold_events:
        return True
    draft.set_leg(leg.id, hold_events=(*leg.hold_events[1 - _REMEMBERED :], fact.seq))
    return False


def _elsewhere(leg: Leg, fact: f.HoldChanged) -> bool:
    """Return whether the news is from before the leg went where it is now: a parked customer is not held as a participant."""
    if leg.place is Place.QUEUE or (leg.place is Place.NOWHERE and leg.move is not None):
        return True
    return fact.seq is not None and fact.conference_sid == leg.conference_sid and fact.seq < leg.place_seq


def _take_echo(draft: Draft, leg: Leg, held: bool) -> bool:
    """Return whether an event is the echo of a REST reply, and cross it off."""
    fresh = tuple(echo for echo in leg.echoes if draft.now - echo[1] < _ECHO_SECONDS)
    index = next((i for i, echo in enumerate(fresh) if echo[0] is held), None)
    if index is None:
        return False
    draft.set_leg(leg.id, echoes=(*fresh[:index], *fresh[index + 1 :]))
    return True


def set_held(draft: Draft, leg_id: str, held: bool) -> None:
    """Note that a leg is held or is not, with what that means for the session's hold."""
    leg = draft.session.leg(leg_id)
    ordered = None if leg.ordered is held else leg.ordered
    if leg.held is held:
        draft.set_leg(leg_id, ordered=ordered)
        return
    draft.set_leg(leg_id, held=held, ordered=ordered, aside=leg.aside and held, beside=leg.beside and held)
    if leg.n != 0:
        draft.log(f"{leg.party.name} {'held' if held else 'retrieved'}")
    elif held:
        draft.begin_hold()
    elif leg.move is not Move.PARK:
        draft.end_hold()


def mute_changed(draft: Draft, fact: f.MuteChanged) -> None:
    """Take in that a leg was muted or unmuted."""
    leg = find(draft, fact.call_sid, fact.label)
    if leg is None or not leg.live:
        return
    if fact.conference_sid is not None and not newer(draft, leg, fact.conference_sid, fact.seq, "mute_seq"):
        return
    draft.set_leg(leg.id, muted=fact.muted)
