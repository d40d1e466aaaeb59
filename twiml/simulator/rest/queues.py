"""Queues and their members."""

from __future__ import annotations

from ..interpreter.runner import Source
from ..queues import DEFAULT_SIZE, MAX_NAME, MAX_SIZE, Member, Queue
from .calls import redirect
from .errors import RestError, bad
from .paging import page_of
from .representations import base, show_member, show_queue
from .requests import Answer, RestRequest


def _find(request: RestRequest) -> Queue:
    queue = request.platform.queues.by_sid.get(request.keys["queue"])
    if queue is None:
        raise request.not_found()
    return queue


def _name(request: RestRequest) -> str:
    name = request.form.text("FriendlyName") or ""
    if not 0 < len(name) <= MAX_NAME:
        raise bad(20002, f"FriendlyName must have 1 to {MAX_NAME} characters.")
    return name


def _check_free(request: RestRequest, name: str, but_for: Queue | None = None) -> None:
    other = request.platform.queues.named(name)
    if other is not None and other is not but_for:
        raise bad(22003, f"Queue {name!r} already exists.")


def create(request: RestRequest) -> Answer:
    name = _name(request)
    size = request.form.number("MaxSize", DEFAULT_SIZE, 1, MAX_SIZE, 22002)
    _check_free(request, name)
    return 201, show_queue(request.platform.queues.open(name, size))


def list_queues(request: RestRequest) -> Answer:
    queues = list(reversed(request.platform.queues.by_sid.values()))
    path = f"{base(request.platform.account)}/Queues.json"
    return 200, page_of(queues, request.query, path, "queues", lambda queue: queue.sid, show_queue)


def fetch(request: RestRequest) -> Answer:
    return 200, show_queue(_find(request))


def update(request: RestRequest) -> Answer:
    queue = _find(request)
    name = _name(request) if "FriendlyName" in request.form else queue.friendly_name
    size = request.form.number("MaxSize", queue.max_size, 1, MAX_SIZE, 22002)
    _check_free(request, name, queue)
    queue.friendly_name, queue.max_size, queue.updated = name, size, request.platform.clock.now()
    return 200, show_queue(queue)


def delete(request: RestRequest) -> Answer:
    """Only an empty queue can be deleted."""
    queue = _find(request)
    if queue.members:
        raise RestError(409, 20409, "The queue is not empty.")
    del request.platform.queues.by_sid[queue.sid]
    return 204, None


def _member(request: RestRequest) -> Member:
    """A waiting member by Call SID or ``Front``. Who has left, or was fetched by somebody else, is not found."""
    member = _find(request).find(request.keys["call"])
    if member is None:
        raise request.not_found()
    return member


def list_members(request: RestRequest) -> Answer:
    queue = _find(request)
    path = f"{base(request.platform.account)}/Queues/{queue.sid}/Members.json"

    def show(member: Member) -> dict[str, object]:
        return show_member(member, queue.position(member))

    return 200, page_of(queue.members, request.query, path, "queue_members", lambda member: member.call.sid, show)


def fetch_member(request: RestRequest) -> Answer:
    member = _member(request)
    return 200, show_member(member, member.queue.position(member))


def dequeue(request: RestRequest) -> Answer:
    """Take a member out of the queue and let it run other TwiML: exactly one of two requests for it succeeds."""
    url = request.form.url("Url")
    if url is None:
        raise bad(21205, "Url parameter is required.")
    method = request.form.method("Method", "POST")
    member = _member(request)
    answer = show_member(member, member.queue.position(member))
    redirect(member.call, Source(url, method))
    return 200, answer
