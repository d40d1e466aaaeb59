"""Attached data: whose is what, while a consult lives and after.

Attached data belongs to the call, so every agent on it sees the same; a consult has data of its own and inherits none. What a single-step
transfer or conference brings along is seen by its target at once, and by the others when the target is one of them.
"""

from collections.abc import Callable
from typing import Any

from app.core.phase import private_consult
from app.core.session import Leg, Session

Data = dict[str, Any]


def in_consult(session: Session, index: int) -> bool:
    """Return whether a call identity is that of a living two-step consult."""
    consult = session.consult
    if consult is None or consult.single_step or not private_consult(session):
        return False
    return session.leg(consult.leg_id).view == index


def data_of(session: Session, index: int) -> Data:
    """Return the attached data of one call identity: a consult's own while it is one, the call's after."""
    return session.consult_data.get(str(index), {}) if in_consult(session, index) else session.user_data


def data_of_leg(session: Session, leg: Leg) -> Data:
    """Return the attached data that the agent of a leg sees."""
    consult = session.consult
    brought = consult.data if consult is not None and consult.leg_id == leg.id else {}
    return {**data_of(session, leg.view), **brought}


def with_data(session: Session, index: int, change: Callable[[Data], Data]) -> dict[str, Any]:
    """Return what of the session is to be replaced when the data of a call identity changes."""
    if in_consult(session, index):
        own = session.consult_data.get(str(index), {})
        return {"consult_data": {**session.consult_data, str(index): change(own)}}
    return {"user_data": change(session.user_data)}


def completed(session: Session, index: int) -> dict[str, Any]:
    """Return what of the session is to be replaced when a consult is completed: its data and the call's are one from then on.

    The call's wins where both have a key, since that is the call which goes on.
    """
    own = session.consult_data.get(str(index), {})
    return {
        "user_data": {**own, **session.user_data},
        "consult_data": {key: value for key, value in session.consult_data.items() if key != str(index)},
    }
