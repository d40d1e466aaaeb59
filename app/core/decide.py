"""(session, command, now) -> what a command needs from the provider.

A command never changes what is true of a call: it notes in the session what has been ordered (invisible outside) and yields intents.
What then happens comes back as facts. Data that is ours alone (attached data, disposition, log) is the exception: there is no provider
to wait for, so it changes here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.core import commands as c
from app.core import decide_consult as consult
from app.core.draft import Draft
from app.core.errors import LegNotFound, SessionEnded, WrongState
from app.core.intents import Intent, RemoveLeg, SetMute
from app.core.notices import Notice, between, remember
from app.core.phase import Phase, acting_leg, company, parked, phase_of, private_consult, talking_agents
from app.core.session import Hold, HoldReason, Leg, Move, Policy, Role, Session
from app.core.settle_waiting import recall_party
from app.core.userdata import in_consult, with_data
from app.core.views import views_of

_AFTER_THE_END = (c.SetUserData, c.SetDisposition, c.SetConsoleData, c.AddLog)


@dataclass(frozen=True)
class Decision:
    """The session with what has been ordered, the provider requests in order, and what agents are to be told at once."""

    session: Session
    intents: tuple[Intent, ...]
    notices: tuple[Notice, ...]


def decide(session: Session, command: c.Command, now: float, policy: Policy = Policy()) -> Decision:  # noqa: B008 - frozen
    """Decide a command. Raises WrongState (nothing was changed), SessionEnded or LegNotFound."""
    if not session.live and not isinstance(command, _AFTER_THE_END):
        raise SessionEnded
    draft = Draft(session, now, policy)
    _HANDLERS[type(command)](draft, command)
    if draft.session is not session or draft.intents:
        draft.set(changed_at=now, changed_by=command.by or draft.session.changed_by)
    notices = between(session, draft.session, now)
    return Decision(remember(draft.session, notices), tuple(draft.intents), notices)


def _hold(draft: Draft, command: c.Hold) -> None:
    session = draft.session
    phase = phase_of(session)
    if phase not in (Phase.TALK, Phase.CONFERENCE) or session.hold_order is not None:
        raise WrongState("Only a conversation can be held")
    leg = draft.agent(command.by)
    if command.aside and phase is Phase.CONFERENCE:
        if leg.held:
            raise WrongState("On hold already")
        if any(other.id != leg.id and _talks(other) for other in talking_agents(session)):
            draft.set_leg(leg.id, aside=True)
            draft.order_hold(leg, True)
            return
        # The others have set themselves aside: two talk, and who goes would leave the customer to silence.
    draft.order_customer_hold(Hold(command.reason, command.by or leg.party.user_id, command.message))


def _talks(leg: Leg) -> bool:
    return not leg.held and leg.ordered is not True and not leg.ending


def _retrieve(draft: Draft, command: c.Retrieve) -> None:
    session = draft.session
    mine = acting_leg(session, command.by)
    if mine is not None and mine.aside and mine.held:
        draft.order_hold(mine, False)
        if session.hold is None or private_consult(session) or parked(session) or session.customer.ordered is False:
            return
        # Another agent has held the customer meanwhile: she comes back to the talk, not to another hold.
    if session.hold is None or private_consult(session):
        raise WrongState("Nobody is on hold")
    if parked(session):
        own = next(
            (leg.party for leg in reversed(session.legs[1:]) if leg.party.user_id == command.by is not None), None
        )
        party = own or recall_party(session)
        if party is None:
            raise WrongState("No agent to bring the caller back to")
        _pick_up(draft, c.PickUp(party, session.line, command.by))
        return
    if session.retrieve_by is not None or session.customer.ordered is False:
        raise WrongState("The hold is being ended already")
    leg = draft.agent(command.by)
    draft.set(retrieve_by=command.by or leg.party.user_id)
    draft.order_hold(session.customer, False)


def _leave(draft: Draft, command: c.Leave) -> None:
    session = draft.session
    leg = acting_leg(session, command.by)
    if leg is None and session.customer.party.user_id != command.by:
        raise LegNotFound
    if leg is not None and leg.ending:
        return  # she is going already, and whom she has given the customer to keeps them
    others = [other for other in talking_agents(session) if leg is not None and other.id != leg.id and not other.ending]
    # Who only rings, or is only consulted, takes nobody along.
    if leg is not None and (not leg.answered or leg.role is Role.CONSULT or others):
        draft.order_end(leg)
        return
    _end(draft, c.EndSession(command.by))


def _end(draft: Draft, command: c.EndSession) -> None:
    for leg in draft.session.legs:
        draft.order_end(leg)


def _remove(draft: Draft, command: c.RemoveParty) -> None:
    leg = _live_leg(draft, command.leg_id)
    if leg.n == 0:
        _end(draft, c.EndSession(command.by))
        return
    if not leg.answered:
        draft.order_end(leg)
    elif not leg.ending:
        draft.set_leg(leg.id, ending=True, end_asked=True)
        draft.intents.append(RemoveLeg(leg.id))


def _mute(draft: Draft, command: c.Mute) -> None:
    leg = _live_leg(draft, command.leg_id)
    if not leg.answered:
        raise WrongState("Only a leg that talks can be muted")
    if leg.muted is not command.muted:
        draft.intents.append(SetMute(leg.id, command.muted))


def _digits(draft: Draft, command: c.SendDigits) -> None:
    session = draft.session
    if phase_of(session) in (Phase.RINGING, Phase.QUEUED, Phase.PARKED):
        raise WrongState("Nobody hears the digits")
    leg = acting_leg(session, command.by)
    by = command.by or (leg.party.user_id if leg is not None else None)
    heard_by = _far_side(session, leg, command.view)
    if heard_by.answered:
        draft.announce(heard_by, digits=command.digits, by=by, view=command.view)
    else:
        draft.set_leg(heard_by.id, digits=heard_by.digits + command.digits, digits_by=by)


def _far_side(session: Session, leg: Leg | None, view: int) -> Leg:
    """Return who is at the other end of a call: the customer; on a living consult the third party and who consults it are each other's."""
    consult = session.consult
    if consult is None or leg is None or not in_consult(session, view):
        return session.customer
    ends = {consult.by_leg_id: consult.leg_id, consult.leg_id: consult.by_leg_id}
    return session.leg(ends[leg.id]) if leg.id in ends else session.customer


