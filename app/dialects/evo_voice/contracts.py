"""What the Evo Voice API answers: its data contracts, members in their declared order (the order of JSON).

All moments are ISO 8601 in UTC with milliseconds and ``Z``; ids of sessions, users, accounts and endpoints are 24 hex digits. A
member that is None is left out of JSON and written as nil in XML; a list is never null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from app.dialects.evo_voice import enums
from app.dialects.evo_voice.shapes import SERVICESTACK_TYPES


@dataclass(frozen=True, kw_only=True)
class EntityInfo:
    """What everything that is kept has."""

    NAMESPACE: ClassVar[str] = "Voice.Api"

    id: str | None = None
    date_created: str | None = None
    date_last_modified: str | None = None
    created_by: str | None = None
    last_modified_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerBreadcrumb:
    """One step of the way from the root customer to a customer."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Customers"

    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class SessionLogInfo:
    """A line of a session's log."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    date: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class SessionMemberInfo:
    """Somebody on a session: one live leg."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    identity: str | None = None
    endpoint_id: str | None = None
    display_name: str | None = None
    is_original_member: bool = False
    avatar_url: str | None = None
    application_data: dict[str, str] = field(default_factory=dict)
    call_state: enums.SessionMemberCallState = enums.SessionMemberCallState.NONE
    role: enums.SessionMemberRoles = enums.SessionMemberRoles.NONE
    call_sid: str | None = None
    muted: bool = False


@dataclass(frozen=True, kw_only=True)
class SessionInfo(EntityInfo):
    """A session as Evo Voice clients see it."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    dial_state: enums.SessionDialState = enums.SessionDialState.NONE
    call_state: enums.SessionCallState = enums.SessionCallState.DISCONNECTED
    queue_state: enums.SessionQueueStates = enums.SessionQueueStates.NONE
    account_id: str | None = None
    account_name: str | None = None
    customer_id: str | None = None
    customer_breadcrumb: tuple[CustomerBreadcrumb, ...] = ()
    customer_name: str | None = None
    endpoint_id: str | None = None
    endpoint_name: str | None = None
    date_completed: str | None = None
    destination: str | None = None
    to_address: str | None = None
    from_address: str | None = None
    from_name: str | None = None
    answered_by_name: str | None = None
    queue_member_id: str | None = None
    channel: enums.FlowChannels = enums.FlowChannels.VOICE
    ended: bool = False
    outcome: str | None = None
    call_sid: str | None = None
    console_data: str | None = None
    hold_queue_name: str | None = None
    held_by_user_id: str | None = None
    hold_reason: enums.SessionHoldReasons = enums.SessionHoldReasons.NONE
    conference_sid: str | None = None
    display_name: str | None = None
    log: tuple[SessionLogInfo, ...] = ()
    members: tuple[SessionMemberInfo, ...] = ()
    callback_number: str | None = None
    answered_by_id: str | None = None
    direction: enums.SessionDirections = enums.SessionDirections.INCOMING
    from_phone_number: str | None = None
    most_recent_participant_call_sid: str | None = None
    was_missed: bool = False
    ring_queue_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class SessionList:
    """A page of sessions. Its XML name carries a digest of the item's namespace, as the data contract rules make it."""

    NAMESPACE: ClassVar[str] = "Voice.Api"
    WIRE_NAME: ClassVar[str] = "ListResponseOfSessionInfoBWxtuWQa"

    items: tuple[SessionInfo, ...] = ()
    total_count: int = 0
    total_pages: int = 0
    has_more_pages: bool = False


@dataclass(frozen=True, kw_only=True)
class GetActiveSessionsResponse:
    """Every live session of the login's accounts."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    sessions: tuple[SessionInfo, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GetMySessionsResponse:
    """The live sessions of the user who asks."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Sessions"

    sessions: tuple[SessionInfo, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResponseError:
    """What is wrong with one field. ``field_name`` is as the client wrote it, or the contract's own name."""

    NAMESPACE: ClassVar[str] = SERVICESTACK_TYPES
    IN_ORDER: ClassVar[bool] = True

    error_code: str | None = None
    field_name: str | None = None
    message: str | None = None
    meta: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class ResponseStatus:
    """What went wrong. ``stack_trace`` is never filled."""

    NAMESPACE: ClassVar[str] = SERVICESTACK_TYPES
    IN_ORDER: ClassVar[bool] = True

    error_code: str | None = None
    message: str | None = None
    stack_trace: str | None = None
    errors: tuple[ResponseError, ...] = ()
    meta: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class ErrorResponse:
    """The body of every error that has one."""

    NAMESPACE: ClassVar[str] = SERVICESTACK_TYPES
    IN_ORDER: ClassVar[bool] = True

    response_status: ResponseStatus = field(default_factory=ResponseStatus)


@dataclass(frozen=True, kw_only=True)
class AuthenticateResponse:
    """Who is logged in. ``session_id`` is the log-in's, never a telephone session's. After a logout every member is empty."""

    NAMESPACE: ClassVar[str] = SERVICESTACK_TYPES
    IN_ORDER: ClassVar[bool] = True

    user_id: str | None = None
    session_id: str | None = None
    user_name: str | None = None
    display_name: str | None = None
    referrer_url: str | None = None
    bearer_token: str | None = None
    refresh_token: str | None = None
    profile_url: str | None = None
    roles: tuple[str, ...] | None = None
    permissions: tuple[str, ...] | None = None
    response_status: ResponseStatus | None = None
    meta: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class UserInfo:
    """The login as ``/auth/status`` shows it; for somebody who is not logged in only the empty defaults."""

    NAMESPACE: ClassVar[str] = "Voice.Api.Authentication"

    id: str | None = None
    is_authenticated: bool = False
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    avatar_url: str | None = None
    email_address: str | None = None
    roles: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()
    account_names: tuple[str, ...] = ()
    manager_access: enums.UserManagerAccess | None = None
    dashboard_permissions: tuple[enums.DashboardPermissions, ...] = ()
