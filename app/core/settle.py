"""What follows from how a session stands: every rule about who ends with whom, who waits and who is rung.

The rules look at the state, never at the fact that led to it. So they hold whatever came first, are harmless when run again, and a
test of every phase and every leg leaving is a test of all of them. **Nobody is ever left in silence.**
"""

from app.core.draft import Draft
from app.core.intents import EndLeg, OpenUp
from app.core.phase import company, parked, private_consult, talking_agents
from app.core.session import Move, Place
from app.core.settle_consult import settle_consult
from app.core.settle_waiting import find_somebody, hold_deadlines, recall

_GREETING_SECONDS = 90  # longer than a text of the usual limit takes to speak


def settle(draft: Draft) -> None:
    """Apply every rule once, in an order in which an earlier rule may make a later one unnecessary."""
    if draft.session.live and not draft.session.customer.live:
        _end(draft)
    _forget_refusals(draft)
    _finish_endings(draft)
    _give_up_ringing(draft)
    if not draft.session.live:
        for leg in draft.session.legs:
            draft.order_end(leg)
        return
    _note_first_answer(draft)
    if draft.session.customer.move is Move.FAREWELL:
        return
    _note_return(draft)
    _greet(draft)
    settle_consult(draft)
    _open_up(draft)
    _bring_back_those_beside(draft)
    _play_waiting_digits(draft)
    find_somebody(draft)
    _bring_together(draft)
    hold_deadlines(draft)
    recall(draft)
    _nobody_left(draft)


def _end(draft: Draft) -> None:
    """The customer is gone: whatever else goes on, the session is over."""
    missed = draft.session.answered_at is None
    draft.set(
        ended_at=draft.now,
        missed=missed,
        hold=None,
        hold_order=None,
        consult=None,
        recall_at=None,
        retrieve_by=None,
    )
    draft.log("Ended")


def _forget_refusals(draft: Draft) -> None:
    """What the provider refused may be asked for again after a while."""
    for leg in draft.session.legs:
        if leg.retry_at is not None and draft.now >= leg.retry_at:
            draft.set_leg(leg.id, retry_at=None)


def _finish_endings(draft: Draft) -> None:
    """A leg whose end was ordered before the provider had confirmed it is ended now that it has a CallSid."""
    for leg in draft.session.legs:
        if leg.live and leg.ending and not leg.end_asked and leg.call_sid is not None:
            draft.set_leg(leg.id, end_asked=True)
            draft.intents.append(EndLeg(leg.id))


def _give_up_ringing(draft: Draft) -> None:
    """The provider tells when nobody answers; if that event was lost, our own clock ends the ringing. Also a farewell that hangs."""
    for leg in draft.session.legs:
        due = leg.live and leg.give_up_at is not None and draft.now >= leg.give_up_at
        if due and (not leg.answered or leg.move is Move.FAREWELL):
            draft.order_end(leg)


def _note_first_answer(draft: Draft) -> None:
    """The first agent who answers has answered the call."""
    session = draft.session
    first = next(iter(talking_agents(session)), None)
    if session.answered_at is None and first is not None:
        draft.set(answered_at=draft.now, answered_by=first.party.user_id, newest_leg_id=first.id)


def _greet(draft: Draft) -> None:
    """A message for whoever was dialled is said when they answer. When it is over the provider tells; if not, our own clock does."""
    for leg in draft.session.legs:
        if leg.greeting is None or not leg.answered:
            continue
        if leg.greeting_until is None:
            draft.set_leg(leg.id, greeting_until=draft.now + _GREETING_SECONDS)
            draft.announce(leg, what="greeting")
        elif draft.now >= leg.greeting_until:
            draft.set_leg(leg.id, greeting=None, greeting_until=None)


def _play_waiting_digits(draft: Draft) -> None:
    """Digits sent to somebody who still rang are heard once they have answered."""
    for leg in draft.session.legs:
        if leg.digits and leg.answered:
            draft.set_leg(leg.id, digits="", digits_by=None)
            draft.announce(leg, digits=leg.digits, by=leg.digits_by, view=leg.view)


def _note_return(draft: Draft) -> None:
    """A customer who was on hold and is in the conference without being held is back in the talk, if there is anybody to talk to.

    So ends the hold of one who was parked and fetched back, and of one whose conference was ended by somebody else and who came into the
    next. If whoever fetched them has gone meanwhile, they are parked again: an agent who never spoke to them is no reason to end.
    """
    session = draft.session
    customer = session.customer
    if session.hold is None or customer.place is not Place.CONFERENCE or customer.held or customer.move is not None:
        return
    there = [leg for leg in company(session) if leg.answered and not leg.ending]
    if there:
        draft.end_hold()
        if session.newest_leg_id is None or not session.leg(session.newest_leg_id).live:
            draft.set(newest_leg_id=there[-1].id)
    else:
        draft.order_move(customer, Move.PARK)


def _open_up(draft: Draft) -> None:
    """A customer whom only one agent hears, so that a third party did not while it rang, is heard by everybody once that is over.

    Not while they are held: the provider takes such a change of a held participant for done and forgets it.
    """
    session = draft.session
    customer = session.customer
    if customer.heard_by is None:
        return
    if customer.place is not Place.CONFERENCE:
        # Who comes back into the conference is heard like anybody.
        draft.set_leg(customer.id, heard_by=None, opening=False)
        return
    if customer.opening or customer.held or customer.ordered is not None or draft.must_wait(customer):
        return
    consult = session.consult
    if consult is not None and private_consult(session) and not consult.completing and not consult.joining:
        third = session.leg(consult.leg_id)
        if not third.held and not third.ending:
            return
    draft.set_leg(customer.id, opening=True)
    draft.intents.append(OpenUp(customer.id))


def _bring_back_those_beside(draft: Draft) -> None:
    """Agents who were held only so that a consult was private talk again when it is over."""
    if not private_consult(draft.session):
        for leg in draft.session.legs:
            if leg.beside:
                draft.order_hold(leg, False)


def _bring_together(draft: Draft) -> None:
    """A customer who waits in a queue is brought into the conference once an agent has answered there."""
    customer = draft.session.customer
    answered = any(leg.answered and not leg.ending for leg in company(draft.session))
    if customer.place is Place.QUEUE and customer.move is None and answered:
        draft.order_move(customer, Move.CONFERENCE)


def _nobody_left(draft: Draft) -> None:
    """The last agent has gone: a customer who waits is parked, with one who talks the conversation is over."""
    session = draft.session
    customer = session.customer
    if session.answered_at is None or session.hold_order is not None or customer.move is not None:
        return  # still being rung; or something is on its way, and its outcome settles this
    present = [leg for leg in company(session) if not leg.ending]
    talking = [leg for leg in present if leg.answered]
    if session.hold is not None:
        if not present and not parked(session):
            # Last agent gone while the customer is held: they wait in the queue, are recalled, are never stranded.
            draft.order_move(customer, Move.PARK)
    elif not talking:
        draft.order_end(customer)
        for leg in present:
            draft.order_end(leg)
    elif all(leg.held for leg in talking):
        # Those who set themselves aside, or were held by somebody else, come back: the customer is not to hear silence.
        by = session.consult.by_leg_id if session.consult is not None else None
        draft.order_hold(next((leg for leg in talking if leg.id == by), talking[0]), False)
