"""Reading sessions: one, the live ones, pages of all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.core.errors import SessionNotFound
from app.core.phase import parked
from app.core.selection import Selection
from app.core.session import Session
from app.dialects.evo_voice import contracts, enums, mapping, requests
from app.dialects.evo_voice.call import Call
from app.dialects.evo_voice.errors import EvoError, argument, no_session
from app.dialects.evo_voice.shapes import shape_of

PER_PAGE = 25
_MOST_PER_PAGE = 1000
_MOST_IDS = 1000
_MOST_LOOKED_AT = 10_000  # each costs some tenths of a millisecond of the process's time
_PLAIN = re.compile(r"[ !#-\[\]-~]+")  # printable ASCII that JSON has no other way to write
_ID = re.compile("[0-9a-f]{24}")


def names_for(call: Call) -> mapping.Names:
    """Return the names that the login's accounts, users and lines have."""
    directory = call.services.directory
    ids = call.account_ids
    return mapping.Names(
        accounts={account.id: account.name for account in call.accounts},
        users={user.id: user.display_name for user in directory.users(ids)},
        lines={line.number: line.id for line in directory.lines(ids)},
    )


def session_of(call: Call, session_id: str | None) -> Session:
    """Return a session of the login's accounts. Raises EvoError 404 for one that does not exist, or is another account's."""
    if session_id is None or not _ID.fullmatch(session_id.lower()):
        raise no_session(session_id)
    try:
        session = call.services.control.session(session_id.lower())
    except SessionNotFound as unknown:
        raise no_session(session_id) from unknown
    if session.account_id not in call.account_ids:
        raise no_session(session_id)
    return session


def get_session(call: Call, request: requests.GetSession) -> contracts.SessionInfo:
    """Return one session, its log included (the original leaves the log out here)."""
    return mapping.session_info(session_of(call, request.session_id), names_for(call))


def get_active_sessions(call: Call, request: requests.GetActiveSessions) -> contracts.GetActiveSessionsResponse:
    """Return every live session of the login's accounts, those parked or without an agent too, oldest first."""
    names = names_for(call)
    live = [session for session in call.services.control.live_sessions(call.account_ids) if session.live]
    return contracts.GetActiveSessionsResponse(sessions=tuple(mapping.session_info(session, names) for session in live))


def get_my_sessions(call: Call, request: requests.GetMySessions) -> contracts.GetMySessionsResponse:
    """Return the live sessions in which the caller has a live leg (ringing counts), or which she has parked."""
    names, me = names_for(call), call.login.id
    live = call.services.control.live_sessions_of(me)
    mine = [
        session for session in live if session.live and session.account_id in names.accounts and _is_of(session, me)
    ]
    return contracts.GetMySessionsResponse(sessions=tuple(mapping.session_info(session, names) for session in mine))


def _is_of(session: Session, user_id: str) -> bool:
    if any(leg.live and leg.party.user_id == user_id for leg in session.legs):
        return True
    return parked(session) and session.hold is not None and session.hold.by == user_id


# --- lists ----------------------------------------------------------------------------------------------------------------


def list_sessions(call: Call, request: requests.ListSessions) -> contracts.SessionList:
    """Return a page of sessions, ended ones too, newest first unless asked otherwise.

    Raises EvoError: 403 for an account that is not the login's, 400 for a date or a sort field that is none.
    """
    names = names_for(call)
    foreign = set(request.account_ids) - set(names.accounts)
    if foreign:
        raise EvoError(403, "Forbidden", "No access to that account")
    per_page = min(request.count_per_page, _MOST_PER_PAGE) if request.count_per_page > 0 else PER_PAGE
    page = max(request.page, 0)
    window = _Window(call, list(request.account_ids) or list(names.accounts), request, names)
    keep, sort_key = _filter(request, names), _sort_key(request)
    if keep is None and sort_key is None and not request.all:
        sessions, total = window.page(page * per_page, per_page)
        items = tuple(mapping.session_info(session, names) for session in sessions)
    else:
        found = [
            info
            for info in (mapping.session_info(session, names) for session in window.everything())
            if keep is None or keep(info)
        ]
        if sort_key is not None:
            found.sort(key=sort_key, reverse=request.sort_order is enums.SortOrders.DESCEND)
        total = len(found)
        if request.all:
            page, per_page = 0, max(total, 1)
        items = tuple(found[page * per_page : (page + 1) * per_page])
    return mapping.session_list(items, total, page, per_page, totals=not request.simplified_paging)


