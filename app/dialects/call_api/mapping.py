"""A session as list.calls shows it.

Leg states are human text in this API, not machine codes; these are the English labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from app.core.ids import leg_number
from app.core.people import User
from app.core.phase import Phase, on_hold, phase_of, private_consult
from app.core.session import Leg, Party, Role, Session
from app.core.views import shown


class State(StrEnum):
    """The labels of leg states that can occur here."""

    DIAL = "Dial"
    TALKING = "Talking"
    NEXT_IN_LINE = "Next in line"
    OPERATORS_TALKING = "Operators talking"
    ON_HOLD = "On hold"


def call_of(session: Session, users: Mapping[str, User]) -> dict[str, Any]:
    """Return a live session with one entry per live leg. ``users`` by id: the account's own people."""
    return {
        "call_session_id": session.number,
        "direction": session.direction,
        "start_time": start_time(session.started_at),
        "virtual_phone_number": digits(session.line),
        "contact_phone_number": _number(session.customer.party),
        "external_id": None,
        "tags": [],
        "legs": [_leg(session, leg, users) for leg in session.legs if leg.live],
    }


def start_time(moment: float) -> str:
    """Return unix seconds as ``YYYY-MM-DDThh:mm:ss.mmm``, in UTC; the format has no zone."""
    return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def digits(address: str) -> str:
    """Return a number as this API writes it: E.164 without ``+``; a softphone by its name."""
    return address.removeprefix("client:").removeprefix("+")


def leg_with_number(session: Session, leg_id: int) -> Leg | None:
    """Return the session's live leg with this leg_id."""
    return next((leg for leg in session.legs if leg.live and leg_number(session.number, leg.n) == leg_id), None)


def leg_state(session: Session, leg: Leg) -> State:
    """Return a leg's label. The contact is on hold exactly when held or parked; so is, in this API, the employee who waits for it."""
    phase = phase_of(session)
    if leg.n == 0:
        return _contact_state(session, phase)
    if not leg.answered:
        return State.DIAL
    if phase is Phase.CONSULT_TALK and session.hold is not None and _in_consult(session, leg):
        return State.OPERATORS_TALKING
    if leg.held or (session.hold is not None and leg.role is not Role.SUPERVISOR):
        return State.ON_HOLD
    return State.TALKING


def _contact_state(session: Session, phase: Phase) -> State:
    if on_hold(session, session.customer):
        return State.ON_HOLD
    if phase is Phase.QUEUED:
        return State.NEXT_IN_LINE
    return State.DIAL if phase is Phase.RINGING else State.TALKING


def _in_consult(session: Session, leg: Leg) -> bool:
    return session.consult is not None and leg.id in (session.consult.leg_id, session.consult.by_leg_id)


def _leg(session: Session, leg: Leg, users: Mapping[str, User]) -> dict[str, Any]:
    contact = leg.n == 0
    user = None if contact or leg.party.user_id is None else users.get(leg.party.user_id)
    inbound = contact and leg.inbound
    return {
        "leg_id": leg_number(session.number, leg.n),
        "calling_phone_number": _number(leg.party) if inbound else digits(leg.caller),
        "called_phone_number": digits(session.line) if inbound else _number(leg.party),
        "is_operator": _has_talk_options(session, leg),
        "employee_id": None if user is None else user.employee_id,
        "employee_full_name": None if user is None else user.display_name,
        "record_call_enabled": False,
        "state": leg_state(session, leg).value,
    }


def _has_talk_options(session: Session, leg: Leg) -> bool:
    """The talk is steered by the employee on it, and by the third party only once it has been given the talk."""
    consulted = private_consult(session) and session.consult is not None and session.consult.leg_id == leg.id
    return leg.role in (Role.AGENT, Role.CONSULT) and not consulted


def _number(party: Party) -> str:
    return digits(shown(party))
