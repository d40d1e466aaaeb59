"""A session as Evo Voice clients see it. Pure: core values and names in, contracts out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core.phase import acting_leg, company, on_hold, parked
from app.core.session import Leg, Role, Session, Status
from app.dialects.evo_voice import enums
from app.dialects.evo_voice.contracts import SessionInfo, SessionList, SessionLogInfo, SessionMemberInfo

SYSTEM = "system"


@dataclass(frozen=True)
class Names:
    """What the sessions themselves do not say: names by account id and user id, and lines' ids by number."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)


def moment(at: float | None) -> str | None:
    """Return a moment (unix seconds) as ISO 8601 in UTC with milliseconds."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def session_info(session: Session, names: Names) -> SessionInfo:
    """Return a session's contract. ``callSid`` is the customer's leg whoever else comes and goes."""
    incoming = session.direction == "in"
    customer = session.customer
    held = call_state(session) is enums.SessionCallState.HOLD
    newest = next((leg for leg in session.legs if leg.id == session.newest_leg_id), None)
    return SessionInfo(
        dial_state=dial_state(session),
        call_state=call_state(session),
        queue_state=queue_state(session),
        account_id=session.account_id,
        account_name=names.accounts.get(session.account_id),
        endpoint_id=names.lines.get(session.line),
        endpoint_name=session.line,
        date_completed=moment(session.ended_at),
        destination=None if incoming else customer.party.address,
        to_address=session.line if incoming else customer.party.address,
        from_address=customer.party.address if incoming else session.line,
        from_name=customer.party.name if incoming else None,
        answered_by_name=_name_of(session, session.answered_by, names),
        queue_member_id=_queue_member(session),
        ended=not session.live,
        outcome=session.outcome,
        call_sid=customer.call_sid,
        console_data=session.console_data,
        hold_queue_name=session.hold_queue if held else None,
        held_by_user_id=_holder(session) if held else None,
        hold_reason=hold_reason(session),
        conference_sid=_conference(session),
        display_name=customer.party.name,
        log=tuple(SessionLogInfo(date=moment(entry.at), message=entry.text) for entry in session.log),
        members=tuple(member(session, leg) for leg in session.legs if leg.live and leg.status is not Status.PLANNED),
        answered_by_id=session.answered_by,
        direction=enums.SessionDirections.INCOMING if incoming else enums.SessionDirections.OUTGOING,
        most_recent_participant_call_sid=newest.call_sid if newest is not None else None,
        was_missed=session.missed,
        ring_queue_id=session.route.queue_id if session.live and session.route is not None else None,
        id=session.id,
        date_created=moment(session.started_at),
        date_last_modified=moment(session.changed_at or session.started_at),
        created_by=SYSTEM,
        last_modified_by=_name_of(session, session.changed_by, names) or SYSTEM,
    )


def session_list(items: tuple[SessionInfo, ...], total: int, page: int, per_page: int, *, totals: bool) -> SessionList:
    """Return a page of a list. Without ``totals`` (simplified paging) the counts stay 0 and only ``hasMorePages`` tells."""
    return SessionList(
        items=items,
        total_count=total if totals else 0,
        total_pages=-(-total // per_page) if totals else 0,
        has_more_pages=(page + 1) * per_page < total,
    )


def call_state(session: Session) -> enums.SessionCallState:
    """Return how the customer's call stands: Hold exactly when the customer is held or parked, Connected when they talk."""
    if not session.live:
        return enums.SessionCallState.DISCONNECTED
    if on_hold(session, session.customer):
        return enums.SessionCallState.HOLD
    return enums.SessionCallState.CONNECTED if session.answered_at is not None else enums.SessionCallState.RINGING


def dial_state(session: Session) -> enums.SessionDialState:
    """Return Active while somebody is being rung for the session."""
    ringing = session.live and any(not leg.answered for leg in company(session))
    return enums.SessionDialState.ACTIVE if ringing else enums.SessionDialState.NONE


def queue_state(session: Session) -> enums.SessionQueueStates:
    """Return how the session stands in its queue: the ring queue it came over, or, while it is parked, the hold queue."""
    states = enums.SessionQueueStates
    if not session.live:
        return states.DISCONNECTED if session.route is not None and session.route.queue is not None else states.NONE
    if parked(session):
        return states.HOLD
    if session.route is None or session.route.queue is None:
        return states.NONE
    if on_hold(session, session.customer):
        return states.HOLD
    if session.answered_at is not None:
        return states.CONNECTED
    return states.RINGING if company(session) else states.QUEUED


def member(session: Session, leg: Leg) -> SessionMemberInfo:
    """Return one live leg as a member. A member is Hold exactly when its own leg is held or parked."""
    states = enums.SessionMemberCallState
    state = states.RINGING if not leg.answered else states.HOLD if on_hold(session, leg) else states.CONNECTED
    role = _role(session, leg)
    return SessionMemberInfo(
        identity=leg.party.address.removeprefix("client:"),
        endpoint_id=leg.party.user_id,
        display_name=leg.party.name,
        is_original_member=role is not enums.SessionMemberRoles.TRANSFER,
        call_state=state,
        role=role,
        call_sid=leg.call_sid,
        muted=leg.muted,
    )


def _role(session: Session, leg: Leg) -> enums.SessionMemberRoles:
    """Return what a member is: a third party is Transfer, in the consult and in the conference that came of it, for as long as the
    agent who brought it in is there too."""
    roles = enums.SessionMemberRoles
    if leg.n == 0:
        return roles.CALLER
    if leg.role is Role.SUPERVISOR:
        return roles.NONE
    if leg.role is Role.CONSULT:
        return roles.TRANSFER
    owner = next((other for other in session.legs if other.id == session.owner_leg_id and other.live), None)
    return roles.TRANSFER if owner is not None and leg.n > owner.n else roles.AGENT


def _conference(session: Session) -> str | None:
    """Return the conference of a session: from its first join, while a caller in a ring queue has none yet, to its end."""
    joined = session.answered_at is not None or any(leg.conference_sid is not None for leg in session.legs)
    return session.conferences[-1] if session.live and joined and session.conferences else None


def hold_reason(session: Session) -> enums.SessionHoldReasons:
    """Return why the customer waits; ``None`` when they do not."""
    return enums.SessionHoldReasons(session.hold.reason.value) if session.hold else enums.SessionHoldReasons.NONE


def _holder(session: Session) -> str | None:
    """Return who holds: the user who asked; for a program's key, which is nobody, the agent it acts as."""
    if session.hold is not None and session.hold.by is not None:
        return session.hold.by
    agent = acting_leg(session, None)
    return (agent.party.user_id if agent is not None else None) or session.answered_by


def _queue_member(session: Session) -> str | None:
    if session.route is None or session.route.queue is None:
        return None
    agent = acting_leg(session, None)
    return agent.party.user_id if agent is not None else None


def _name_of(session: Session, user_id: str | None, names: Names) -> str | None:
    if user_id is None:
        return None
    on_call = (leg.party.name for leg in session.legs if leg.party.user_id == user_id)
    return names.users.get(user_id) or next(on_call, None)