class _Window:
    """The sessions that the store itself can select: by account, day of start and id, and by texts they must mention."""

    def __init__(
        self, call: Call, account_ids: list[str], request: requests.ListSessions, names: mapping.Names
    ) -> None:
        self._control = call.services.control
        if len(request.specific_ids) > _MOST_IDS:
            raise argument("SpecificIds", f"At most {_MOST_IDS} ids can be looked up at once")
        wanted = [one.lower() for one in request.specific_ids]
        by_date = (request.sort_field or "dateCreated").lower() == "datecreated"
        ascending = request.sort_order is enums.SortOrders.ASCEND or (
            request.sort_order is None and request.sort_field is not None
        )
        self._newest_first = not (by_date and ascending)
        self._wanted = Selection(
            account_ids=account_ids,
            started_from=_day(request.start_date, "StartDate", 0),
            started_to=_day(request.end_date, "EndDate", 1),
            ids=[one for one in wanted if _ID.fullmatch(one)] if wanted else None,
            mentioning=_mentioned(request, names),
        )

    def page(self, offset: int, limit: int) -> tuple[list[Session], int]:
        """Return some of them and how many there are."""
        return self._control.list_sessions(self._wanted, newest_first=self._newest_first, offset=offset, limit=limit)

    def everything(self) -> list[Session]:
        """Return all of them. Raises EvoError 400 if they are so many that looking at each would keep everybody else waiting."""
        found = self._control.first_sessions(self._wanted, newest_first=self._newest_first, most=_MOST_LOOKED_AT + 1)
        if len(found) > _MOST_LOOKED_AT:
            raise argument(
                "StartDate",
                f"More than {_MOST_LOOKED_AT} sessions would have to be looked at; ask for fewer days with StartDate and EndDate",
            )
        return found


def _mentioned(request: requests.ListSessions, names: mapping.Names) -> tuple[tuple[str, ...], ...]:
    """Return the texts that a session must mention somewhere to pass the filters. Left out are those that the store may write another
    way, such as quotes."""
    groups: list[tuple[str, ...]] = [
        (text,) for text in (request.from_, request.to, request.log) if text and _PLAIN.fullmatch(text)
    ]
    if request.endpoint_ids and all(_PLAIN.fullmatch(one) for one in request.endpoint_ids):
        # An endpoint is a user, by whose id she is stored, or a line, which is stored by its number.
        lines = [number for number, line_id in names.lines.items() if line_id in request.endpoint_ids]
        groups.append((*request.endpoint_ids, *lines))
    return tuple(groups)


def _day(text: str | None, field: str, days_later: int) -> float | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise argument(field, f"{field} must be a date like 2024-05-01", "FormatException")
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise argument(field, f"{field} is no day of the calendar", "FormatException") from None
    # In seconds: the day after the last that the calendar knows is none.
    return day.timestamp() + days_later * timedelta(days=1).total_seconds()


def _filter(request: requests.ListSessions, names: mapping.Names) -> Callable[[contracts.SessionInfo], bool] | None:
    """Return what a session must be beyond what the store selects, or None when nothing more is asked."""
    checks: list[Callable[[contracts.SessionInfo], bool]] = []
    if request.from_:
        checks.append(_contains("from_address", request.from_))
    if request.to:
        checks.append(_contains("to_address", request.to))
    if request.log:
        wanted_line = request.log.lower()
        checks.append(lambda info: any(wanted_line in (line.message or "").lower() for line in info.log))
    if request.endpoint_ids:
        endpoints = set(request.endpoint_ids)
        checks.append(
            lambda info: bool(
                endpoints & {info.endpoint_id, info.answered_by_id, *(m.endpoint_id for m in info.members)}
            )
        )
    if request.customer_ids or request.parent_session_id:
        checks.append(lambda info: False)  # our sessions belong to no customer record and have no children
    return (lambda info: all(check(info) for check in checks)) if checks else None


def _contains(attribute: str, part: str) -> Callable[[contracts.SessionInfo], bool]:
    return lambda info: part.lower() in (getattr(info, attribute) or "").lower()


def _sort_key(request: requests.ListSessions) -> Callable[[contracts.SessionInfo], str] | None:
    """Return how to sort by another member than the date of creation, which the store sorts by itself."""
    if not request.sort_field or request.sort_field.lower() == "datecreated":
        return None
    scalars = {
        m.json_name.lower(): m.attribute for m in shape_of(contracts.SessionInfo).declared if m.kind is not tuple
    }
    attribute = scalars.get(request.sort_field.lower())
    if attribute is None:
        raise argument("SortField", "SortField is no member that a list can be sorted by")
    return lambda info: str(getattr(info, attribute) or "")
