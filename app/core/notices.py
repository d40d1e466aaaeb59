"""What agents are told: the difference between what they saw before a change and what they see after it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.session import Session
from app.core.values import changed as with_changes
from app.core.views import CallView, views_of

STATUS = "StatusChange"
PARTICIPANTS = "ParticipantsUpdated"
DATA = "AttachedDataChanged"
DTMF = "DtmfSent"
ERROR = "Error"
REMINDER = "HoldReminder"


@dataclass(frozen=True)
class Notice:
    """One thing to tell one agent: ``kind`` is one of the names above, ``view`` the whole call as it is now."""

    user_id: str
    kind: str
    view: CallView
    text: str = ""


def between(before: Session, after: Session, now: float) -> tuple[Notice, ...]:
    """Return what the agents of a session are to be told of a change, in order, each agent's own.

    A call that has gone from sight is Released. Of an agent whose own call goes, the original comes before the consult; otherwise the
    consult's end comes before what becomes of the original. Changed capabilities alone are not told, a GET shows them; but when a consult
    is over its agent is told what her original offers again, unless that is what she heard last.
    """
    if before is after:
        return ()
    old, new = views_of(before), views_of(after)
    released = [key for key in old if key not in new]
    kinds = {key: _kind(old.get(key), new[key]) for key in new}
    original = _offering_again(before, after, new)
    if original is not None and kinds[original] is None:
        kinds[original] = STATUS
    # An original has the lower index, so of an agent who loses both it goes first.
    notices = [Notice(key[0], STATUS, gone(old[key], now)) for key in sorted(released, key=lambda key: key[1])]
    for key, kind in sorted(kinds.items(), key=lambda item: item[0][1]):
        if kind is not None:
            notices.append(Notice(key[0], kind, new[key]))
    return tuple(notices)


def remember(session: Session, notices: Iterable[Notice]) -> Session:
    """Return the session with a note of what the agent who consults has now heard that her original offers, for the consult's end."""
    consult = session.consult
    if consult is None:
        return session
    by = session.leg(consult.by_leg_id)
    told = consult.told
    for notice in notices:
        if (notice.user_id, notice.view.index) == (by.party.user_id, by.view):
            told = notice.view.capabilities
    return session if told == consult.told else with_changes(session, consult=replace(consult, told=told))


def _offering_again(before: Session, after: Session, new: dict[tuple[str, int], CallView]) -> tuple[str, int] | None:
    """Return the original of a consult that is over now, if it offers something else than its agent heard last."""
    consult = before.consult
    if consult is None or consult.told is None or after.consult is not None:
        return None
    by = before.leg(consult.by_leg_id)
    key = (by.party.user_id or "", by.view)
    return key if key in new and new[key].capabilities != consult.told else None


def gone(view: CallView, now: float) -> CallView:
    """Return a call as it is shown once released: with its last parties and data, and nothing more to do."""
    return replace(view, state="Released", capabilities=(), ended_at=now)


def tell(
    session: Session,
    kind: str,
    user_ids: Iterable[str],
    text: str = "",
    *,
    index: int | None = None,
    once: bool = False,
) -> tuple[Notice, ...]:
    """Return a notice of ``kind`` about every call that the given users have in the session, or only the one with ``index``.

    ``once`` = each user is told of one of her calls, the original.
    """
    wanted = set(user_ids)
    views = [view for view in views_of(session).values() if view.user_id in wanted and index in (None, view.index)]
    if once:
        views = [
            view for view in views if view.index == min(other.index for other in views if other.user_id == view.user_id)
        ]
    return tuple(Notice(view.user_id, kind, view, text) for view in views)


def _kind(old: CallView | None, new: CallView) -> str | None:
    if old is None or old.state != new.state or old.muted != new.muted:
        return STATUS
    if old.parties != new.parties:
        return PARTICIPANTS
    return DATA if old.user_data != new.user_data else None
