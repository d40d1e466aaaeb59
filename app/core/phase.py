"""Where a session stands, derived from its legs by one function that every dialect and rule uses; nobody stores a phase."""

from enum import StrEnum

from app.core.session import Leg, Move, Place, Purpose, Role, Session


class Phase(StrEnum):
    """Where a session stands."""

    QUEUED = "queued"  # in a ring queue, nobody has answered
    RINGING = "ringing"
    TALK = "talk"
    HOLD = "hold"
    CONSULT_DIALING = "consult dialing"
    CONSULT_TALK = "consult talk"
    CONFERENCE = "conference"
    PARKED = "parked"
    ENDED = "ended"


def company(session: Session) -> tuple[Leg, ...]:
    """Return the live legs beside the customer's that count: a supervisor who listens is nobody's company."""
    return tuple(leg for leg in session.legs[1:] if leg.live and leg.role is not Role.SUPERVISOR)


def talking_agents(session: Session) -> tuple[Leg, ...]:
    """Return the agents on the customer's call: answered, and not the third party of a consult."""
    return tuple(leg for leg in company(session) if leg.answered and leg.role is Role.AGENT)


def private_consult(session: Session) -> bool:
    """Return whether a consult lives for which somebody is held (a single-step join holds nobody)."""
    return session.consult is not None and session.consult.purpose is not Purpose.JOIN


def parked(session: Session) -> bool:
    """Return whether the customer waits in the hold queue, or is on the way there or back."""
    customer = session.customer
    return session.hold is not None and (
        customer.place is Place.QUEUE
        or customer.move is Move.PARK
        or (customer.move is Move.CONFERENCE and not customer.held)
    )


def phase_of(session: Session) -> Phase:
    """Return the session's phase (design: one state machine, three vocabularies)."""
    if not session.live:
        return Phase.ENDED
    if parked(session):
        return Phase.PARKED
    if session.answered_at is None:
        return Phase.QUEUED if session.route is not None and session.route.queue is not None else Phase.RINGING
    if session.consult is not None and private_consult(session):
        answered = session.leg(session.consult.leg_id).answered
        return Phase.CONSULT_TALK if answered else Phase.CONSULT_DIALING
    if session.hold is not None:
        return Phase.HOLD
    return Phase.CONFERENCE if len(talking_agents(session)) > 1 else Phase.TALK


def acting_leg(session: Session, user_id: str | None) -> Leg | None:
    """Return the live leg through which a user acts; for a program's key, that of the session's current employee (the newest agent).

    An agent on the customer's call comes before one who is only consulted, one of our people before somebody outside."""
    legs = [leg for leg in company(session) if user_id is None or leg.party.user_id == user_id]
    return max(legs, key=_may_act, default=None)


def _may_act(leg: Leg) -> tuple[bool, bool, bool, bool, int]:
    return not leg.ending, leg.role is Role.AGENT, leg.answered, leg.party.user_id is not None, leg.n


def on_hold(session: Session, leg: Leg) -> bool:
    """Return whether a leg waits: held, or parked."""
    return session.hold is not None if leg.n == 0 else leg.held
