"""What the commands around a third party need from the provider: consult, complete, swap, give up, single-step."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.core import commands as c
from app.core.draft import Draft
from app.core.errors import WrongState
from app.core.phase import Phase, phase_of, private_consult, talking_agents
from app.core.session import Consult, Hold, HoldReason, Leg, Party, Purpose, Role
from app.core.settle_consult import settle_consult


def _start(draft: Draft, command: c.StartConsult) -> None:
    """Hold the customer unless held already, then create the third party's leg in the same conference: 1 or 2 requests.

    In a conference the other agents are held too, one request each: otherwise they would hear the consult.
    """
    session = draft.session
    if phase_of(session) not in (Phase.TALK, Phase.HOLD, Phase.CONFERENCE) or session.hold_order is not None:
        raise WrongState("A consult needs a conversation or a held caller")
    if command.held_only and session.hold is None:
        raise WrongState("The caller is not on hold")
    if session.consult is not None:
        raise WrongState("One consult at a time")
    _not_being_retrieved(draft)
    by = draft.agent(command.by)
    if by.held:
        raise WrongState("On hold: a third party could not be heard")
    hold = session.hold or Hold(HoldReason.TRANSFERRING, command.by or by.party.user_id, command.hold_message)
    draft.order_customer_hold(hold)
    for other in talking_agents(session):
        if other.id != by.id and not other.held:
            draft.set_leg(other.id, beside=True)
            draft.order_hold(draft.session.leg(other.id), True)
    if session.hold is not None:
        # A customer who was held for nothing in particular is now held for the transfer.
        draft.set(hold=replace(session.hold, reason=HoldReason.TRANSFERRING))
    third = _bring_in(draft, command.to, command.caller, command.user_data, by, hold, command.purpose)
    draft.set_leg(third.id, greeting=command.consult_message)
    draft.log(f"Consult with {command.to.name} started by {by.party.name}")


def _bring_in(
    draft: Draft, to: Party, caller: str, data: dict[str, Any], by: Leg, hold: Hold, purpose: Purpose, **changes: Any
) -> Leg:
    """Plan and dial the third party. The consult has data of its own and inherits none."""
    single_step = bool(changes.get("single_step")) or purpose is Purpose.JOIN
    leg = draft.plan_leg(Role.CONSULT, to, caller, new_view=not single_step, via_consult=not single_step)
    if single_step:
        changes["data"] = data
    talked = draft.session.hold is None and not by.held
    draft.set(consult=Consult(leg.id, by.id, purpose, draft.now, hold, talked=talked, **changes), newest_leg_id=leg.id)
    if data and not single_step:
        draft.set(consult_data={**draft.session.consult_data, str(leg.view): data})
    draft.dial(leg)
    return leg


def _complete_conference(draft: Draft, command: c.CompleteConference) -> None:
    """``Hold=false`` for whoever is held: the customer, or after a swap the third party; not before the message for them has been said."""
    consult, third = _consult(draft)
    if not third.answered or consult.completing or consult.joining or third.ending:
        raise WrongState("The third party has not answered, or the consult is being completed or given up")
    draft.set(consult=replace(consult, joining=True), owner_leg_id=consult.by_leg_id)
    if third.greeting is None:
        draft.order_hold(draft.session.customer, False)
        draft.order_hold(third, False)
    settle_consult(draft)  # if somebody else has released everybody already there is nothing to wait for


def _complete_transfer(draft: Draft, command: c.CompleteTransfer) -> None:
    """Release the customer to the third party and end the agent's leg. While it still rings the customer goes on hearing the message."""
    consult, third = _consult(draft)
    if consult.completing or third.ending:
        raise WrongState("The transfer is under way already, or the consult is being given up")
    session = draft.session
    talked = session.hold is None
    draft.set(consult=replace(consult, completing=True, talked=talked, end_on_failure=command.end_on_failure))
    if third.answered and third.greeting is None:
        draft.order_hold(session.customer, False)
        draft.order_hold(third, False)
    else:
        # Not there yet, or still hearing the message for them: the customer waits until the third party can talk.
        # After a swap the customer talks with the agent: held again before she goes, never left in silence.
        draft.order_customer_hold(consult.hold)
    draft.order_end(session.leg(consult.by_leg_id))


