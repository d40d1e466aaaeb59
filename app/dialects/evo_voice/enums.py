"""The enumerations of the Evo Voice API. Members stand in the order of their ordinals: a client may send either name or number."""

from enum import StrEnum


class SessionDialState(StrEnum):
    """Whether somebody is being rung for the session."""

    NONE = "None"
    ACTIVE = "Active"


class SessionCallState(StrEnum):
    """How the customer's call stands. Beware: ordinal 0, a client's default, is Disconnected."""

    DISCONNECTED = "Disconnected"
    RINGING = "Ringing"
    CONNECTED = "Connected"
    HOLD = "Hold"
    PASSIVE = "Passive"


class SessionQueueStates(StrEnum):
    """How the session stands in its queue, if it is in one."""

    NONE = "None"
    QUEUED = "Queued"
    RINGING = "Ringing"
    CONNECTED = "Connected"
    HOLD = "Hold"
    DISCONNECTED = "Disconnected"


class SessionHoldReasons(StrEnum):
    """Why a session is held."""

    NONE = "None"
    TRANSFERRING = "Transferring"


class SessionMemberCallState(StrEnum):
    """How one member's leg stands."""

    NONE = "None"
    RINGING = "Ringing"
    CONNECTED = "Connected"
    HOLD = "Hold"


class SessionMemberRoles(StrEnum):
    """What a member is to the session."""

    NONE = "None"
    CALLER = "Caller"
    AGENT = "Agent"
    TRANSFER = "Transfer"


class SessionDirections(StrEnum):
    """Who called whom."""

    INCOMING = "Incoming"
    OUTGOING = "Outgoing"


class FlowChannels(StrEnum):
    """What carries a session; ours are all voice."""

    VOICE = "Voice"
    CHAT = "Chat"
    FAX = "Fax"


class SortOrders(StrEnum):
    """Which way a list is sorted."""

    ASCEND = "Ascend"
    DESCEND = "Descend"


class UserManagerAccess(StrEnum):
    """What a manager may do in the dashboard."""

    READ_ONLY = "ReadOnly"
    READ_WRITE = "ReadWrite"
    READ_WRITE_DELETE = "ReadWriteDelete"


class DashboardPermissions(StrEnum):
    """Pages of the dashboard that a user may open."""

    VIEW_FILES = "ViewFiles"
    VIEW_NOTIFICATIONS = "ViewNotifications"
    VIEW_SESSIONS = "ViewSessions"
    VIEW_ENDPOINTS = "ViewEndpoints"
    VIEW_REPORTS = "ViewReports"
    VIEW_CUSTOMERS = "ViewCustomers"
    VIEW_FLOWS = "ViewFlows"
    VIEW_CALL_CENTER = "ViewCallCenter"
