"""Who sends a request: an HTTP session's cookie, or Basic credentials that open one. The same for REST and for Bayeux."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from werkzeug.datastructures import Authorization
from werkzeug.http import parse_cookie

from app.core.people import User

if TYPE_CHECKING:
    from app.control.services import Services

REALM = "workspace"
COOKIE = "JSESSIONID"
CSRF_HEADER = "X-CSRF-TOKEN"
SESSION_SECONDS = 24 * 3600.0  # longer than any shift

Identity = TypeVar("Identity")


class Logins(Protocol):
    """What of ``app.control`` is needed to know people."""

    def check_password(self, name: str, password: str) -> User | None:
        """Return the user whose name and password these are."""

    def login(self, realm: str, token: str) -> User | None:
        """Return whose open log-in a token is."""


@dataclass(frozen=True)
class Caller:
    """An authenticated user. ``token`` is her HTTP session's; None when Basic credentials came without a session."""

    user: User
    token: str | None


def caller(logins: Logins, headers: Mapping[str, str]) -> Caller | None:
    """Return who sends a request with these headers (by lower-case name), or None.

    A session's cookie is enough by itself. Basic credentials are looked at when there is no living session, or when they name somebody
    else than the session's user: then it is she who is meant.
    """
    token = parse_cookie(headers.get("cookie", "")).get(COOKIE)
    user = logins.login(REALM, token) if token else None
    credentials = _basic(headers.get("authorization", ""))
    if user is not None and (credentials is None or credentials[0] == user.name):
        return Caller(user, token)
    if credentials is None:
        return None
    user = logins.check_password(*credentials)
    return Caller(user, None) if user is not None else None


def _basic(header: str) -> tuple[str, str] | None:
    credentials = Authorization.from_header(header)
    if credentials is None or credentials.type != "basic" or not credentials.username:
        return None
    name, password = credentials.username, credentials.password or ""
    # No name or password of ours holds a NUL, and not every store can be asked for one.
    return None if "\0" in name + password else (name, password)


def authenticator(
    services: Services, identity: Callable[[str, str], Identity]
) -> Callable[[Mapping[str, str]], Identity | None]:
    """Return the function by which the notification server knows who is calling; it takes headers by lower-case name and blocks.

    What it returns is made by ``identity`` of the user's id and the name of the log-in: a digest, never the token; "" for Basic
    credentials without a session.
    """

    def authenticate(headers: Mapping[str, str]) -> Identity | None:
        found = caller(services.directory, headers)
        if found is None:
            return None
        return identity(found.user.id, login_name(found.token) if found.token is not None else "")

    return authenticate


def login_name(token: str) -> str:
    """Return the public name of a log-in: a digest (64 hex) from which its token cannot be had."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_token(token: str) -> str:
    """Return the CSRF token (UUID) of an HTTP session: derived from its secret, so it lives exactly as long."""
    return str(uuid.UUID(bytes=hashlib.sha256(b"csrf:" + token.encode("utf-8", "surrogatepass")).digest()[:16]))