def _end_consult(draft: Draft, command: c.EndConsult) -> None:
    consult, third = _consult(draft)
    if consult.completing:
        raise WrongState("The transfer is under way")
    draft.order_end(third)
    if command.retrieve and draft.session.hold is not None:
        draft.set(retrieve_by=command.by or draft.session.leg(consult.by_leg_id).party.user_id)
        draft.order_hold(draft.session.customer, False)


def _swap(draft: Draft, command: c.Swap) -> None:
    """Hold one, then release the other: in this order nobody hears what was not meant for them.

    A third party who still rings cannot be held yet. It comes straight into the conference when it answers and is held there; that it
    never hears the customer, not even for that moment, is why only the agent hears the released customer meanwhile.
    """
    consult, third = _consult(draft)
    session = draft.session
    if consult.completing or consult.joining or third.ending:
        raise WrongState("The consult is being completed or given up")
    if session.customer.ordered is not None or third.ordered is not None:
        raise WrongState("Somebody is being held or retrieved at this moment")
    if session.hold is not None:
        if third.answered:
            draft.order_hold(third, True)
            draft.order_hold(session.customer, False)
        else:
            draft.set(consult=replace(consult, hold_on_answer=True))
            draft.order_hold(session.customer, False, heard_by=consult.by_leg_id)
    else:
        draft.order_customer_hold(consult.hold)
        if third.answered:
            draft.order_hold(third, False)
        draft.set(consult=replace(consult, hold_on_answer=False))
    draft.log(f"Swapped by {draft.name(command.by)}")


def _single_step_transfer(draft: Draft, command: c.SingleStepTransfer) -> None:
    """Hold the customer, create the target, end the agent leg; the customer is released when the target answers: 4 requests.

    In a conference nobody is held: the others talk on, and the target joins them.
    """
    session = draft.session
    if (
        phase_of(session) not in (Phase.TALK, Phase.HOLD, Phase.CONFERENCE)
        or session.hold_order is not None
        or session.consult is not None
    ):
        raise WrongState("Only a conversation can be transferred")
    _not_being_retrieved(draft)
    by = draft.agent(command.by)
    hold = session.hold or Hold(HoldReason.TRANSFERRING, command.by or by.party.user_id)
    others = [leg for leg in talking_agents(session) if leg.id != by.id and not leg.ending]
    if others:
        _bring_in(draft, command.to, command.caller, command.user_data, by, hold, Purpose.JOIN, single_step=True)
    else:
        draft.order_customer_hold(hold)
        given_away = {"single_step": True, "completing": True, "end_on_failure": command.end_on_failure}
        _bring_in(draft, command.to, command.caller, command.user_data, by, hold, Purpose.TRANSFER, **given_away)
    draft.order_end(by)
    draft.log(f"Transfer to {command.to.name} started by {by.party.name}")


def _single_step_conference(draft: Draft, command: c.SingleStepConference) -> None:
    """Create the party; it joins the talk on answering: 1 request. A caller on hold stays on hold, the agent talks with the party."""
    session = draft.session
    if (
        phase_of(session) not in (Phase.TALK, Phase.HOLD, Phase.CONFERENCE)
        or session.consult is not None
        or session.hold_order is not None
    ):
        raise WrongState("Only a conversation can be joined")
    by = draft.agent(command.by)
    _bring_in(draft, command.to, command.caller, command.user_data, by, Hold(), Purpose.JOIN)
    draft.log(f"Conference with {command.to.name} started by {by.party.name}")


def _not_being_retrieved(draft: Draft) -> None:
    """A hold that is being ended cannot be built upon: the caller would come into a talk that was to be private."""
    if draft.session.customer.ordered is False:
        raise WrongState("The hold is being ended at this moment")


def _consult(draft: Draft) -> tuple[Consult, Leg]:
    consult = draft.session.consult
    if consult is None or not private_consult(draft.session):
        raise WrongState("There is no consult")
    return consult, draft.session.leg(consult.leg_id)


HANDLERS: dict[type, Callable[[Draft, Any], None]] = {
    c.StartConsult: _start,
    c.CompleteConference: _complete_conference,
    c.CompleteTransfer: _complete_transfer,
    c.EndConsult: _end_consult,
    c.Swap: _swap,
    c.SingleStepTransfer: _single_step_transfer,
    c.SingleStepConference: _single_step_conference,
}
