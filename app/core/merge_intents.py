"""Taking in what became of an intent where no other fact tells it."""

from dataclasses import replace

from app.core import facts as f
from app.core.draft import RETRY_SECONDS, Draft
from app.core.intents import Announce, CreateLeg, EndLeg, Intent, MoveLeg, OpenUp, RemoveLeg, SetHold, SetMute
from app.core.merge_queue import parked_hold
from app.core.progress import advance
from app.core.session import Leg, Move, Place, Purpose, Status

# A farewell that has not ended by now hangs: what it says is a sentence or two.
_FAREWELL_SECONDS = 90
_NAMES: dict[type, str] = {
    CreateLeg: "Ringing",
    EndLeg: "Hanging up",
    RemoveLeg: "Removing",
    MoveLeg: "Moving",
    SetMute: "Muting",
    OpenUp: "Opening the talk to",
    Announce: "Playing to",
}


def done(draft: Draft, fact: f.IntentDone) -> None:
    """Take in that the provider carried an intent out."""
    intent = fact.intent
    leg = draft.session.leg(intent.leg_id)
    if _of_another_call(intent):
        return
    if isinstance(intent, EndLeg | RemoveLeg):
        # The provider has taken the hang-up; its event may be late or lost, and changes nothing more.
        advance(draft, leg.id, Status.ENDED, ended_by="completed" if leg.answered else "canceled")
    elif isinstance(intent, OpenUp):
        draft.set_leg(leg.id, heard_by=None, opening=False)
    elif isinstance(intent, MoveLeg) and leg.move is intent.to:
        if intent.to is Move.FAREWELL:
            draft.set_leg(
                leg.id, place=Place.NOWHERE, held=False, ordered=None, give_up_at=draft.now + _FAREWELL_SECONDS
            )
        elif intent.to is Move.PARK:
            draft.set_leg(leg.id, place=Place.NOWHERE, held=False, ordered=None, echoes=())
            parked_hold(draft)


def failed(draft: Draft, fact: f.IntentFailed) -> None:
    """Un-note what was ordered. A leg that is gone is gone; anything else leaves the session as it truly is."""
    intent = fact.intent
    leg = draft.session.leg(intent.leg_id)
    if _of_another_call(intent):
        return  # its next event asks for its end again
    if isinstance(intent, EndLeg | RemoveLeg):
        if fact.gone:
            advance(draft, leg.id, Status.ENDED, ended_by="completed" if leg.answered else "canceled")
            return
        draft.set_leg(leg.id, ending=False)
    elif isinstance(intent, CreateLeg) and leg.status is Status.PLANNED:
        advance(draft, leg.id, Status.ENDED, ended_by="canceled" if leg.ending else "failed")
    elif isinstance(intent, Announce) and intent.what == "greeting":
        draft.set_leg(leg.id, greeting=None, greeting_until=None)
    elif isinstance(intent, OpenUp):
        draft.set_leg(leg.id, opening=False)
    elif isinstance(intent, SetHold):
        draft.set_leg(leg.id, ordered=None, aside=leg.aside and leg.held, beside=leg.beside and leg.held)
        _forget_hold_orders(draft, leg, intent)
    elif isinstance(intent, MoveLeg):
        if fact.gone:
            advance(draft, leg.id, Status.ENDED, ended_by="completed")
        elif leg.move is intent.to:
            _forget_move(draft, leg)
    if draft.session.leg(leg.id).live:
        # No rule asks for the same at once again: a provider that refuses would be asked without end.
        draft.set_leg(leg.id, retry_at=draft.now + RETRY_SECONDS)
    if fact.text:
        draft.log(f"{_name(intent)} {leg.party.name} failed: {fact.text}")


def _of_another_call(intent: Intent) -> bool:
    return isinstance(intent, EndLeg) and intent.call_sid is not None


def _name(intent: Intent) -> str:
    if isinstance(intent, SetHold):
        return "Holding" if intent.held else "Retrieving"
    return _NAMES[type(intent)]


def _forget_move(draft: Draft, leg: Leg) -> None:
    draft.set_leg(leg.id, move=None)
    draft.set(hold_order=None)
    if leg.move is Move.PARK:
        draft.set(recall_at=None)
        for agent in draft.session.legs[1:]:
            # They were to go once the customer had; the command has failed as a whole.
            draft.set_leg(agent.id, ending=False, end_asked=False)
    elif leg.move is Move.FAREWELL:
        draft.order_end(draft.session.leg(leg.id))  # who cannot be told is let go without a word


def _forget_hold_orders(draft: Draft, leg: Leg, intent: SetHold) -> None:
    session = draft.session
    if leg.n == 0:
        draft.set(hold_order=None, retrieve_by=None)
        if not intent.held and session.hold is not None and session.hold.limit_at is None:
            draft.set(hold=replace(session.hold, limit_at=draft.now + RETRY_SECONDS))
    consult = session.consult
    if consult is None:
        return
    by = session.leg(consult.by_leg_id)
    if consult.joining or (consult.completing and by.live):
        # The command has failed as a whole: what was to come after it, the agent's going, is not asked for either.
        draft.set(consult=replace(consult, joining=False, completing=False))
        draft.set_leg(by.id, ending=False, end_asked=False)
    private = consult.purpose is not Purpose.JOIN
    if leg.n == 0 and intent.held and private and not session.leg(consult.leg_id).answered and session.hold is None:
        # A third party must not come into a talk that was to be private and is not.
        draft.order_end(session.leg(consult.leg_id))
