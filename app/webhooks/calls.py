"""Calls to our lines, the progress of legs we dialled, and the last message."""

from flask import Blueprint, Response, request

from app.control.services import Services
from app.core import facts as f
from app.core.session import Session
from app.webhooks import callbacks
from app.webhooks.answers import document, noted
from app.webhooks.conferences import join_document
from app.webhooks.queues import queue_document
from app.webhooks.sounds import HOLD_REMINDER, NOT_IN_SERVICE, farewell, sound_of
from twiml import message

_BOTH = ["GET", "POST"]


def add_to(routes: Blueprint, services: Services) -> None:
    """Add the routes about calls."""
    control, directory = services.control, services.directory

    @routes.route("/voice", methods=_BOTH)
    def voice() -> Response:
        """A call to one of our lines. Asked again for the same call it gives the same document and rings nobody twice."""
        call_sid, called = request.values.get("CallSid", ""), request.values.get("To", "")
        line = directory.line(called)
        if line is None or not call_sid:
            return document(message.farewell([NOT_IN_SERVICE]))
        queue, candidates = directory.candidates(line)
        session = control.open_inbound(
            call_sid=call_sid,
            account_id=line.account_id,
            line=line.number,
            caller=directory.caller(request.values.get("From", ""), request.values.get("CallerName", "")),
            queue=queue,
            candidates=candidates,
        )
        return document(first_document(session, services))

    @routes.route("/status", methods=_BOTH)
    def status() -> Response:
        """The end of a call to one of our lines. It may come before the call itself has been taken in."""
        call_sid = request.values.get("CallSid", "")
        control.take_in_by_call(call_sid, f.CallProgressed(call_sid, request.values.get("CallStatus", "")))
        return noted()

    @routes.route("/sessions/<session_id>/legs/<leg_id>/progress", methods=_BOTH)
    def progress(session_id: str, leg_id: str) -> Response:
        """How a leg that we dialled gets on."""
        control.take_in(session_id, callbacks.progress(leg_id, request.values))
        return noted()

    @routes.route("/sessions/<session_id>/farewell", methods=_BOTH)
    def last_message(session_id: str) -> Response:
        """The last thing the customer hears; then the call ends."""
        return document(message.farewell([farewell(control.session(session_id))]))

    @routes.route("/sessions/<session_id>/legs/<leg_id>/greeting", methods=_BOTH)
    def greeting(session_id: str, leg_id: str) -> Response:
        """What somebody who was dialled hears first."""
        leg = control.session(session_id).find(None, leg_id)
        if leg is None or leg.greeting is None:
            return document(message.nothing())
        return document(message.once([sound_of(leg.greeting, control.addresses)]))

    @routes.route("/sessions/<session_id>/announcements/<what>", methods=_BOTH)
    def announcement(session_id: str, what: str) -> Response:
        """What one leg alone is to hear."""
        control.session(session_id)
        if what == "digits":
            return document(message.digits(request.args.get("digits", "")))
        return document(message.once([HOLD_REMINDER]))


def first_document(session: Session, services: Services) -> str:
    """Return what a caller's call does first: wait in the ring queue, or in the conference."""
    if not session.live:
        return message.hang_up()
    if session.route is not None and not session.route.candidates and session.route.queue is None:
        return message.farewell([farewell(session)])
    if session.route is not None and session.route.queue is not None:
        return queue_document(session, services)
    return join_document(session, services)
