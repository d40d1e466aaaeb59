"""What each agent sees of a session: a call for each live leg of hers, and one for each consult she started.

A consult is a second view of the same session: the agent who started it and the party she consults see it under one identity of its
own, which the consulted agent keeps when the consult is completed.
"""

from dataclasses import dataclass, field
from typing import Any

from app.core import capabilities, ids
from app.core.phase import private_consult
from app.core.session import Consult, Leg, Party, Role, Session, Status
from app.core.userdata import data_of_leg


@dataclass(frozen=True)
class CallView:
    """A call as one agent sees it. ``state``: Ringing, Dialing, Established, Held, Released. Moments are unix seconds."""

    user_id: str
    session_id: str
    index: int
    call_uuid: str
    conn_id: str
    state: str
    call_type: str  # Internal | Inbound | Outbound | Consult
    parties: tuple[Party, ...]  # the others
    dnis: str  # extension or E.164
    ani: str | None
    capabilities: tuple[str, ...]
    since: float
    muted: bool = False
    parent: int | None = None  # index of the call this is a consult of
    user_data: dict[str, Any] = field(default_factory=dict)
    ended_at: float | None = None


def views_of(session: Session) -> dict[tuple[str, int], CallView]:
    """Return every live call view of a session, by (user id, index)."""
    views: dict[tuple[str, int], CallView] = {}
    if not session.live:
        return views
    for leg in session.legs:
        if leg.party.user_id is None or not leg.live or leg.status is Status.PLANNED or leg.role is Role.SUPERVISOR:
            continue
        view = _own_view(session, leg)
        views[view.user_id, view.index] = view
        consult = session.consult
        if consult is not None and consult.by_leg_id == leg.id and _shows_consult(session, consult):
            view = _consult_view(session, leg, consult)
            views[view.user_id, view.index] = view
    return views


def _shows_consult(session: Session, consult: Consult) -> bool:
    third = session.leg(consult.leg_id)
    return private_consult(session) and not consult.single_step and third.live and third.status is not Status.PLANNED


def shown(party: Party) -> str:
    """Return how a party's number reads in a call: the extension of our own people, else the address."""
    return party.dn or party.address


def _own_view(session: Session, leg: Leg) -> CallView:
    state = _own_state(session, leg)
    consulted = _consulted_by(session, leg)
    call_type = _call_type(session, leg)
    internal = session.customer.party.user_id is not None
    return CallView(
        user_id=leg.party.user_id or "",
        session_id=session.id,
        index=leg.view,
        call_uuid=ids.call_uuid(session.number, leg.view),
        conn_id=ids.conn_id(session.number, leg.view),
        state=state,
        call_type=call_type,
        parties=_others(session, leg) if consulted is None else (consulted.party,),
        dnis=shown(leg.party) if leg.via_consult or (internal and leg.n != 0) else session.line,
        ani=session.customer.party.address if call_type == "Inbound" else None,
        capabilities=(
            capabilities.of_original(session, leg, state) if consulted is None else capabilities.of_third_party(state)
        ),
        since=leg.created_at,
        muted=leg.muted,
        user_data=data_of_leg(session, leg),
    )


def _call_type(session: Session, leg: Leg) -> str:
    if leg.via_consult:
        return "Consult"
    if session.customer.party.user_id is not None:
        return "Internal"
    return "Inbound" if session.direction == "in" else "Outbound"


def _consulted_by(session: Session, leg: Leg) -> Leg | None:
    """Return the leg of the agent who consults this one, or None when it is the customer whom this one talks to, or is to.

    Who is consulted sees who consults her; as soon as that agent has given the call away and is gone, the customer. The target of a single
    step has nobody else to see.
    """
    consult = session.consult
    if consult is None or consult.leg_id != leg.id or not private_consult(session) or consult.single_step:
        return None
    by = session.leg(consult.by_leg_id)
    return None if consult.completing and not by.live else by


def _others(session: Session, leg: Leg) -> tuple[Party, ...]:
    """Return who else is on the call with the customer; to the target of a single step, not the one who goes as she comes."""
    consult = session.consult
    giver = consult.by_leg_id if consult is not None and consult.single_step and consult.leg_id == leg.id else None
    parties = tuple(
        other.party
        for other in session.legs
        if other.id not in (leg.id, giver)
        and other.live
        and (other.n == 0 or (other.answered and other.role is Role.AGENT))
    )
    if leg.n == 0 and not parties:
        # Who is being called has not answered yet; later: who was there last has gone, and the call goes after them.
        gone = [other for other in session.legs[1:] if other.ended_at is not None and other.role is Role.AGENT]
        last = sorted((other for other in gone if other.answered_at is not None), key=lambda other: other.ended_at or 0)
        return tuple(other.party for other in last[-1:] or session.legs[1:2])
    return parties


def _own_state(session: Session, leg: Leg) -> str:
    """Return an agent's own state: she is told of a hold of the customer she talks to, never of one of herself by another."""
    consult = session.consult
    if leg.n == 0:
        return "Established" if session.answered_at is not None else "Dialing"
    if not leg.answered:
        return "Ringing"
    if consult is not None and consult.by_leg_id == leg.id and (consult.single_step or consult.completing):
        # The others are held and released a moment before the agent's leg ends; she is not to see a talk that is no longer hers.
        return "Established" if consult.talked else "Held"
    if (leg.aside or leg.beside) and leg.held:
        return "Held"
    if leg.role is Role.CONSULT and private_consult(session):
        return "Established"
    return "Held" if session.hold is not None else "Established"


def _consult_view(session: Session, leg: Leg, consult: Consult) -> CallView:
    third = session.leg(consult.leg_id)
    held = consult.talked if consult.completing else third.held
    state = "Dialing" if not third.answered else "Held" if held else "Established"
    return CallView(
        user_id=leg.party.user_id or "",
        session_id=session.id,
        index=third.view,
        call_uuid=ids.call_uuid(session.number, third.view),
        conn_id=ids.conn_id(session.number, third.view),
        state=state,
        call_type="Consult",
        parties=(third.party,),
        dnis=shown(third.party),
        ani=None,
        capabilities=capabilities.of_consult(third, state),
        since=third.created_at,
        muted=leg.muted,
        parent=leg.view,
        user_data=session.consult_data.get(str(third.view), {}),
    )