def _park(draft: Draft, command: c.Park) -> None:
    session = draft.session
    if phase_of(session) in (Phase.RINGING, Phase.QUEUED, Phase.PARKED):
        raise WrongState("Only a conversation can be parked")
    by = acting_leg(session, command.by) or acting_leg(session, None)
    hold = session.hold or session.hold_order or Hold(HoldReason.NONE, command.by or (by.party.user_id if by else None))
    # Parked on purpose: somebody is to pick the caller up, so nobody is recalled before the limit.
    draft.set(
        hold_order=replace(hold, message=command.message or hold.message),
        recall_at=draft.now + draft.policy.hold_limit_seconds,
    )
    if session.consult is not None:
        # That the third party does not come is what is wanted now, not a transfer that failed.
        draft.set(consult=replace(session.consult, end_on_failure=False))
    # The customer goes first: an agent who leaves first would end the call.
    draft.order_move(session.customer, Move.PARK)
    for leg in session.legs[1:]:
        draft.order_end(leg)


def _pick_up(draft: Draft, command: c.PickUp) -> None:
    session = draft.session
    if not parked(session):
        raise WrongState("The call is not parked")
    if any(not leg.ending for leg in company(session)):
        # One winner: the other is told so, and can see who.
        raise WrongState("Somebody is being rung for this call already")
    draft.dial(draft.plan_leg(Role.AGENT, command.agent, command.caller))
    draft.log(f"Ringing {command.agent.name}")


def _user_data(draft: Draft, command: c.SetUserData) -> None:
    _change_data(draft, command.view, lambda data: _changed(data, command))


def _changed(data: dict[str, Any], command: c.SetUserData) -> dict[str, Any]:
    kept = {} if command.delete_all else {key: value for key, value in data.items() if key not in command.delete}
    return {**kept, **command.values}


def _disposition(draft: Draft, command: c.SetDisposition) -> None:
    if command.by is None or (command.by, command.view) in views_of(draft.session):
        # A call that is over for this agent is dispositioned for the reports alone: whoever is still on it is told nothing.
        _change_data(draft, command.view, lambda data: {**data, command.key: command.value})
    draft.set(outcome=command.value)
    draft.log(f"Disposition set by {draft.name(command.by)}")


def _change_data(draft: Draft, view: int, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    draft.set(**with_data(draft.session, view, change))


def _console_data(draft: Draft, command: c.SetConsoleData) -> None:
    draft.set(console_data=command.text)


def _hold_reason(draft: Draft, command: c.SetHoldReason) -> None:
    if draft.session.hold is None:
        raise WrongState("Nobody is on hold")
    draft.set(hold=replace(draft.session.hold, reason=command.reason))


def _add_log(draft: Draft, command: c.AddLog) -> None:
    draft.log(command.text)


def _live_leg(draft: Draft, leg_id: str) -> Leg:
    for leg in draft.session.legs:
        if leg.id == leg_id and leg.live:
            return leg
    raise LegNotFound


_HANDLERS: dict[type, Callable[[Draft, Any], None]] = {
    c.Hold: _hold,
    c.Retrieve: _retrieve,
    c.Leave: _leave,
    c.EndSession: _end,
    c.RemoveParty: _remove,
    c.Mute: _mute,
    c.SendDigits: _digits,
    c.Park: _park,
    c.PickUp: _pick_up,
    c.SetUserData: _user_data,
    c.SetDisposition: _disposition,
    c.SetConsoleData: _console_data,
    c.SetHoldReason: _hold_reason,
    c.AddLog: _add_log,
    **consult.HANDLERS,
}
