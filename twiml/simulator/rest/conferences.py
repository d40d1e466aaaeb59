"""Conferences: fetch, list, end, announce."""

from __future__ import annotations

from ..conferences import Conference
from .calls import in_period
from .errors import bad
from .paging import page_of
from .representations import base, show_conference
from .requests import Answer, RestRequest


def room_by_sid(request: RestRequest) -> Conference:
    """The conference whose SID is in the path; names are accepted elsewhere only."""
    room = request.platform.conferences.by_sid.get(request.keys["room"])
    if room is None:
        raise request.not_found()
    return room


def fetch(request: RestRequest) -> Answer:
    return 200, show_conference(room_by_sid(request))


def list_conferences(request: RestRequest) -> Answer:
    query = request.query
    status = query.choice("Status", ("init", "in-progress", "completed"), 20422)
    name = query.text("FriendlyName")
    rooms = [
        room
        for room in reversed(request.platform.conferences.by_sid.values())
        if (not status or room.status == status)
        and (not name or room.friendly_name == name)
        and in_period(request, "DateCreated", room.created)
        and in_period(request, "DateUpdated", room.updated)
    ]
    path = f"{base(request.platform.account)}/Conferences.json"
    return 200, page_of(rooms, query, path, "conferences", lambda room: room.sid, show_conference)


def update(request: RestRequest) -> Answer:
    """End a room or announce something to it; a name stands for the room that is active under it.

    A room that is over, or that nobody has joined yet, is refused with 400.
    """
    key, conferences = request.keys["room"], request.platform.conferences
    room = conferences.by_sid.get(key) or conferences.named(key)
    if room is None:
        raise request.not_found()
    form = request.form
    status = form.choice("Status", ("completed",), 20422)
    url, method = form.url("AnnounceUrl"), form.method("AnnounceMethod", "POST")
    if not room.active:
        raise bad(16022, "The conference is missing or completed.")
    if (status or url) and not room.participants:
        raise bad(16001, "The conference is not active.")
    if url is not None:
        room.announce(url, method)
    if status is not None:
        room.complete()
    return 200, show_conference(room)
