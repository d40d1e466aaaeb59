"""Which handler answers which path and method."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from ..identifiers import API_VERSION
from . import calls, conferences, participants, queues, recordings, records, settings
from .requests import Handler


class Route(NamedTuple):
    pattern: re.Pattern[str]
    methods: dict[str, Handler]


def _route(path: str, **methods: Handler) -> Route:
    """``{name}`` in ``path`` stands for one segment."""
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(path))
    return Route(re.compile(rf"{pattern}\.json"), methods)


ROUTES = (
    _route("", GET=records.fetch_account),
    _route("/Calls", GET=calls.list_calls, POST=calls.create),
    _route("/Calls/{call}", GET=calls.fetch, POST=calls.update, DELETE=calls.delete),
    _route("/Calls/{call}/Recordings", GET=recordings.list_recordings, POST=recordings.create),
    _route(
        "/Calls/{call}/Recordings/{recording}",
        GET=recordings.fetch,
        POST=recordings.update,
        DELETE=recordings.delete,
    ),
    _route("/Calls/{call}/Notifications", GET=records.list_notifications),
    _route("/Notifications", GET=records.list_notifications),
    _route("/Conferences", GET=conferences.list_conferences),
    _route("/Conferences/{room}", GET=conferences.fetch, POST=conferences.update),
    _route("/Conferences/{room}/Participants", GET=participants.list_participants, POST=participants.create),
    _route(
        "/Conferences/{room}/Participants/{participant}",
        GET=participants.fetch,
        POST=participants.update,
        DELETE=participants.delete,
    ),
    _route("/Conferences/{room}/Recordings", GET=recordings.list_recordings),
    _route(
        "/Conferences/{room}/Recordings/{recording}",
        GET=recordings.fetch,
        POST=recordings.update,
        DELETE=recordings.delete,
    ),
    _route("/Queues", GET=queues.list_queues, POST=queues.create),
    _route("/Queues/{queue}", GET=queues.fetch, POST=queues.update, DELETE=queues.delete),
    _route("/Queues/{queue}/Members", GET=queues.list_members),
    _route("/Queues/{queue}/Members/{call}", GET=queues.fetch_member, POST=queues.dequeue),
    _route("/IncomingPhoneNumbers", GET=settings.list_numbers, POST=settings.create_number),
    _route(
        "/IncomingPhoneNumbers/{number}",
        GET=settings.fetch_number,
        POST=settings.update_number,
        DELETE=settings.delete_number,
    ),
    _route("/Applications", GET=settings.list_applications, POST=settings.create_application),
    _route(
        "/Applications/{application}",
        GET=settings.fetch_application,
        POST=settings.update_application,
        DELETE=settings.delete_application,
    ),
)


def find_route(raw_path: str, account_sid: str) -> tuple[Route, dict[str, str]] | None:
    """The route of an escaped path below the account, with the path's variable parts unescaped."""
    prefix = f"/{API_VERSION}/Accounts/{account_sid}"
    if not raw_path.startswith(prefix):
        return None
    for route in ROUTES:
        match = route.pattern.fullmatch(raw_path, len(prefix))
        if match is not None:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    return None
