"""Logging in, asking who is logged in, logging out."""

from __future__ import annotations

from app.core.people import User
from app.dialects.evo_voice import contracts, enums, identity, requests
from app.dialects.evo_voice.call import Call
from app.dialects.evo_voice.errors import EvoError, NotLoggedIn

_MANAGERS = ("Manager", "SystemAdministrator")
_CREDENTIALS = ("credentials", "login")
# The original answers with a picture for a user who has none; this is a plain grey disc.
_NO_PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'%3E"
    "%3Ccircle cx='5' cy='5' r='5' fill='gray'/%3E%3C/svg%3E"
)


def authenticate(call: Call, request: requests.Authenticate) -> contracts.AuthenticateResponse | None:
    """Log in (POST), tell who is logged in (GET) or log out (DELETE, or the provider ``logout``)."""
    provider = (request.provider or "").lower()
    if call.verb == "OPTIONS":
        return None
    if provider == "logout" or call.verb == "DELETE":
        return _log_out(call)
    if provider not in ("", "basic", *_CREDENTIALS):
        raise EvoError(404, "NotFound", f"No configuration was added for OAuth provider '{request.provider}'")
    if call.verb == "GET" and provider in _CREDENTIALS:
        raise EvoError(
            405, "NotSupportedException", "GET Authenticate requests are disabled: POST the user name and password"
        )
    if call.verb == "POST" and provider != "basic" and (provider or request.user_name or request.password):
        return _log_in(call, request)
    if call.user is None:
        raise NotLoggedIn
    return _response(call.user, next(iter(call.tokens), None))


def _log_in(call: Call, request: requests.Authenticate) -> contracts.AuthenticateResponse:
    missing = [name for name, value in (("UserName", request.user_name), ("Password", request.password)) if not value]
    if missing:
        fields = tuple(("NotEmpty", name, f"'{name}' must not be empty.") for name in missing)
        text = "".join(f"\n -- {message}" for _, _, message in fields)
        raise EvoError(400, "NotEmpty", f"Validation failed: {text}", fields=fields)
    user = identity.check_password(call.services, request.user_name or "", request.password or "")
    if user is None:
        raise EvoError(401, "Unauthorized", "Invalid Username or Password")
    _close_logins(call)
    token, cookies = identity.open_login(call.services, user, remember=request.remember_me, secure=call.secure)
    call.cookies.extend(cookies)
    return _response(user, token)


def _log_out(call: Call) -> contracts.AuthenticateResponse:
    _close_logins(call)
    call.cookies.extend(identity.closing_cookies(call.secure))
    return contracts.AuthenticateResponse()


def _close_logins(call: Call) -> None:
    """A new log-in gets fresh ids, a log-out leaves none: what came with the request opens nothing any more."""
    for token in call.tokens:
        call.services.directory.close_login(identity.REALM, token)


def _response(user: User, token: str | None) -> contracts.AuthenticateResponse:
    return contracts.AuthenticateResponse(
        user_id=user.id,
        session_id=token,
        user_name=user.name,
        display_name=user.display_name,
        profile_url=_NO_PICTURE,
        roles=evo_roles(user),
        permissions=(),
    )


def evo_roles(user: User) -> tuple[str, ...]:
    """Return the user's roles as this API knows them; a supervisor's is another API's."""
    return tuple(role for role in user.roles if role in ("User", *_MANAGERS, "Customer"))


def get_auth_status(call: Call, request: requests.GetAuthStatus) -> contracts.UserInfo:
    """Tell who is logged in; somebody who is not is told so, with 200."""
    user = call.user
    if user is None:
        return contracts.UserInfo()
    first, _, last = user.display_name.partition(" ")
    manages = any(role in _MANAGERS for role in user.roles)
    return contracts.UserInfo(
        id=user.id,
        is_authenticated=True,
        first_name=first or None,
        last_name=last or None,
        name=user.display_name,
        roles=evo_roles(user),
        account_ids=tuple(account.id for account in call.accounts),
        account_names=tuple(account.name for account in call.accounts),
        manager_access=enums.UserManagerAccess.READ_WRITE_DELETE if manages else None,
        dashboard_permissions=(enums.DashboardPermissions.VIEW_SESSIONS,) if manages else (),
    )
