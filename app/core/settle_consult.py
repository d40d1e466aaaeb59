"""What becomes of a consult: the third party answers, leaves or never comes; the agent who started it leaves."""

from dataclasses import replace

from app.core.draft import Draft
from app.core.phase import talking_agents
from app.core.session import Consult, Leg, Move, Place, Purpose, Role
from app.core.userdata import completed, data_of_leg


def settle_consult(draft: Draft) -> None:
    """Take a consult as far as its parties let it go."""
    consult = draft.session.consult
    if consult is None:
        return
    third, by = draft.session.leg(consult.leg_id), draft.session.leg(consult.by_leg_id)
    by_gone = not by.live or by.ending
    if consult.single_step and consult.data and not by.live:
        # Only now: she who gave the call away is told of her release and of nothing else.
        consult = replace(consult, data={})
        draft.set(user_data=data_of_leg(draft.session, third), consult=consult)
    if not third.live:
        _failed(draft, consult, third, None if by_gone else by)
    elif third.ending:
        return  # given up: its end is on the way
    elif consult.purpose is Purpose.JOIN:
        _join(draft, third, by)
    else:
        if by_gone and not consult.completing and not consult.joining:
            # The agent is gone: a third party who talks, or still rings, gets the customer as in a completed transfer.
            consult = replace(consult, completing=True, talked=draft.session.hold is None)
            draft.set(consult=consult)
        if third.answered:
            _answered(draft, consult, third, by)
        elif consult.completing and by_gone:
            # After a swap the customer was talking with the agent who left: held again, never left in silence.
            draft.order_customer_hold(consult.hold)


def _failed(draft: Draft, consult: Consult, third: Leg, by: Leg | None) -> None:
    """The third party left or never answered: the customer stays held and can be retrieved. ``by``: who started it, unless she is gone."""
    draft.set(consult=None)
    if by is None and consult.end_on_failure:
        draft.log("The transfer failed: the call is ended with a message")
        draft.order_move(draft.session.customer, Move.FAREWELL)
    elif third.call_sid is not None and not _given_up(draft, third):
        _report(draft, consult, third, by)


def _given_up(draft: Draft, third: Leg) -> bool:
    """Return whether somebody here ended the third party's leg: not so when it was our own clock, after all the time to answer."""
    return third.ending and (third.ended_at or draft.now) - third.created_at < draft.policy.ring_seconds


def _report(draft: Draft, consult: Consult, third: Leg, by: Leg | None) -> None:
    """An accepted command that comes to nothing has a line in the log. Of a consult its agent sees the end; a party that was to join is no
    call of hers, so she is told. (What the provider refused to ring is reported where that is taken in.)"""
    joins = consult.purpose is Purpose.JOIN
    if consult.completing or consult.single_step:
        draft.log(f"Transfer to {third.party.name} failed ({third.ended_by})")
    elif joins or third.answered_at is None:
        draft.log(f"{'Conference' if joins else 'Consult'} with {third.party.name} failed ({third.ended_by})")
    if joins and by is not None and by.party.user_id is not None:
        draft.failures.append((by.party.user_id, f"{third.party.name} does not join the call: {third.ended_by}"))


def _join(draft: Draft, third: Leg, by: Leg) -> None:
    """A single-step conference: the party is in the talk as soon as it answers."""
    if not third.answered:
        return
    data = data_of_leg(draft.session, third)
    draft.set_leg(third.id, role=Role.AGENT)
    draft.set(consult=None, owner_leg_id=draft.session.owner_leg_id or by.id, user_data=data)
    draft.log(f"{third.party.name} joined the conference")
    if draft.session.hold is not None and all(
        leg.id == third.id or leg.ending for leg in talking_agents(draft.session)
    ):
        # Whoever held the customer has left meanwhile: the one who comes is not to meet silence.
        draft.order_hold(draft.session.customer, False)


def _answered(draft: Draft, consult: Consult, third: Leg, by: Leg) -> None:
    if consult.hold_on_answer and not consult.completing:
        draft.set(consult=replace(consult, hold_on_answer=False))
        draft.order_hold(third, True)
    elif consult.completing or consult.joining:
        _put_together(draft, consult, third, by)


def _put_together(draft: Draft, consult: Consult, third: Leg, by: Leg) -> None:
    """Release whoever is held; once nobody is, and a leaving agent has left, the third party is an agent like any other."""
    if third.greeting is not None:
        return  # who was dialled hears the message for them to its end; the customer goes on waiting
    customer = draft.session.customer
    draft.order_hold(third, False)
    if draft.session.hold is not None and customer.place is not Place.QUEUE and customer.move is None:
        draft.order_hold(customer, False)
    if consult.completing:
        draft.order_end(by)  # asked already by the command; asked again should the provider have refused
    waiting = draft.session.hold is not None or draft.session.hold_order is not None or third.held
    if waiting or (consult.completing and by.live):
        return
    draft.set_leg(third.id, role=Role.AGENT)
    draft.set(consult=None, **completed(draft.session, third.view))
    transferred = consult.completing or not by.live
    draft.log(f"Transferred to {third.party.name}" if transferred else f"Conference with {third.party.name}")
