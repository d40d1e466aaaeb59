"""What each method does: one entry of the table, one function that finds what the parameters name and gives one command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from app.core import commands
from app.core.errors import LegNotFound, NotPermitted, SessionNotFound, WrongState
from app.core.phase import Phase, phase_of
from app.core.session import Message, Purpose, Session
from app.dialects.call_api import auth, mapping, schemas
from app.dialects.call_api.auth import BASIC, MANAGEMENT, Caller
from app.dialects.call_api.errors import about

if TYPE_CHECKING:
    from app.control.services import Services

# A string, not a boolean: so it is documented for every command, and clients look for the key alone.
DONE = {"success": "true"}
_LARGEST_ID = 2**63 - 1  # what a store's integer holds; nothing above it was ever given out


@dataclass(frozen=True)
class Call:
    """One accepted request: who asks, with which key, and checked parameters."""

    services: Services
    caller: Caller
    token: str
    params: dict[str, Any]

    def session(self) -> Session:
        """Return the live session of the caller's account that the parameters name. Raises RpcError(call_session_not_found)."""
        number = self.params["call_session_id"]
        with about("call_session_id", number):
            if not 0 < number <= _LARGEST_ID:
                raise SessionNotFound
            session = self.services.control.session_by_number(number)
            if session.account_id != self.caller.account_id or not session.live:
                raise SessionNotFound
            return session

    def message(self, name: str) -> Message | None:
        """Return the message in a parameter, None when there is none. Raises RpcError about ``<name>.value``."""
        given = self.params.get(name)
        if given is None:
            return None
        with about(f"{name}.value", given["value"]):
            return self.services.messages.checked(given["type"], given["value"], self.caller.account_id)

    def carry_out(self, session: Session, command: commands.Command) -> dict[str, str]:
        """Run a command. Raises core errors, WrongState among them."""
        self.services.control.run(session.id, command)
        return DONE


@dataclass(frozen=True)
class Method:
    """A method: its parameters beside the key, the package it belongs to, the points of a success, what it does.

    ``reads``: it changes nothing, so each request is answered anew, whatever idempotency key it carries.
    """

    schema: Schema
    component: str
    points: int
    run: Callable[[Call], Any]
    reads: bool = False


def hold_call(call: Call) -> dict[str, str]:
    """Let the contact wait with a message. Only in a talk."""
    session = call.session()
    return call.carry_out(session, commands.Hold(by=call.caller.user_id, message=call.message("contact_message")))


def unhold_call(call: Call) -> dict[str, str]:
    """Bring the contact back. Only on hold."""
    return call.carry_out(call.session(), commands.Retrieve(by=call.caller.user_id))


def make_call(call: Call) -> dict[str, str]:
    """Ring a third party while the contact waits. Only on hold, unlike our own consult, which can hold by itself."""
    session = call.session()
    with about("to", call.params["to"]):
        to = call.services.directory.destination(call.params["to"], call.caller.account_id)
    consult = commands.StartConsult(
        to=to,
        caller=session.line,
        by=call.caller.user_id,
        purpose=Purpose.TRANSFER,
        consult_message=call.message("to_message"),
        held_only=True,
    )
    return call.carry_out(session, consult)


def transfer_talk(call: Call) -> dict[str, str]:
    """Give the contact to the third party. One that is still rung and never answers ends the call: the API returns it to nobody."""
    return call.carry_out(call.session(), commands.CompleteTransfer(by=call.caller.user_id, end_on_failure=True))


def restore_talk(call: Call) -> dict[str, str]:
    """Drop the third party and bring the contact back."""
    return call.carry_out(call.session(), commands.EndConsult(by=call.caller.user_id, retrieve=True))


def disconnect_leg(call: Call) -> dict[str, str]:
    """Hang one leg up; the contact's ends the session."""
    session = call.session()
    with about("leg_id", call.params["leg_id"]):
        leg = mapping.leg_with_number(session, call.params["leg_id"])
        if leg is None:
            raise LegNotFound
    return call.carry_out(session, commands.RemoveParty(leg.id, by=call.caller.user_id))


def send_dtmf(call: Call) -> dict[str, str]:
    """Let the contact's side hear one key.

    While the contact is held ``*`` takes back the number that is being entered; nobody is to hear it. Before anybody talks there is
    no side to press a key: this method has no state error, so that is not permitted.
    """
    session, key = call.session(), call.params["dtmf_string"]
    if key == "*" and phase_of(session) in (Phase.HOLD, Phase.PARKED):
        return DONE
    try:
        return call.carry_out(session, commands.SendDigits(key, by=call.caller.user_id))
    except WrongState as refused:
        raise NotPermitted from refused


def release_call(call: Call) -> dict[str, str]:
    """End the session for everybody, whatever its state."""
    return call.carry_out(call.session(), commands.EndSession(by=call.caller.user_id))


def list_calls(call: Call) -> list[dict[str, Any]]:
    """Show the live sessions of the caller's account, oldest first, whichever API or telephone started them."""
    account = [call.caller.account_id]
    users = {user.id: user for user in call.services.directory.users(account)}
    calls = [
        mapping.call_of(session, users) for session in call.services.control.live_sessions(account) if session.live
    ]
    wanted = {name: value for name, value in call.params.items() if value is not None}
    return [shown for shown in calls if all(shown[name] == value for name, value in wanted.items())]


def logout_user(call: Call) -> dict[str, bool]:
    """Void the session key. A boolean here, unlike the commands."""
    auth.close_session(call.services, call.token)
    return {"success": True}


METHODS: dict[str, Method] = {
    "logout.user": Method(schemas.NoParameters(), BASIC, 0, logout_user),
    "hold.call": Method(schemas.HoldCall(), MANAGEMENT, 1, hold_call),
    "unhold.call": Method(schemas.OfSession(), MANAGEMENT, 1, unhold_call),
    "make.call": Method(schemas.MakeCall(), MANAGEMENT, 1, make_call),
    "transfer.talk": Method(schemas.OfSession(), MANAGEMENT, 1, transfer_talk),
    "restore.talk": Method(schemas.OfSession(), MANAGEMENT, 1, restore_talk),
    "disconnect.leg": Method(schemas.DisconnectLeg(), MANAGEMENT, 1, disconnect_leg),
    "send.dtmf": Method(schemas.SendDtmf(), MANAGEMENT, 1, send_dtmf),
    "release.call": Method(schemas.OfSession(), BASIC, 1, release_call),
    "list.calls": Method(schemas.ListCalls(), MANAGEMENT, 0, list_calls, reads=True),
}
