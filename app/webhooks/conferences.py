"""The conference that carries a session's talk: its events, what is heard in it, and what follows when a caller is out of it."""

from flask import Blueprint, Response, request

from app.control.services import Services
from app.core import facts as f
from app.core.session import Session
from app.webhooks.answers import document, noted
from app.webhooks.callbacks import conference_event
from app.webhooks.sounds import KEPT_WAITING, hold_message, sound_of
from twiml import conference, message

_BOTH = ["GET", "POST"]
_OVER = ("completed", "busy", "no-answer", "failed", "canceled")
# A caller whom the conference let go though the session lives is put back; a room that will not have them is given up after this often.
_MOST_REJOINS = 3


def add_to(routes: Blueprint, services: Services) -> None:
    """Add the routes about conferences."""
    control = services.control

    @routes.route("/sessions/<session_id>/conference", methods=_BOTH)
    def event(session_id: str) -> Response:
        """Something happened in the conference. At-least-once and in any order: the fact carries the provider's number."""
        fact = conference_event(request.values)
        if fact is not None:
            control.take_in(session_id, fact)
        return noted()

    @routes.route("/sessions/<session_id>/wait", methods=_BOTH)
    def wait(session_id: str) -> Response:
        """What is heard before somebody else is there."""
        control.session(session_id)
        return document(message.looping(sound_of(None, control.addresses)))

    @routes.route("/sessions/<session_id>/legs/<leg_id>/hold", methods=_BOTH)
    def hold(session_id: str, leg_id: str) -> Response:
        """What a held leg hears, looping."""
        session = control.session(session_id)
        leg = session.find(None, leg_id)
        chosen = hold_message(session, leg) if leg is not None else None
        return document(message.looping(sound_of(chosen, control.addresses)))

    @routes.route("/sessions/<session_id>/join", methods=_BOTH)
    def join(session_id: str) -> Response:
        """The document that brings the customer from a queue into the conference."""
        session = control.session(session_id)
        return document(join_document(session, services) if session.live else message.hang_up())

    @routes.route("/sessions/<session_id>/left", methods=_BOTH)
    def left(session_id: str) -> Response:
        """The customer is out of the conference: gone, sent elsewhere by us, or let go by somebody, who is not to strand them."""
        call_sid, status = request.values.get("CallSid", ""), request.values.get("CallStatus", "")
        if status in _OVER:
            control.take_in(session_id, f.CallProgressed(call_sid, status))
            return document(message.nothing())
        session = control.session(session_id)
        if not session.live:
            return document(message.hang_up())
        if session.customer.move is not None:
            return document(message.nothing())
        after = control.take_in(session_id, f.LegAstray(call_sid, _stay())) or session
        if not after.live or after.customer.ending:
            return document(message.hang_up())
        if after.customer.rejoins > _MOST_REJOINS:
            return document(message.farewell([KEPT_WAITING]))
        return document(join_document(after, services))


def _stay() -> int:
    number = request.args.get("stay", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def join_document(session: Session, services: Services) -> str:
    """Return the document that puts the customer into the session's conference."""
    urls = services.control.addresses
    return conference.join(
        name=session.conference_name,
        label=session.customer.id,
        wait_url=urls.wait(session.id),
        events_url=urls.conference(session.id),
        left_url=urls.left(session.id, session.customer.rejoins),
    )
