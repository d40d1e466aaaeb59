"""What agents are told: the difference between what they saw before a change and what they see after it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.session import Session
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
    consult's end comes before what becomes of the original. Changed capabilities alone are not told: a GET shows them.
    """
    if before is after:
        return ()
    old, new = views_of(before), views_of(after)
    released = [key for key in old if key not in new]
    changed = [key for key in new if _kind(old.get(key), new[key]) is not None]
    # An original has the lower index, so of an agent who loses both it goes first.
    notices = [Notice(key[0], STATUS, gone(old[key], now)) for key in sorted(released, key=lambda key: key[1])]
    for key in sorted(changed, key=lambda key: key[1]):
        kind = _kind(old.get(key), new[key])
        if kind is not None:
            notices.append(Notice(key[0], kind, new[key]))
    return tuple(notices)


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
