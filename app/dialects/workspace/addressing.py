"""Which call a request means, and whether it is the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.errors import SessionNotFound
from app.core.ids import call_uuid, parse_call_uuid
from app.core.people import User
from app.core.session import Leg, Session
from app.core.views import CallView, views_of


class Sessions(Protocol):
    """What of ``app.control`` is needed to find calls."""

    def session_by_number(self, number: int) -> Session:
        """Return the session; raises SessionNotFound."""

    def live_sessions_of(self, user_id: str) -> list[Session]:
        """Return the open sessions in which a user has a leg."""


@dataclass(frozen=True)
class Addressed:
    """A call of one user's. ``view`` is None once it is released; ``views`` are all her live calls of the session, by index."""

    user: User
    session: Session
    index: int
    view: CallView | None
    views: Mapping[int, CallView]

    @property
    def call_uuid(self) -> str:
        """The call's own id."""
        return call_uuid(self.session.number, self.index)

    @property
    def other(self) -> CallView | None:
        """The other call of a pair: of a consult its original, of an original its consult; None without a consult."""
        if self.view is None:
            return None
        if self.view.parent is not None:
            return self.views.get(self.view.parent)
        return next((view for view in self.views.values() if view.parent == self.index), None)

    @property
    def leg(self) -> Leg:
        """The user's own live leg behind the call. Raises SessionNotFound when she is on it no more."""
        for leg in self.session.legs:
            if leg.party.user_id == self.user.id and leg.live and leg.view == self._leg_index:
                return leg
        raise SessionNotFound

    @property
    def _leg_index(self) -> int:
        return self.view.parent if self.view is not None and self.view.parent is not None else self.index


def find(sessions: Sessions, user: User, call_id: str) -> Addressed:
    """Return the user's call with this callUuid, live or released. Raises SessionNotFound for one that is, or was, not hers."""
    identity = parse_call_uuid(call_id)
    if identity is None:
        raise SessionNotFound
    number, index = identity
    session = sessions.session_by_number(number)
    views = {at: view for (owner, at), view in views_of(session).items() if owner == user.id}
    view = views.get(index)
    if view is None and not _had(session, user, index):
        raise SessionNotFound
    return Addressed(user, session, index, view, views)


def live_calls(sessions: Sessions, user: User) -> Sequence[CallView]:
    """Return all calls that a user has now, oldest first."""
    views = [
        view
        for session in sessions.live_sessions_of(user.id)
        for view in views_of(session).values()
        if view.user_id == user.id
    ]
    return sorted(views, key=lambda view: (view.since, view.call_uuid))


def _had(session: Session, user: User, index: int) -> bool:
    """Return whether the call was once the user's: under her own leg's identity, or as a consult started while she was on the call.

    Who of several agents started an old consult is not kept, so each who was on the call before it counts.
    """
    mine = [leg for leg in session.legs if leg.party.user_id == user.id]
    if any(leg.view == index for leg in mine):
        return True
    consulted = [leg for leg in session.legs if leg.via_consult and leg.view == index]
    return any(leg.n < third.n and leg.answered_at is not None for leg in mine for third in consulted)
