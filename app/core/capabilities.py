"""What may be done now: one answer for all dialects and the console. The names are those of the workspace dialect's operations."""

from app.core.phase import talking_agents
from app.core.session import Leg, Purpose, Session

DATA = ("AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair")
BASE = (
    *DATA,
    "Hangup",
    "SendDtmf",
    "Hold",
    "InitiateTransfer",
    "InitiateConference",
    "SingleStepTransfer",
    "SingleStepConference",
)
CONSULTS = ("InitiateTransfer", "InitiateConference")
BRINGS_IN = (*CONSULTS, "SingleStepTransfer", "SingleStepConference")
HELD = (*(name for name in BASE if name not in ("Hold", "SendDtmf")), "Retrieve")


def of_original(session: Session, leg: Leg, state: str) -> tuple[str, ...]:
    """Return what an agent may do with the call she is on with the customer, in ``state`` (Ringing, Dialing, Established, Held).

    While a consult of hers lives the original offers no Retrieve: she swaps or completes. The very first notice of a consult that was
    started as a conference is made before its leg exists, and so still offers Retrieve (that is how the published sample has it).
    """
    if state == "Ringing":
        return DATA
    if state == "Dialing" or leg.n == 0:
        # Who called us holds and moves nobody: the session is carried around the caller's leg.
        return (*DATA, "Hangup", "SendDtmf")
    consult = session.consult
    if (
        consult is not None
        and consult.by_leg_id == leg.id
        and consult.purpose is not Purpose.JOIN
        and not consult.single_step
    ):
        third = session.leg(consult.leg_id)
        if state == "Established" and third.call_sid is None and not consult.completing:
            return _talking(session, leg)  # the customer is not held yet, and may never be: nothing has changed so far
        if state == "Established":
            return (*BASE, "SwapCalls", "CompleteTransfer", *_complete_conference(third))
        if third.call_sid is None and consult.purpose is Purpose.CONFERENCE:
            return HELD
        if third.call_sid is None or not third.live:
            return (*(name for name in HELD if name != "Retrieve"), "SwapCalls", "CompleteTransfer")
        return (*DATA, "Hangup", "SwapCalls", "CompleteTransfer", *_complete_conference(third))
    if leg.beside:
        return (*DATA, "Hangup")  # another agent of the conference consults: the hold is hers to end
    names = HELD if state == "Held" else _talking(session, leg)
    return tuple(name for name in names if name not in _refused(session, leg))


def _refused(session: Session, leg: Leg) -> tuple[str, ...]:
    """Return what cannot be done though nothing in the call's state says so: there is one third party at a time, and who is held herself
    could not be heard by one. (A third party who has just been given the customer is none any more in a moment.)"""
    if session.consult is not None and session.consult.leg_id != leg.id:
        return BRINGS_IN
    return CONSULTS if leg.held else ()


def _talking(session: Session, leg: Leg) -> tuple[str, ...]:
    owner = session.owner_leg_id == leg.id and len(talking_agents(session)) > 1
    return (*BASE, "RemoveParticipantFromConference") if owner else BASE


def of_third_party(state: str) -> tuple[str, ...]:
    """Return what a consulted agent may do before the consult is completed: it is not hers to hold, move or complete."""
    return DATA if state == "Ringing" else (*DATA, "Hangup", "SendDtmf")


def of_consult(third: Leg, state: str) -> tuple[str, ...]:
    """Return what the agent who started a consult may do with the consult call."""
    if state == "Held":
        return (*DATA, "Hangup", "SwapCalls", "CompleteTransfer", "CompleteConference")
    return (*DATA, "Hangup", "SendDtmf", "SwapCalls", "CompleteTransfer", *_complete_conference(third))


def _complete_conference(third: Leg) -> tuple[str, ...]:
    return ("CompleteConference",) if third.answered else ()
