"""Wrap-up (after-call work): the time an agent has after a customer's call before a ring queue offers her the next one.

It is a moment in the agent's row from which she is ready again, not a thing to be done: nobody has to end it, so nothing can be missed.
What acts is the deadline of the session that waits: it looks for ready agents whenever a round of its ring queue begins.
"""

from app.core.session import Role, Session


def begins_for(before: Session, after: Session) -> set[str]:
    """Return the ids (24 hex) of the agents whose talk with the customer ended between the two; a colleague who was only asked for
    advice has nothing to wrap up."""
    return _talking(before) - _talking(after)


def _talking(session: Session) -> set[str]:
    return {
        leg.party.user_id
        for leg in session.legs
        if leg.live and leg.role is Role.AGENT and leg.answered_at is not None and leg.party.user_id is not None
    }
