"""What our messages sound like: the values of ``twiml.message`` for the messages of a session, and the sentences we say ourselves."""

from app.control.addresses import Addresses
from app.core.session import Leg, Message, Session
from twiml.message import Played, Sound, Spoken

DEFAULT_MELODY = "dialing_music"
NOT_IN_SERVICE = Spoken("The number you have dialled is not in service. Goodbye.")
NOBODY_ANSWERED = Spoken("We are sorry, nobody can take your call at the moment. Please call again later. Goodbye.")
KEPT_WAITING = Spoken(
    "We are sorry to have kept you waiting. Nobody can take your call at the moment. Please call again. Goodbye."
)
HOLD_REMINDER = Spoken("A caller is still on hold for you.")


def sound_of(message: Message | None, addresses: Addresses) -> Sound:
    """Return what a message sounds like; None = the default melody."""
    if message is None:
        return Played(addresses.media(DEFAULT_MELODY))
    return Spoken(message.value) if message.kind == "tts" else Played(addresses.media(message.value))


def hold_message(session: Session, leg: Leg) -> Message | None:
    """Return the message a held leg hears: the customer's is that of the hold, which may be ordered and not yet true."""
    if leg.n != 0:
        return None
    hold = session.hold or session.hold_order
    return hold.message if hold is not None else None


def farewell(session: Session) -> Sound:
    """Return the last thing a customer hears from us."""
    return NOBODY_ANSWERED if session.answered_at is None else KEPT_WAITING
