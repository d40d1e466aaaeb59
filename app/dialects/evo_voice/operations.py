"""What is served: each operation's contract, routes, verbs and roles; and which of them a path and verb mean.

Every operation is reachable by its own routes (path literals in any case, empty segments dropped, ``.json`` or ``.xml`` as a suffix)
and by name on the predefined ones: ``/json/reply/HoldSession`` (also xml, jsv, csv; ``oneway`` answers nothing) and
``/api/HoldSession``, each also with ``[]`` for a batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.dialects.evo_voice import authentication, changes, queries, requests
from app.dialects.evo_voice.call import Call
from app.dialects.evo_voice.errors import EvoError, Unmatched
from app.dialects.evo_voice.formats import FORMATS

USER = ("User",)


@dataclass(frozen=True)
class Operation:
    """One operation. ``public``: nobody need be logged in. ``roles``: the login must have at least one of them (none listed: any)."""

    contract: type
    handler: Callable[[Call, Any], Any]
    routes: tuple[tuple[str, str], ...]
    roles: tuple[str, ...] = ()
    public: bool = False

    @property
    def name(self) -> str:
        """The operation's name on the predefined routes."""
        return self.contract.__name__

    @property
    def reads(self) -> bool:
        """True if the operation changes nothing, under whatever verb it is asked for."""
        return self.verbs == {"GET"}

    @property
    def verbs(self) -> frozenset[str]:
        """The verbs under which the operation has a route."""
        return frozenset(verb for verb, _ in self.routes)


def _auth_routes() -> tuple[tuple[str, str], ...]:
    return tuple(
        (verb, path) for verb in ("GET", "POST", "DELETE", "OPTIONS") for path in ("/auth", "/auth/{provider}")
    )


OPERATIONS = (
    Operation(requests.HoldSession, changes.hold_session, (("POST", "/sessions/{sessionId}/hold"),), USER),
    Operation(requests.EndSession, changes.end_session, (("DELETE", "/sessions/{sessionId}"),), USER),
    Operation(requests.RedirectSession, changes.redirect_session, (("POST", "/sessions/{sessionId}/redirect"),), USER),
    Operation(requests.ListSessions, queries.list_sessions, (("GET", "/sessions"),)),
    Operation(requests.GetMySessions, queries.get_my_sessions, (("GET", "/sessions/my"),), USER),
    Operation(requests.GetActiveSessions, queries.get_active_sessions, (("GET", "/sessions/active"),), USER),
    Operation(requests.GetSession, queries.get_session, (("GET", "/sessions/{sessionId}"),)),
    Operation(requests.PatchSession, changes.patch_session, (("PATCH", "/sessions/{sessionId}"),)),
    Operation(
        requests.AddConferenceMember,
        changes.add_conference_member,
        (("POST", "/sessions/{sessionId}/conference/members"),),
    ),
    Operation(requests.GetAuthStatus, authentication.get_auth_status, (("GET", "/auth/status"),), public=True),
    Operation(requests.Authenticate, authentication.authenticate, _auth_routes(), public=True),
)
_BY_NAME = {operation.name.lower(): operation for operation in OPERATIONS}


@dataclass(frozen=True)
class Target:
    """What a request means. ``format``: the one its path forces. ``body``: the one its body is in whatever the headers say."""

    operation: Operation
    values: dict[str, str] = field(default_factory=dict)
    format: str | None = None
    body: str | None = None
    predefined: bool = False
    batch: bool = False
    oneway: bool = False


def forced_format(path: str) -> str | None:
    """Return the format that a path asks for, by its first segment or its suffix, whether or not it leads anywhere."""
    segments = _segments(path)
    if not segments:
        return None
    if segments[0].lower() in FORMATS:
        return segments[0].lower()
    suffix = _suffix(segments[-1])[1]
    return suffix or ("json" if segments[0].lower() == "api" else None)


def resolve(path: str, verb: str) -> Target:
    """Return what a path and verb mean.

    Raises Unmatched where there is no such route; EvoError 405 for an operation that does not exist, or not with this verb, on the
    predefined routes.
    """
    segments = _segments(path)
    head = segments[0].lower() if segments else ""
    if (
        head in FORMATS
        and len(segments) == 3
        and segments[1].lower() in ("reply", "oneway", "syncreply", "asynconeway")
    ):
        return _predefined(segments[2], verb, head, head, oneway="oneway" in segments[1].lower())
    if head == "api" and len(segments) == 2:
        name, suffix = _suffix(segments[1])
        return _predefined(name, verb, suffix or "json", "json")
    if segments:
        last, suffix = _suffix(segments[-1])
        target = _route([*segments[:-1], last], verb)
        if target is not None:
            operation, values = target
            return Target(operation, values, format=suffix)
    raise Unmatched


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _suffix(segment: str) -> tuple[str, str | None]:
    """Split a format's suffix off: ``hold.xml``. Any other dot belongs to the segment."""
    stem, dot, tail = segment.rpartition(".")
    return (stem, tail.lower()) if dot and stem and tail.lower() in FORMATS else (segment, None)


def _predefined(name: str, verb: str, chosen: str, body: str, oneway: bool = False) -> Target:
    batch = name.endswith("[]")
    operation = _BY_NAME.get(name.removesuffix("[]").lower())
    if operation is None:
        shown = name.removesuffix("[]")
        raise EvoError(405, "NotImplementedException", f"The operation '{shown}' does not exist for this service")
    if not batch and verb not in operation.verbs:
        raise EvoError(405, "NotImplementedException", f"{operation.name} cannot be called with {verb}")
    return Target(operation, format=chosen, body=body, predefined=True, batch=batch, oneway=oneway)


def _route(segments: list[str], verb: str) -> tuple[Operation, dict[str, str]] | None:
    """Find the operation; one whose path is all literals comes before one with a variable."""
    found = []
    for operation in OPERATIONS:
        for route_verb, route in operation.routes:
            values = _values(_segments(route), segments) if route_verb == verb else None
            if values is not None:
                found.append((len(values), operation, values))
    if not found:
        return None
    _, operation, values = min(found, key=lambda one: one[0])
    return operation, values


def _values(route: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(route) != len(segments):
        return None
    values = {}
    for pattern, segment in zip(route, segments, strict=True):
        if pattern.startswith("{"):
            values[pattern[1:-1]] = segment
        elif pattern.lower() != segment.lower():
            return None
    return values
