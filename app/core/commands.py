"""What a client asks for. ``by`` is the acting user's id (24 hex); None = a program's key, which acts as the session's current agent."""

from dataclasses import dataclass, field
from typing import Any

from app.core.session import HoldReason, Message, Party, Purpose


@dataclass(frozen=True)
class Hold:
    """Hold the customer, or, with ``aside`` in a conference, the acting agent herself while the others talk on."""

    by: str | None = None
    message: Message | None = None
    reason: HoldReason = HoldReason.NONE
    aside: bool = False


@dataclass(frozen=True)
class Retrieve:
    """End the hold: the customer (or, for an agent who set herself aside, she) talks again. Not while a consult lives."""

    by: str | None = None


@dataclass(frozen=True)
class StartConsult:
    """Hold the customer (unless held already) and ring a third party to talk with in private. ``held_only``: not unless held already."""

    to: Party
    caller: str
    by: str | None = None
    purpose: Purpose = Purpose.CONFERENCE
    hold_message: Message | None = None
    consult_message: Message | None = None
    user_data: dict[str, Any] = field(default_factory=dict)
    held_only: bool = False


@dataclass(frozen=True)
class CompleteConference:
    """Put customer, agent and third party together."""

    by: str | None = None


@dataclass(frozen=True)
class CompleteTransfer:
    """Give the customer to the third party and let the agent go. ``end_on_failure``: a party that never answers ends the call."""

    by: str | None = None
    end_on_failure: bool = False


@dataclass(frozen=True)
class EndConsult:
    """Give the consult up; with ``retrieve`` the customer is brought back at once."""

    by: str | None = None
    retrieve: bool = False


@dataclass(frozen=True)
class Swap:
    """Hold whom the agent talks to, talk to whom she holds."""

    by: str | None = None


@dataclass(frozen=True)
class SingleStepTransfer:
    """Give the customer to somebody who is still to be rung; the customer hears the hold message until then."""

    to: Party
    caller: str
    by: str | None = None
    user_data: dict[str, Any] = field(default_factory=dict)
    end_on_failure: bool = False


@dataclass(frozen=True)
class SingleStepConference:
    """Ring somebody who joins the talk on answering; nobody is held."""

    to: Party
    caller: str
    by: str | None = None
    user_data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoveParty:
    """Take one leg out of the conversation."""

    leg_id: str
    by: str | None = None


@dataclass(frozen=True)
class Leave:
    """The acting agent hangs up: in a conference she alone goes, otherwise the session ends; on a consult view the consult ends."""

    by: str


@dataclass(frozen=True)
class EndSession:
    """End the conversation for everybody."""

    by: str | None = None


@dataclass(frozen=True)
class Mute:
    """Mute one leg or unmute it."""

    leg_id: str
    muted: bool
    by: str | None = None


@dataclass(frozen=True)
class SendDigits:
    """Let the far side hear DTMF: ``digits`` of 0-9 A-D * #. ``view`` = the consult's call identity, to let the third party hear them.

    A far side that still rings hears them once it has answered.
    """

    digits: str
    by: str | None = None
    view: int = 0


@dataclass(frozen=True)
class Park:
    """Let the customer wait in the hold queue without an agent; every agent leg is released."""

    by: str | None = None
    message: Message | None = None


@dataclass(frozen=True)
class PickUp:
    """Ring an agent for a parked customer and join the two on answer."""

    agent: Party
    caller: str
    by: str | None = None


@dataclass(frozen=True)
class SetUserData:
    """Change the call's attached data: drop ``delete`` (or everything), then set ``values``."""

    values: dict[str, Any] = field(default_factory=dict)
    delete: tuple[str, ...] = ()
    delete_all: bool = False
    by: str | None = None
    view: int = 0  # a consult has data of its own


@dataclass(frozen=True)
class SetDisposition:
    """Note how the conversation came out: ``key`` in the attached data, and the session's outcome. Also after the end."""

    key: str
    value: str
    by: str | None = None
    view: int = 0


@dataclass(frozen=True)
class SetConsoleData:
    """Keep an opaque text of the operator's console with the session."""

    text: str
    by: str | None = None


@dataclass(frozen=True)
class SetHoldReason:
    """Change why the customer is held."""

    reason: HoldReason
    by: str | None = None


@dataclass(frozen=True)
class AddLog:
    """Append a line to the session's log."""

    text: str
    by: str | None = None


Command = (
    Hold
    | Retrieve
    | StartConsult
    | CompleteConference
    | CompleteTransfer
    | EndConsult
    | Swap
    | SingleStepTransfer
    | SingleStepConference
    | RemoveParty
    | Leave
    | EndSession
    | Mute
    | SendDigits
    | Park
    | PickUp
    | SetUserData
    | SetDisposition
    | SetConsoleData
    | SetHoldReason
    | AddLog
)
