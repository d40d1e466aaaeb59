# ruff: noqa: UP006, UP035, UP045 - this client reads type hints itself and knows only the older spellings
"""The published `servicestack` client with the request and response classes its users write for Evo Voice.

The classes follow the published operation pages, not our code: they are the other side's view of the wire.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, List, Optional

from dataclasses_json import LetterCase, Undefined, dataclass_json
from servicestack import IDelete, IGet, IPatch, IPost, IReturn, IReturnVoid, JsonServiceClient

wire = dataclass_json(letter_case=LetterCase.CAMEL, undefined=Undefined.EXCLUDE)  # type: ignore[call-overload]


class CallState(StrEnum):
    DISCONNECTED = "Disconnected"
    RINGING = "Ringing"
    CONNECTED = "Connected"
    HOLD = "Hold"
    PASSIVE = "Passive"


class HoldReasons(StrEnum):
    NONE = "None"
    TRANSFERRING = "Transferring"


@wire
@dataclass
class Member:
    identity: Optional[str] = None
    endpoint_id: Optional[str] = None
    call_state: Optional[str] = None
    role: Optional[str] = None
    call_sid: Optional[str] = None
    muted: bool = False


@wire
@dataclass
class LogLine:
    date: Optional[str] = None
    message: Optional[str] = None


@wire
@dataclass
class SessionInfo:
    id: Optional[str] = None
    call_state: Optional[CallState] = None
    dial_state: Optional[str] = None
    queue_state: Optional[str] = None
    call_sid: Optional[str] = None
    ended: bool = False
    was_missed: bool = False
    hold_queue_name: Optional[str] = None
    held_by_user_id: Optional[str] = None
    hold_reason: Optional[HoldReasons] = None
    conference_sid: Optional[str] = None
    console_data: Optional[str] = None
    most_recent_participant_call_sid: Optional[str] = None
    answered_by_id: Optional[str] = None
    from_address: Optional[str] = None
    from_name: Optional[str] = None
    display_name: Optional[str] = None
    to_address: Optional[str] = None
    log: List[LogLine] = field(default_factory=list)
    members: List[Member] = field(default_factory=list)


@wire
@dataclass
class SessionList:
    items: List[SessionInfo] = field(default_factory=list)
    total_count: int = 0


@wire
@dataclass
class Sessions:
    sessions: List[SessionInfo] = field(default_factory=list)


@wire
@dataclass
class AuthenticateResponse:
    user_id: Optional[str] = None
    user_name: Optional[str] = None
    roles: List[str] = field(default_factory=list)


@wire
@dataclass
class HoldSession(IReturn[SessionInfo], IPost):
    call_sid: Optional[str] = None
    session_id: Optional[str] = None
    reason: Optional[HoldReasons] = None


@wire
@dataclass
class GetSession(IReturn[SessionInfo], IGet):
    session_id: Optional[str] = None


@wire
@dataclass
class PatchSession(IReturn[SessionInfo], IPatch):
    session_id: Optional[str] = None
    console_data: Optional[str] = None
    call_state: Optional[CallState] = None
    queue_state: Optional[str] = None


@wire
@dataclass
class EndSession(IReturnVoid, IDelete):
    session_id: Optional[str] = None
    call_sid: Optional[str] = None


@wire
@dataclass
class AddConferenceMember(IReturn[SessionInfo], IPost):
    session_id: Optional[str] = None
    call_sid: Optional[str] = None
    destination: Optional[str] = None


@wire
@dataclass
class RedirectSession(IReturnVoid, IPost):
    session_id: Optional[str] = None
    destination: Optional[str] = None


@wire
@dataclass
class ListSessions(IReturn[SessionList], IGet):
    account_ids: Optional[List[str]] = None
    specific_ids: Optional[List[str]] = None
    page: Optional[int] = None


@wire
@dataclass
class GetMySessions(IReturn[Sessions], IGet):
    pass


@wire
@dataclass
class GetActiveSessions(IReturn[Sessions], IGet):
    pass


@wire
@dataclass
class Authenticate(IReturn[AuthenticateResponse], IPost):
    provider: Optional[str] = None
    user_name: Optional[str] = None
    password: Optional[str] = None
    remember_me: Optional[bool] = None


def client(url: str, name: str | None = "alice", *, predefined: bool = False, cookies: bool = False) -> Any:
    """The client, signed in as somebody by Basic credentials or by a log-in; ``predefined`` = ``/json/reply/`` instead of ``/api/``."""
    made = JsonServiceClient(url)
    made.headers["Connection"] = (
        "close"  # nobody closes this client, and a server waits for open connections when it stops
    )
    if predefined:
        made.set_base_path()
    if name is not None and cookies:
        made.post(Authenticate(provider="credentials", user_name=name, password="demo", remember_me=True))
    elif name is not None:
        made.set_credentials(name, "demo")
    return made
