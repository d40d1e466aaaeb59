"""Which of all sessions somebody asks for."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Selection:
    """What sessions have in common that are asked for; nothing set = all.

    ``account_ids``, ``ids``: one of these, None = any. ``started_from`` (included) and ``started_to`` (not included): unix seconds.
    ``mentioning``: of each of these groups at least one text is part of the session as it is stored, whatever the case of its ASCII
    letters. That is a sieve, for texts may stand anywhere in a session: it never leaves out what is wanted, but lets more through.
    """

    account_ids: Sequence[str] | None = None
    started_from: float | None = None
    started_to: float | None = None
    ids: Sequence[str] | None = None
    mentioning: tuple[tuple[str, ...], ...] = ()
