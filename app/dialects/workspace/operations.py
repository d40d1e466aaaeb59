"""Every operation on a call: what it takes, and the core command it is.

What may be done now is the call's ``capabilities``; an operation that is not among them is refused before anything else is looked
at, so a refused one has changed and told nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.core import commands as c
from app.core.session import Leg, Party, Purpose, Role
from app.dialects.workspace import schemas
from app.dialects.workspace.addressing import Addressed
from app.dialects.workspace.errors import INVALID, OUT_OF_RANGE, Refusal
from app.dialects.workspace.mapping import capabilities, last_segment
from app.dialects.workspace.participants import goes_by
from app.dialects.workspace.requests import unknown_operation

Values = Mapping[str, Any]


class Destinations(Protocol):
    """What of ``app.control`` is needed to dial."""

    def destination(self, text: str, account_id: str) -> Party:
        """Return whom a dialled text means; raises DestinationInvalid."""


Build = Callable[[Addressed, Values, Destinations], c.Command]


@dataclass(frozen=True)
class Operation:
    """``advertised``: it has to be among the call's capabilities; only the disposition never is, and is always allowed."""

    schema: schemas.Parameters
    build: Build
    advertised: bool = True


def command_for(
    name: str, parameters: Values, call: Addressed, destinations: Destinations, extra: Collection[str] = ()
) -> c.Command:
    """Return the command that an operation on a call is.

    Raises Refusal (2 for an unknown operation, one the call does not allow now, or a wrong value; 10 for too much data), marshmallow's
    ValidationError, and DestinationInvalid.
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise unknown_operation(name)
    if operation.advertised and (call.view is None or name not in capabilities(call.view, extra)):
        raise Refusal(INVALID, f"The operation '{name}' is not possible in the present state of the call")
    return operation.build(call, operation.schema.load(parameters), destinations)


def _hold(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    # Among three or more the agent herself steps aside and the others talk on; the core knows which it is.
    return c.Hold(by=call.user.id, aside=True)


def _retrieve(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    return c.Retrieve(by=call.user.id)


def _hangup(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    if call.view is not None and call.view.parent is not None:
        return c.EndConsult(by=call.user.id)
    return c.Leave(by=call.user.id)


def _clear(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    if call.leg.role is Role.CONSULT or (call.view is not None and call.view.parent is not None):
        return _hangup(call, values, destinations)
    return c.EndSession(by=call.user.id)


def _consult(purpose: Purpose) -> Build:
    def build(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
        to = _somebody_else(call, values, destinations)
        return c.StartConsult(to, call.session.line, call.user.id, purpose, user_data=values["user_data"])

    return build


def _single_step_transfer(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    to = _somebody_else(call, values, destinations)
    return c.SingleStepTransfer(to, call.session.line, call.user.id, values["user_data"])


def _single_step_conference(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    to = _somebody_else(call, values, destinations)
    return c.SingleStepConference(to, call.session.line, call.user.id, values["user_data"])


def _somebody_else(call: Addressed, values: Values, destinations: Destinations) -> Party:
    to = destinations.destination(values["destination"], call.user.account_id)
    if to.user_id == call.user.id:
        raise Refusal(INVALID, "The parameter 'destination.phoneNumber' is invalid: it is the device's own number")
    return to


def _complete_conference(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    _check_consult(call, values)
    return c.CompleteConference(by=call.user.id)


def _complete_transfer(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    _check_consult(call, values)
    return c.CompleteTransfer(by=call.user.id)


def _check_consult(call: Addressed, values: Values) -> None:
    uri = values.get("consult_call_uri")
    consult = next((view for view in (call.view, call.other) if view is not None and view.parent is not None), None)
    if uri is not None and (consult is None or last_segment(uri) != consult.call_uuid):
        raise Refusal(INVALID, "The parameter 'consultCallUri' is invalid: not the consult of this call")


def _swap(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    if call.other is None or last_segment(values["other_call_uri"]) != call.other.call_uuid:
        raise Refusal(INVALID, "The parameter 'otherCallUri' is invalid: not the other call of the pair")
    return c.Swap(by=call.user.id)


def _remove(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    return c.RemoveParty(_participant(call, values["participant"]).id, by=call.user.id)


def _participant(call: Addressed, text: str) -> Leg:
    shown = call.view.parties if call.view is not None else ()
    for leg in call.session.legs:
        if leg.live and leg.party in shown and leg.party.user_id != call.user.id and goes_by(leg.party, text):
            return leg
    raise Refusal(INVALID, "The parameter 'participant' is invalid: not a participant of the call")


def _dtmf(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    return c.SendDigits(values["digits"], by=call.user.id, view=call.index)


def _mute(muted: bool) -> Build:
    def build(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
        return c.Mute(call.leg.id, muted, by=call.user.id)

    return build


def _attach(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    """Attach and update are the same here: a JSON object cannot show the same key twice, so the newer value stands."""
    held = call.view.user_data if call.view is not None else {}
    if schemas.too_large({**held, **values["user_data"]}):
        raise Refusal(OUT_OF_RANGE, "The call's user data would be larger than 64 KiB")
    return c.SetUserData(values=values["user_data"], by=call.user.id, view=call.index)


def _delete_all(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    return c.SetUserData(delete_all=True, by=call.user.id, view=call.index)


def _delete_pair(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    return c.SetUserData(delete=(values["key"],), by=call.user.id, view=call.index)


def _disposition(call: Addressed, values: Values, destinations: Destinations) -> c.Command:
    uri, uuid = values.get("call_uri"), values.get("call_uuid")
    if uri is not None and last_segment(uri) != call.call_uuid:
        raise Refusal(INVALID, "The parameter 'callUri' is invalid: not the call of the request")
    if uuid is not None and uuid != call.call_uuid:
        raise Refusal(INVALID, "The parameter 'callUuid' is invalid: not the call of the request")
    return c.SetDisposition(values["disposition_key"], values["disposition"], by=call.user.id, view=call.index)


_NOTHING = schemas.Parameters()
_DESTINATION = schemas.DestinationParameters()
_USER_DATA = schemas.UserDataParameters()

OPERATIONS: Mapping[str, Operation] = {
    "Hold": Operation(_NOTHING, _hold),
    "Retrieve": Operation(_NOTHING, _retrieve),
    "Hangup": Operation(_NOTHING, _hangup),
    "ClearCall": Operation(_NOTHING, _clear),
    "InitiateConference": Operation(_DESTINATION, _consult(Purpose.CONFERENCE)),
    "InitiateTransfer": Operation(_DESTINATION, _consult(Purpose.TRANSFER)),
    "CompleteConference": Operation(schemas.CompleteParameters(), _complete_conference),
    "CompleteTransfer": Operation(schemas.CompleteParameters(), _complete_transfer),
    "SwapCalls": Operation(schemas.SwapParameters(), _swap),
    "SingleStepTransfer": Operation(_DESTINATION, _single_step_transfer),
    "SingleStepConference": Operation(_DESTINATION, _single_step_conference),
    "RemoveParticipantFromConference": Operation(schemas.RemoveParameters(), _remove),
    "SendDtmf": Operation(schemas.DtmfParameters(), _dtmf),
    "MuteCall": Operation(_NOTHING, _mute(True)),
    "UnmuteCall": Operation(_NOTHING, _mute(False)),
    "AttachUserData": Operation(_USER_DATA, _attach),
    "UpdateUserData": Operation(_USER_DATA, _attach),
    "DeleteUserData": Operation(_NOTHING, _delete_all),
    "DeleteUserDataPair": Operation(schemas.DeletePairParameters(), _delete_pair),
    "SetCallDisposition": Operation(schemas.DispositionParameters(), _disposition, advertised=False),
}
