"""Who asks: a session key from login.user (one hour, never prolonged), or a program's permanent key. Both travel as ``access_token``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.dialects.call_api.errors import RpcError

if TYPE_CHECKING:
    from app.control.services import Services

REALM = "call_api"
SESSION_SECONDS = 3600
LOGIN_POINTS_PER_MINUTE = 5000  # what one person may spend; a program's key says it itself

BASIC = "Call API Basic set"
MANAGEMENT = "Call API Call management"
INFORMER = "Call API Informer calls"
SCENARIO = "Call API Call scenario"
COMPONENTS = (BASIC, MANAGEMENT, INFORMER, SCENARIO)

_STATES = {"expired": "access_token_expired", "blocked": "access_token_blocked"}


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request. ``user_id`` is None for a program's key, which acts as the employee of the call it steers.

    ``purse`` is what points are counted under; the same for every session key of one person.
    """

    account_id: str
    user_id: str | None
    purse: str
    components: tuple[str, ...]
    points_per_minute: int


def take_token(params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the key and the other parameters. Raises RpcError when it is absent or no string."""
    if "access_token" not in params:
        raise RpcError("required_parameter_missed", field="access_token")
    token = params["access_token"]
    if not isinstance(token, str):
        raise RpcError("data_type_error", field="access_token", value=token)
    return token, {name: value for name, value in params.items() if name != "access_token"}


def authenticate(services: Services, token: str) -> Caller:
    """Return whose key this is.

    Raises RpcError: access_token_expired and access_token_blocked for permanent keys only; access_token_invalid for an unknown key and
    for a session key that has run out or was closed.
    """
    user = services.directory.login(REALM, token)
    if user is not None:
        return _person(user.id, user.account_id)
    key = services.directory.api_key(token)
    if key is None:
        raise RpcError("access_token_invalid", field="access_token")
    if key.state in _STATES:
        raise RpcError(_STATES[key.state], field="access_token")
    return Caller(key.account_id, None, key.digest, key.components, key.points_per_minute)


def demand_component(caller: Caller, component: str) -> None:
    """Raise RpcError(component_disabled) unless the caller has the package that a method belongs to."""
    if component not in caller.components:
        raise RpcError("component_disabled", component_name=component)


def open_session(services: Services, params: dict[str, Any]) -> tuple[Caller, dict[str, Any]]:
    """Log a person in. Return the caller and the answer's data: ``expire_at`` in unix seconds, ``app_id`` = the account as a number.

    The app_id is the sister API's; a published client cannot log in without it. Raises RpcError(auth_error).
    """
    user = services.directory.check_password(params["login"], params["password"])
    if user is None:
        raise RpcError("auth_error")
    expire_at = int(services.clock.now()) + SESSION_SECONDS
    token = services.directory.open_login(REALM, user, SESSION_SECONDS)
    return _person(user.id, user.account_id), {
        "access_token": token,
        "expire_at": expire_at,
        "app_id": app_id(user.account_id),
    }


def close_session(services: Services, token: str) -> None:
    """Void a session key. A permanent key stays what it is: it was never opened by a log-in."""
    services.directory.close_login(REALM, token)


def app_id(account_id: str) -> int:
    """Return an account's number: the last 48 bits of its id, so that every client can hold it exactly."""
    return int(account_id[-12:], 16)


def _person(user_id: str, account_id: str) -> Caller:
    return Caller(account_id, user_id, user_id, COMPONENTS, LOGIN_POINTS_PER_MINUTE)
