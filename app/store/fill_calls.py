"""The calls that ``db fill`` makes copies of: each is played once through the core, as if a provider had carried everything out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core import commands as c
from app.core import facts as f
from app.core.apply import Change, apply
from app.core.decide import Decision, decide
from app.core.intents import CreateLeg, Intent, SetHold
from app.core.notices import Notice
from app.core.opening import open_inbound
from app.core.people import Line
from app.core.session import Party, Policy, Session

_POLICY = Policy()


@dataclass(frozen=True)
class Names:
    """What is different from one copy of a call to the next. ``sids``: 28 hex digits, the part that its CallSids have in common."""

    session_id: str
    number: int
    sids: str
    caller: str
    started_at: float


@dataclass(frozen=True)
class Played:
    """A call that is over: its session, what was decided on the way (kind, moment, intents) and what agents were told."""

    session: Session
    operations: tuple[tuple[str, float, tuple[Intent, ...]], ...]
    notices: tuple[Notice, ...]


@dataclass
class _Call:
    """A call going on. ``at`` is the moment, unix seconds."""

    names: Names
    session: Session
    at: float
    operations: list[tuple[str, float, tuple[Intent, ...]]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def sid(self, kind: str, n: int) -> str:
        return f"{kind}{self.names.sids}{n:04x}"

    def happens(self, fact: f.Fact, later: float = 0.0) -> None:
        """The provider tells something, ``later`` seconds after what was before."""
        self.at += later
        self.changes(type(fact).__name__, apply(self.session, fact, self.at, _POLICY))

    def asks(self, command: c.Command, later: float) -> None:
        """A client asks for something."""
        self.at += later
        self.changes(type(command).__name__, decide(self.session, command, self.at, _POLICY))

    def changes(self, kind: str, change: Change | Decision) -> None:
        """Note what follows, and let the provider do it."""
        self.session = change.session
        self.notices += change.notices
        if change.intents:
            self.operations.append((kind, self.at, change.intents))
        for intent in change.intents:
            self.happens(self._reply(intent))

    def answers(self, n: int, later: float) -> None:
        """The party of the ``n``-th leg picks up and is in the conference."""
        leg = self.session.legs[n]
        self.happens(f.CallProgressed(str(leg.call_sid), "in-progress", leg.id), later)
        self.happens(f.LegJoined(str(leg.call_sid), leg.id, self.sid("CF", 0), n + 1))

    def caller_hangs_up(self, later: float) -> None:
        self.happens(f.CallProgressed(self.sid("CA", 0), "completed"), later)

    def _reply(self, intent: Intent) -> f.Fact:
        leg = self.session.leg(intent.leg_id)
        if isinstance(intent, CreateLeg):
            return f.LegCreated(leg.id, self.sid("CA", leg.n), self.sid("CF", 0))
        if isinstance(intent, SetHold):
            return f.HoldChanged(str(leg.call_sid), intent.held)
        return f.IntentDone(intent)


def play(kind: str, line: Line, agents: Sequence[Party], names: Names) -> Played:
    """Play one call to ``line`` from beginning to end. ``kind``: talk (with a hold), transfer (needs two agents) or missed."""
    opened = open_inbound(
        session_id=names.session_id,
        number=names.number,
        account_id=line.account_id,
        line=line.number,
        call_sid=f"CA{names.sids}0000",
        caller=Party(names.caller, names.caller),
        queue=None,
        candidates=agents[:1],
        now=names.started_at,
        policy=_POLICY,
    )
    call = _Call(names, opened.session, names.started_at)
    call.changes("CallArrived", opened)
    call.happens(f.LegJoined(call.sid("CA", 0), call.session.customer.id, call.sid("CF", 0), 1))
    if kind != "missed":
        call.answers(1, later=6.0)
        call.asks(c.Hold(), later=34.0)
    if kind == "transfer":
        call.asks(c.StartConsult(agents[1], line.number), later=2.0)
        call.answers(2, later=5.0)
        call.asks(c.CompleteTransfer(), later=30.0)
    elif kind == "talk":
        call.asks(c.Retrieve(), later=30.0)
    call.caller_hangs_up(later=15.0)
    return Played(call.session, tuple(call.operations), tuple(call.notices))
