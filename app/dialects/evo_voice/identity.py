"""Who asks: Basic credentials with every request, or the log-in's cookies. There are no API keys and no bearer tokens here.

A log-in is one token of ours. It travels as ``ss-id`` (until the browser closes, two weeks at most) or, when the user asked to be
remembered, as ``ss-pid`` (four weeks); ``ss-opt`` says which. Some clients replay the two and drop ``ss-opt``, so both are tried.
"""

from __future__ import annotations

import secrets

from flask import Request
from werkzeug.http import dump_cookie

from app.control.services import Services
from app.core.people import User
from app.dialects.evo_voice.errors import EvoError

REALM = "evo"
CHALLENGE = {"WWW-Authenticate": 'basic realm="/auth/basic"'}
_WEEK = 7 * 24 * 3600
_TEMPORARY_SECONDS = 2 * _WEEK
_PERMANENT_SECONDS = 4 * _WEEK
_FOREVER_SECONDS = 20 * 52 * _WEEK


def identify(request: Request, services: Services) -> User | None:
    """Return the user who asks, None for nobody. Raises EvoError 401 when Basic credentials came and are wrong."""
    credentials = request.authorization
    if credentials is not None and credentials.type == "basic" and credentials.username and credentials.password:
        user = check_password(services, credentials.username, credentials.password)
        if user is None:
            message = "Invalid Username or Password"
            raise EvoError(401, "Unauthorized", message, phrase=message, headers=CHALLENGE)
        return user
    logins = (services.directory.login(REALM, token) for token in tokens(request))
    return next((user for user in logins if user is not None), None)


def check_password(services: Services, name: str, password: str) -> User | None:
    """Return the user with this name and password. A NUL is in nobody's name, and no store takes one."""
    if "\0" in name or "\0" in password:
        return None
    return services.directory.check_password(name, password)


def tokens(request: Request) -> list[str]:
    """Return what may be log-in tokens among the request's cookies (or the headers of the same names), the likeliest first."""

    def one(name: str) -> str:
        return request.headers.get(f"X-{name}", "") or request.cookies.get(name, "")

    permanent_first = "perm" in one("ss-opt")
    names = ("ss-pid", "ss-id") if permanent_first else ("ss-id", "ss-pid")
    return [token for token in map(one, names) if token.isascii() and token.isalnum()]


def open_login(services: Services, user: User, *, remember: bool | None, secure: bool) -> tuple[str, list[str]]:
    """Open a log-in with fresh ids. Return its token and the ``Set-Cookie`` values that carry it."""
    seconds = _PERMANENT_SECONDS if remember else _TEMPORARY_SECONDS
    token = services.directory.open_login(REALM, user, seconds)
    temporary, permanent = (_idle_id(), token) if remember else (token, _idle_id())
    cookies = [_cookie("ss-id", temporary, None, secure), _cookie("ss-pid", permanent, _FOREVER_SECONDS, secure)]
    if remember is not None:
        cookies.append(_cookie("ss-opt", "perm" if remember else "temp", _FOREVER_SECONDS, secure))
    return token, [*cookies, _cookie("X-UAId", user.id, _FOREVER_SECONDS, secure)]


def closing_cookies(secure: bool) -> list[str]:
    """Return the ``Set-Cookie`` values that make a client forget its log-in."""
    return [_cookie(name, "", 0, secure) for name in ("ss-id", "ss-pid", "ss-opt", "X-UAId")]


def _idle_id() -> str:
    """Return an id that opens nothing: clients expect both cookies, whichever of them counts."""
    return secrets.token_hex(10)


def _cookie(name: str, value: str, max_age: int | None, secure: bool) -> str:
    # No Expires beside Max-Age: a published client splits Set-Cookie at every comma, and a date has one.
    return dump_cookie(
        name, value, max_age=max_age, path="/", httponly=True, samesite="Lax", secure=secure, sync_expires=False
    )
