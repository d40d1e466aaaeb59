"""What Evo Voice clients ask: the request contracts, members in their declared order. Every member may be left out.

``session_id`` is the telephone session's id (24 hex), ``call_sid`` the leg on the asking user's own device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from app.dialects.evo_voice import enums
from app.dialects.evo_voice.shapes import SERVICESTACK_TYPES


@dataclass(frozen=True, kw_only=True)
class HoldSession:
    """Hold a session."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    call_sid: str | None = None
    session_id: str | None = None
    reason: enums.SessionHoldReasons = enums.SessionHoldReasons.NONE


@dataclass(frozen=True, kw_only=True)
class EndSession:
    """End a session, or with ``call_sid`` drop one leg while at least two others remain."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    session_id: str | None = None
    call_sid: str | None = None


@dataclass(frozen=True, kw_only=True)
class RedirectSession:
    """Send a session to another destination without talking to it first."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    session_id: str | None = None
    destination: str | None = None
    caller_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListRequest:
    """What every list takes. ``page`` counts from 0."""

    NAMESPACE: ClassVar[str] = "Voice.Api"

    page: int = 0
    all: bool = False
    count_per_page: int = 0
    specific_ids: tuple[str, ...] = ()
    sort_field: str | None = None
    sort_order: enums.SortOrders | None = None
    simplified_paging: bool = False


@dataclass(frozen=True, kw_only=True)
class ListSessions(ListRequest):
    """List sessions, ended ones too. ``start_date`` and ``end_date`` are ``YYYY-MM-DD``, both inclusive, in UTC."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    account_ids: tuple[str, ...] = ()
    search_archive: bool = False
    start_date: str | None = None
    end_date: str | None = None
    customer_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    from_: str | None = None
    to: str | None = None
    log: str | None = None
    parent_session_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetSession:
    """Look one session up."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    session_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class PatchSession:
    """Change a session; what is left out stays as it is."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    session_id: str | None = None
    console_data: str | None = None
    call_state: enums.SessionCallState | None = None
    hold_reason: enums.SessionHoldReasons | None = None
    queue_state: enums.SessionQueueStates | None = None


@dataclass(frozen=True, kw_only=True)
class GetMySessions:
    """List the caller's own live sessions."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"


@dataclass(frozen=True, kw_only=True)
class GetActiveSessions:
    """List every live session of the caller's accounts."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"


@dataclass(frozen=True, kw_only=True)
class AddConferenceMember:
    """Bring somebody in: into the talk at once, or, while the customer is held, to consult first."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    session_id: str | None = None
    call_sid: str | None = None
    destination: str | None = None
    from_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class Authenticate:
    """Log in, ask who is logged in, or log out. The members of other log-in methods are not read."""

    NAMESPACE: ClassVar[str] = SERVICESTACK_TYPES
    IN_ORDER: ClassVar[bool] = True

    provider: str | None = field(default=None, metadata={"name": "provider"})
    user_name: str | None = None
    password: str | None = None
    remember_me: bool | None = None


@dataclass(frozen=True, kw_only=True)
class GetAuthStatus:
    """Ask who is logged in; open to everybody."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Authentication"
