"""Changing sessions: hold, patch, add a member, redirect, end."""

from __future__ import annotations

from app.core import commands
from app.core.errors import DestinationInvalid, SessionEnded, WrongState
from app.core.phase import acting_leg, parked, private_consult
from app.core.session import HoldReason, Leg, Party, Purpose, Role, Session
from app.dialects.evo_voice import contracts, enums, mapping, requests
from app.dialects.evo_voice.call import Call
from app.dialects.evo_voice.errors import argument
from app.dialects.evo_voice.queries import names_for, session_of

_States = enums.SessionCallState


def hold_session(call: Call, request: requests.HoldSession) -> contracts.SessionInfo:
    """Hold the customer. On a session that is held already only the reason changes."""
    session = _live(call, request.session_id)
    _leg(session, request.call_sid)
    return _info(call, _hold(call, session, request.reason))


def _hold(call: Call, session: Session, reason: enums.SessionHoldReasons) -> Session:
    why = HoldReason(reason.value)
    if session.hold is None:
        return _run(call, session, commands.Hold(by=call.login.id, reason=why))
    if session.hold.reason is why:
        return session
    return _run(call, session, commands.SetHoldReason(why, by=call.login.id))


def end_session(call: Call, request: requests.EndSession) -> None:
    """End the session; with ``callSid`` only that leg goes, as long as at least two others stay to talk."""
    session = _live(call, request.session_id)
    leg = _leg(session, request.call_sid)
    present = [other for other in session.legs if other.live and other.role is not Role.SUPERVISOR]
    if leg is not None and len([other for other in present if other.id != leg.id]) >= 2:
        _run(call, session, commands.RemoveParty(leg.id, by=call.login.id))
    else:
        _run(call, session, commands.EndSession(by=call.login.id))


def redirect_session(call: Call, request: requests.RedirectSession) -> None:
    """Send the customer to another destination; they hear the hold message until it answers."""
    session = _live(call, request.session_id)
    to, caller = _destination(call, session, request.destination), _caller(call, session, request.caller_id, "CallerId")
    _run(call, session, commands.SingleStepTransfer(to, caller, by=call.login.id))


def add_conference_member(call: Call, request: requests.AddConferenceMember) -> contracts.SessionInfo:
    """Ring somebody: who joins the talk on answering, or, while the customer is held, talks with the agent first."""
    session = _live(call, request.session_id)
    _leg(session, request.call_sid)
    to, caller = (
        _destination(call, session, request.destination),
        _caller(call, session, request.from_number, "FromNumber"),
    )
    by = call.login.id
    if session.hold is not None:
        return _info(call, _run(call, session, commands.StartConsult(to, caller, by=by, purpose=Purpose.CONFERENCE)))
    return _info(call, _run(call, session, commands.SingleStepConference(to, caller, by=by)))


# --- patch ----------------------------------------------------------------------------------------------------------------


def patch_session(call: Call, request: requests.PatchSession) -> contracts.SessionInfo:
    """Change what is given. What the session already is changes nothing, so a client may send back what it has read.

    The call is changed first: if that is refused, nothing else has happened.
    """
    session = session_of(call, request.session_id)
    wants_park = request.queue_state is enums.SessionQueueStates.HOLD and not _as_read(session, request)
    if request.queue_state not in (None, enums.SessionQueueStates.HOLD, mapping.queue_state(session)):
        raise argument("QueueState", "QueueState can only be set to Hold, which parks the session")
    if request.call_state in (_States.RINGING, _States.PASSIVE) and request.call_state is not mapping.call_state(
        session
    ):
        raise argument("CallState", f"CallState cannot be set to {request.call_state}")
    leaves_hold = request.call_state in (_States.CONNECTED, _States.DISCONNECTED)
    if wants_park and leaves_hold:
        raise argument("QueueState", f"A session cannot be parked and {request.call_state} at once")
    reason = None if request.hold_reason is mapping.hold_reason(session) else request.hold_reason
    if leaves_hold and reason not in (None, enums.SessionHoldReasons.NONE):
        raise WrongState("The session is not to be on hold")
    if wants_park:
        session = _park(call, session)
    if request.call_state is not None:
        session = _set_call_state(call, session, request.call_state, request.hold_reason)
    if reason is not None:
        session = _set_hold_reason(call, session, reason)
    if request.console_data is not None and request.console_data != session.console_data:
        session = _run(call, session, commands.SetConsoleData(request.console_data, by=call.login.id))
    return _info(call, session)


