"""Queues: the ring queue in which a caller waits for the first agent, and the hold queue of a parked session."""

from flask import Blueprint, Response, request

from app.control.services import Services
from app.core import facts as f
from app.core.session import Place, Session
from app.webhooks.answers import document
from app.webhooks.sounds import farewell, hold_message, sound_of
from twiml import message, queue

_BOTH = ["GET", "POST"]
_NOT_QUEUED = ("queue-full", "error", "system-error")


def add_to(routes: Blueprint, services: Services) -> None:
    """Add the routes about queues."""
    control = services.control

    @routes.route("/sessions/<session_id>/queue", methods=_BOTH)
    def enqueue(session_id: str) -> Response:
        """The document that lets the customer wait in a queue."""
        session = control.session(session_id)
        return document(queue_document(session, services) if session.live else message.hang_up())

    @routes.route("/sessions/<session_id>/queue-wait", methods=_BOTH)
    def queue_wait(session_id: str) -> Response:
        """What is heard in the queue, looping. Being asked for it is how we learn that the customer is there."""
        session = control.session(session_id)
        customer, queue_sid = session.customer, request.values.get("QueueSid", "")
        if customer.place is not Place.QUEUE or customer.queue_sid != queue_sid:
            control.take_in(session_id, f.LegQueued(request.values.get("CallSid", ""), queue_sid))
        return document(message.looping(sound_of(hold_message(session, customer), control.addresses)))

    @routes.route("/sessions/<session_id>/dequeued", methods=_BOTH)
    def dequeued(session_id: str) -> Response:
        """The customer has left the queue."""
        call_sid, result = request.values.get("CallSid", ""), request.values.get("QueueResult", "")
        session = control.take_in(session_id, f.LegDequeued(call_sid, result)) or control.session(session_id)
        if result in _NOT_QUEUED and session.live:
            # The provider would not have them in the queue: told, not dropped.
            return document(message.farewell([farewell(session)]))
        return document(message.nothing())


def queue_document(session: Session, services: Services) -> str:
    """Return the document that puts the customer into the queue that fits: the ring queue until answered, then the session's own."""
    urls = services.control.addresses
    ringing = session.answered_at is None and session.route is not None and session.route.queue is not None
    name = session.route.queue if ringing and session.route is not None and session.route.queue else session.hold_queue
    return queue.wait(name=name, wait_url=urls.queue_wait(session.id), left_url=urls.dequeued(session.id))
