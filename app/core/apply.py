"""(session, fact, now) -> what a fact changes: the session, what is to be asked of the provider, and what agents are told."""

from dataclasses import dataclass

from app.core import facts as f
from app.core.draft import Draft
from app.core.intents import Announce, Intent
from app.core.merge import merge
from app.core.notices import DTMF, ERROR, REMINDER, Notice, between, remember, tell
from app.core.phase import company
from app.core.session import Policy, Session
from app.core.settle import settle


@dataclass(frozen=True)
class Change:
    """What a fact led to. ``session`` is the same object when nothing changed."""

    session: Session
    intents: tuple[Intent, ...]
    notices: tuple[Notice, ...]


def apply(session: Session, fact: f.Fact, now: float, policy: Policy = Policy()) -> Change:  # noqa: B008 - frozen
    """Take a fact in. Total: any fact may come in any phase, in any order, any number of times; it never raises for what it says."""
    draft = Draft(session, now, policy, by_rule=True)
    merge(draft, fact)
    settle(draft)
    if draft.session == session:
        spoken = _spoken(session, session, fact, draft)
        return Change(remember(session, spoken), tuple(draft.intents), spoken)
    draft.set(changed_at=now)
    after = draft.session
    notices = (*between(session, after, now), *_reported(after, draft), *_spoken(session, after, fact, draft))
    return Change(remember(after, notices), tuple(draft.intents), notices)


def _reported(after: Session, draft: Draft) -> tuple[Notice, ...]:
    """Return the notices of commands that were accepted and have come to nothing, each to her who gave it."""
    return tuple(notice for by, text in draft.failures for notice in tell(after, ERROR, [by], text, once=True))


def _spoken(before: Session, after: Session, fact: f.Fact, draft: Draft) -> tuple[Notice, ...]:
    """Return the notices that no difference of state shows: digits sent, a refusal, a reminder."""
    if isinstance(fact, f.IntentDone) and isinstance(fact.intent, Announce) and fact.intent.digits:
        sender = fact.intent.by
        # Only she who sent digits is told, and on the call she sent them on.
        return tell(after, DTMF, [sender], index=fact.intent.view) if sender else tell(after, DTMF, _everybody(after))
    if isinstance(fact, f.IntentFailed) and fact.text:
        # She whose command it was; what a rule of ours asked for, or a program, concerns everybody on the call.
        asked_by = after.changed_by
        return tell(
            after, ERROR, [asked_by] if asked_by in _everybody(after) else _everybody(after), fact.text, once=True
        )
    if any(isinstance(intent, Announce) and intent.what == "hold-reminder" for intent in draft.intents):
        return tell(after, REMINDER, _everybody(after), "The caller is still on hold", once=True)
    return ()


def _everybody(session: Session) -> set[str]:
    return {leg.party.user_id for leg in company(session) if leg.party.user_id is not None}
