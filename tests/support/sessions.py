"""Sessions as they are in the middle of a call, made by the rules themselves, without a provider."""

from __future__ import annotations

import time

from app.core import facts as f
from app.core.apply import apply
from app.core.opening import open_inbound
from app.core.session import Party, Policy, Session
from app.store import demo


def talking(number: int, agent: Party) -> Session:
    """Return the session with this number, in which a customer and an agent talk; its ids are made of the number."""
    conference, customer, other = f"CF{number:032x}", f"CA{number:032x}", f"CA{number:031x}f"
    now = time.time()
    session = open_inbound(
        session_id=f"{number:024x}",
        number=number,
        account_id=demo.MAIN,
        line="+15550001001",
        call_sid=customer,
        caller=Party("+15550100001", "+15550100001"),
        queue=None,
        candidates=[agent],
        now=now,
        policy=Policy(),
    ).session
    called = session.legs[1].id
    for fact in (
        f.LegJoined(customer, session.customer.id, conference, 1),
        f.LegCreated(called, other, conference),
        f.CallProgressed(other, "in-progress", called),
        f.LegJoined(other, called, conference, 2),
    ):
        session = apply(session, fact, now, Policy()).session
    return session
