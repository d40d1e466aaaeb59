"""The rules for customers who wait: who is rung for them, when they are reminded of, given back, recalled or let go."""

from dataclasses import replace

from app.core.draft import Draft
from app.core.phase import company, parked
from app.core.session import Leg, Move, Party, Place, Role, Session


def find_somebody(draft: Draft) -> None:
    """Nobody has answered yet: ring the next one, or tell the caller and let go."""
    session = draft.session
    route = session.route
    if session.answered_at is not None or route is None or company(session):
        return
    if draft.full or (route.queue is None and route.next >= len(route.candidates)):
        draft.log("Nobody answered: the call is ended with a message")
        draft.order_move(session.customer, Move.FAREWELL)
        return
    if route.offer_at is not None and draft.now < route.offer_at:
        return
    if route.next >= len(route.candidates):
        # Everybody of the ring queue has been tried: a pause, then once more from the start. The caller goes on waiting.
        draft.set(route=replace(route, next=0, offer_at=draft.now + draft.policy.offer_pause_seconds))
        return
    party = route.candidates[route.next]
    draft.set(route=replace(route, next=route.next + 1, offer_at=None))
    draft.dial(draft.plan_leg(Role.AGENT, party, session.line))
    draft.log(f"Ringing {party.name}")


def hold_deadlines(draft: Draft) -> None:
    """Remind of a customer on hold, and end the hold at its limit."""
    session = draft.session
    hold = session.hold
    if hold is None or session.consult is not None:
        return  # a consult has an agent's whole attention: no reminder, and no customer let loose into a private talk
    agents = agents_present(session)
    if hold.remind_at is not None and draft.now >= hold.remind_at:
        hold = replace(hold, remind_at=None)
        draft.set(hold=hold)
        draft.log("Reminder: the caller is still on hold")
        for leg in agents:
            draft.announce(leg, what="hold-reminder")
    if (
        hold.limit_at is None
        or draft.now < hold.limit_at
        or not limit_applies(session)
        or draft.must_wait(session.customer)
    ):
        return
    draft.set(hold=replace(hold, limit_at=None), limit_reached=True)
    if not agents:
        draft.set(recall_at=draft.now)
        draft.log("Hold limit reached: an agent is recalled")
    elif draft.policy.hold_limit_action == "retrieve":
        draft.log("Hold limit reached: the caller is given back")
        draft.order_hold(session.customer, False)
    else:
        draft.log("Hold limit reached: the call is ended with a message")
        draft.order_move(session.customer, Move.FAREWELL)


def limit_applies(session: Session) -> bool:
    """Return whether the limit of a hold means anything now: not while the hold is being ended, nor while somebody is rung or leaving."""
    being_ended = session.customer.ordered is False or session.customer.move is Move.CONFERENCE
    return not being_ended and (bool(agents_present(session)) or not company(session))


def recall_applies(session: Session) -> bool:
    """Return whether the customer waits in the hold queue and nobody is being rung or brought."""
    customer = session.customer
    return parked(session) and customer.place is Place.QUEUE and customer.move is None and not company(session)


def recall(draft: Draft) -> None:
    """A parked customer whose agents are gone: ring who held them, again after a pause, and in the end tell and release."""
    session = draft.session
    if not recall_applies(session):
        return
    if session.recall_at is None:
        draft.set(recall_at=draft.now + draft.policy.recall_seconds)
        return
    if draft.now < session.recall_at or draft.must_wait(session.customer):
        return
    party = recall_party(session)
    draft.set(recall_at=None)
    if party is None or session.recalls >= draft.policy.recall_attempts or draft.full:
        draft.log("Nobody could be recalled: the call is ended with a message")
        draft.order_move(session.customer, Move.FAREWELL)
        return
    draft.set(recalls=session.recalls + 1)
    draft.dial(draft.plan_leg(Role.AGENT, party, session.line))
    draft.log(f"Recalling {party.name}")


def recall_party(session: Session) -> Party | None:
    """Return whom to recall: who placed the hold, else the last agent who talked.

    An outside phone to which the caller was transferred is asked only if nobody of ours ever talked.
    """
    talked = [leg for leg in session.legs[1:] if leg.answered_at is not None and leg.role is Role.AGENT]
    agents = [leg for leg in talked if leg.party.user_id is not None] or talked
    holder = [leg for leg in agents if session.hold is not None and leg.party.user_id == session.hold.by]
    return next((leg.party for leg in reversed(holder or agents)), None)


def agents_present(session: Session) -> list[Leg]:
    """Return those on the call beside the customer, answered and not on their way out."""
    return [leg for leg in company(session) if leg.answered and not leg.ending]
