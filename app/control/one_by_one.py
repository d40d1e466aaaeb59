"""Work on many sessions of which one may be broken: the others are not to suffer for it."""

import logging
from collections.abc import Callable, Iterable

from app.core.errors import StoreUnavailable

log = logging.getLogger(__name__)


def one_by_one(session_ids: Iterable[str], work: Callable[[str], object]) -> None:
    """Do ``work`` for each session. A mistake of ours about one is logged as an error, and the next one has its turn.

    Raises StoreUnavailable: then there is no next one.
    """
    for session_id in session_ids:
        try:
            work(session_id)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("work on a session failed", extra={"session_id": session_id})
