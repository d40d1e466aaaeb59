"""How a session begins: a customer calls."""

from collections.abc import Sequence
from dataclasses import replace

from app.core.apply import Change
from app.core.draft import Draft
from app.core.notices import between
from app.core.session import Leg, LogEntry, Party, Place, Policy, Role, Route, Session, Status
from app.core.settle import settle


def open_inbound(
    *,
    session_id: str,
    number: int,
    account_id: str,
    line: str,
    call_sid: str,
    caller: Party,
    queue: tuple[str, str] | None,
    candidates: Sequence[Party],
    now: float,
    policy: Policy,
) -> Change:
    """Open a session for a call to one of our lines and ring the first who may answer.

    ``queue`` = (name, id) of a ring queue, in which the caller waits; None = a direct line, whose caller waits in the conference.
    ``candidates`` = who may answer, first come first rung. The caller counts as answered: our reply to this webhook answers the call.
    """
    customer = Leg(
        id=f"{session_id}-0",
        n=0,
        role=Role.CUSTOMER,
        party=caller,
        caller=caller.address,
        view=0,
        created_at=now,
        inbound=True,
        status=Status.ANSWERED,
        place=Place.NOWHERE,
        call_sid=call_sid,
        answered_at=now,
    )
    empty = Session(
        id=session_id,
        number=number,
        account_id=account_id,
        line=line,
        direction="in",
        started_at=now,
        legs=(customer,),
        route=Route(queue[0] if queue else None, queue[1] if queue else None, tuple(candidates)),
        changed_at=now,
        log=(LogEntry(now, f"Call from {caller.name}"),),
    )
    draft = Draft(empty, now, policy, by_rule=True)
    settle(draft)
    return Change(draft.session, tuple(draft.intents), between(replace(empty, legs=()), draft.session, now))
