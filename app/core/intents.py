"""What is to be asked of the provider: one intent is one request. They name legs by our own ids; CallSids are looked up when they run."""

from dataclasses import dataclass

from app.core.session import Move, Role, Session, Status


@dataclass(frozen=True)
class CreateLeg:
    """Dial a party into the session's conference, labelled with the leg's id."""

    leg_id: str


@dataclass(frozen=True)
class SetHold:
    """Hold a leg (it hears its hold document, hears and is heard by nobody) or release it. ``heard_by``: the id of the only leg that is
    to hear the released one."""

    leg_id: str
    held: bool
    heard_by: str | None = None


@dataclass(frozen=True)
class OpenUp:
    """Let everybody in the conference hear a leg that only one other has heard."""

    leg_id: str


@dataclass(frozen=True)
class SetMute:
    """Mute a leg or unmute it."""

    leg_id: str
    muted: bool


@dataclass(frozen=True)
class EndLeg:
    """Hang a leg up, in whatever state it is. ``call_sid``: not the leg's own call, but another that the provider made under its name."""

    leg_id: str
    call_sid: str | None = None


@dataclass(frozen=True)
class RemoveLeg:
    """Take a leg out of the conference; for a leg that we dialled that is its end."""

    leg_id: str


@dataclass(frozen=True)
class MoveLeg:
    """Send a leg to another document: its queue, the conference, or a last message and the end."""

    leg_id: str
    to: Move


@dataclass(frozen=True)
class Announce:
    """Let one leg hear something without moving it: DTMF ``digits``, or ``what`` = ``hold-reminder`` | ``greeting``."""

    leg_id: str
    digits: str = ""
    what: str = ""
    by: str | None = None  # the user whose digits these are, and the call identity she sent them on
    view: int = 0


Intent = CreateLeg | SetHold | OpenUp | SetMute | EndLeg | RemoveLeg | MoveLeg | Announce


def still_wanted(session: Session, intent: Intent) -> bool:
    """Return whether an intent still makes sense now that it is about to run: the world may have moved since it was written down."""
    leg = session.leg(intent.leg_id)
    if isinstance(intent, CreateLeg):
        # Never dial for a conversation that is over. A customer's own leg is dialled only at the session's start.
        return session.live and leg.status is Status.PLANNED and not leg.ending
    if isinstance(intent, EndLeg | RemoveLeg):
        return leg.live or (isinstance(intent, EndLeg) and intent.call_sid is not None)
    if isinstance(intent, SetHold):
        return leg.live and leg.held is not intent.held and (session.live or leg.role is not Role.CUSTOMER)
    if isinstance(intent, MoveLeg):
        return leg.live and leg.move is intent.to
    return leg.live
