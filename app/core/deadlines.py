"""When a session has to be looked at again though nothing happens: the earliest of its deadlines is a column of its row."""

from app.core.phase import company
from app.core.session import Leg, Move, Session
from app.core.settle_waiting import limit_applies, recall_applies


def next_deadline(session: Session) -> float | None:
    """Return the earliest moment (unix seconds) at which a rule may become due, or None.

    A deadline that no rule would act on now is left out: once taken in, a tick leaves none in the past, so that nobody ticks in vain.
    """
    moments = [moment for leg in session.legs if leg.live for moment in _of_leg(leg)]
    customer = session.customer
    if session.live and customer.move is not Move.FAREWELL:
        hold = session.hold
        if hold is not None and session.consult is None:
            moments.append(hold.remind_at)
            if limit_applies(session):
                moments.append(_after(hold.limit_at, customer))
        if recall_applies(session):
            moments.append(_after(session.recall_at, customer))
        if session.route is not None and session.answered_at is None and not company(session):
            moments.append(session.route.offer_at)
    return min((moment for moment in moments if moment is not None), default=None)


def _of_leg(leg: Leg) -> list[float | None]:
    rings = leg.give_up_at is not None and not leg.ending and (not leg.answered or leg.move is Move.FAREWELL)
    return [leg.retry_at, leg.greeting_until, _after(leg.give_up_at, leg) if rings else None]


def _after(moment: float | None, leg: Leg) -> float | None:
    """Return the moment, or when what was refused for the leg may be asked for again, whichever is later."""
    return moment if moment is None or leg.retry_at is None else max(moment, leg.retry_at)