def _as_read(session: Session, request: requests.PatchSession) -> bool:
    """Return whether a client sends back the queue's state as it has read it, beside a call state: the one it has read, or one that ends
    the hold. A held call of a ring queue shows the very state that parks."""
    states = (mapping.call_state(session), _States.CONNECTED, _States.DISCONNECTED)
    return request.call_state in states and request.queue_state is mapping.queue_state(session)


def _set_call_state(
    call: Call, session: Session, state: enums.SessionCallState, reason: enums.SessionHoldReasons | None
) -> Session:
    if state is _States.DISCONNECTED:
        return _run(call, _not_ended(session), commands.EndSession(by=call.login.id))
    if state is _States.HOLD:
        current = _not_ended(session)
        return current if current.hold is not None else _hold(call, current, reason or enums.SessionHoldReasons.NONE)
    return _connect(call, _not_ended(session)) if state is _States.CONNECTED else session


def _connect(call: Call, session: Session) -> Session:
    """Bring the customer into the talk: out of the hold, out of the park, or together with the third party, who is never dropped."""
    by = call.login
    mine = acting_leg(session, by.id)
    if private_consult(session):
        return _run(call, session, commands.CompleteConference(by=by.id))
    if parked(session):
        if mine is not None and not mine.answered:
            return session  # her phone is ringing for it already
        if by.softphone is None:
            raise WrongState("The login has no softphone to be rung on")
        return _run(call, session, commands.PickUp(by.party(), session.line, by=by.id))
    set_aside = mine is not None and mine.aside and mine.held
    if session.hold is not None or set_aside:
        return _run(call, session, commands.Retrieve(by=by.id))
    if session.answered_at is None:
        raise WrongState("A ringing call is answered on the phone")
    return session


def _park(call: Call, session: Session) -> Session:
    if parked(session):
        return session
    return _run(call, _not_ended(session), commands.Park(by=call.login.id))


def _set_hold_reason(call: Call, session: Session, reason: enums.SessionHoldReasons) -> Session:
    if session.hold is None:
        if reason is enums.SessionHoldReasons.NONE or not session.live:
            return session
        raise WrongState("The session is not on hold")
    return _hold(call, session, reason)


# --- what they share ------------------------------------------------------------------------------------------------------


def _live(call: Call, session_id: str | None) -> Session:
    return _not_ended(session_of(call, session_id))


def _not_ended(session: Session) -> Session:
    if not session.live:
        raise SessionEnded
    return session


def _run(call: Call, session: Session, command: commands.Command) -> Session:
    return call.services.control.run(session.id, command)


def _info(call: Call, session: Session) -> contracts.SessionInfo:
    return mapping.session_info(session, names_for(call))


def _leg(session: Session, call_sid: str | None) -> Leg | None:
    """Return the leg a client calls its own. Raises EvoError 400 naming ``CallSid`` for one that is no live leg of the session."""
    if not call_sid:
        return None
    for leg in session.legs:
        if leg.live and leg.call_sid == call_sid:
            return leg
    raise argument("CallSid", "CallSid is no live leg of the session")


def _destination(call: Call, session: Session, text: str | None) -> Party:
    if not text or not text.strip():
        raise argument("Destination", "Destination is missing", "BadRequest")
    try:
        return call.services.directory.destination(text, session.account_id)
    except DestinationInvalid as error:
        raise argument("Destination", str(error), "BadRequest") from error


def _caller(call: Call, session: Session, number: str | None, field: str) -> str:
    """Return the number to show: one of the account's own lines, by default the one the session came over."""
    if not number:
        return session.line
    wanted = "+" + number.strip().removeprefix("+")
    if wanted not in {line.number for line in call.services.directory.lines([session.account_id])}:
        raise argument(field, f"{field} is not a number of the account")
    return wanted
