"""Calls in every phase, driven by facts alone: ``given_held()`` and the like return a ``Call`` to act upon.

A ``Call`` is the session under test, a toy provider with the truth of the legs, a clock at hand, and what has been asked and told.
"""

from collections.abc import Callable, Iterable

from app.core import commands as c
from app.core import facts as f
from app.core import intents as i
from app.core.apply import apply
from app.core.decide import decide
from app.core.notices import Notice
from app.core.opening import open_inbound
from app.core.phase import Phase, phase_of
from app.core.session import Leg, Party, Policy, Session
from tests.core.toy_provider import Refused, ToyProvider

ALICE = Party("client:alice", "Alice", "a" * 24, "1001")
BOB = Party("client:bob", "Bob", "b" * 24, "1002")
CAROL = Party("client:carol", "Carol", "c" * 24, "1003")
OUTSIDE = Party("+15550100009", "+15550100009")
CALLER = Party("+15550100001", "+15550100001")
LINE = "+15550001001"
SUPPORT = ("support", "f" * 24)
CUSTOMER_SID = f"CA{0:032x}"


class Call:
    """One conversation under test. ``asked`` = every intent so far, ``told`` = every notice so far, in order."""

    def __init__(
        self,
        *,
        queue: tuple[str, str] | None = None,
        candidates: Iterable[Party] = (ALICE,),
        caller: Party = CALLER,
        policy: Policy | None = None,
    ) -> None:
        self.policy = policy or Policy()
        self.now = 1000.0
        self.provider = ToyProvider()
        opened = open_inbound(
            session_id="5" * 24,
            number=7,
            account_id="0" * 24,
            line=LINE,
            call_sid=CUSTOMER_SID,
            caller=caller,
            queue=queue,
            candidates=tuple(candidates),
            now=self.now,
            policy=self.policy,
        )
        self.session: Session = opened.session
        self.asked: list[i.Intent] = list(opened.intents)
        self.told: list[Notice] = list(opened.notices)
        self.pending: list[i.Intent] = list(opened.intents)
        self.provider.incoming(self.customer.id, CUSTOMER_SID)
        if queue is None:
            self.take(*self.provider.enter(self.customer.id))
        else:
            self.provider.calls[self.customer.id].place = "queue"
            self.take(f.LegQueued(CUSTOMER_SID, "QU-support"))

    # --- reading --------------------------------------------------------------------------------------------------

    @property
    def customer(self) -> Leg:
        return self.session.customer

    @property
    def phase(self) -> Phase:
        return phase_of(self.session)

    @property
    def log(self) -> list[str]:
        return [entry.text for entry in self.session.log]

    def leg_of(self, party: Party) -> Leg:
        """Return a party's newest leg."""
        return next(leg for leg in reversed(self.session.legs) if leg.party == party)

    def told_to(self, party: Party) -> list[tuple[str, str, int]]:
        """Return what one agent was told: (kind, state, index of the call)."""
        return [(n.kind, n.view.state, n.view.index) for n in self.told if n.user_id == party.user_id]

    def customer_hears(self) -> set[str]:
        """Return the names of those the customer hears now, or where the customer waits instead: hold, queue, farewell, silence."""
        truth = self.provider.calls[self.customer.id]
        if not truth.live:
            return {"nothing: gone"}
        if truth.place in ("queue", "farewell"):
            return {truth.place}
        if truth.held:
            return {"hold"}
        return {self.session.leg(leg_id).party.name for leg_id in self.provider.hears(self.customer.id)} or {"silence"}

    def hears(self, party: Party) -> set[str]:
        """Return the names of those an agent hears."""
        return {self.session.leg(leg_id).party.name for leg_id in self.provider.hears(self.leg_of(party).id)}

    # --- acting ---------------------------------------------------------------------------------------------------

    def take(self, *facts: f.Fact) -> list[i.Intent]:
        """Take facts in, in this order, and return what they made necessary."""
        asked: list[i.Intent] = []
        for fact in facts:
            change = apply(self.session, fact, self.now, self.policy)
            self.session = change.session
            self.told += change.notices
            asked += change.intents
        self.asked += asked
        self.pending += asked
        return asked

    def ask(self, command: c.Command) -> list[i.Intent]:
        """A client gives a command: return the provider requests it needs. Raises the error of a refusal."""
        decision = decide(self.session, command, self.now, self.policy)
        self.session = decision.session
        self.told += decision.notices
        self.asked += decision.intents
        self.pending += decision.intents
        return list(decision.intents)

    def settle(self) -> "Call":
        """Let the provider carry everything out that has been asked, and what follows from that."""
        while self.pending:
            self.carry_out(self.pending.pop(0))
        return self

    def carry_out(self, intent: i.Intent) -> None:
        """Let the provider carry one intent out, unless the world has moved on."""
        if not i.still_wanted(self.session, intent):
            unborn = isinstance(intent, i.CreateLeg)
            self.take(f.IntentFailed(intent, gone=True, text="") if unborn else f.Tick())
            return
        try:
            reply, webhooks = self.provider.carry_out(self.session, intent)
        except Refused as refusal:
            self.take(f.IntentFailed(intent, refusal.gone, "refused"))
            return
        self.take(reply, *webhooks)

    def do(self, command: c.Command) -> "Call":
        """A command and all that follows from it."""
        self.ask(command)
        return self.settle()

    def answers(self, party: Party) -> "Call":
        """A rung person answers."""
        self.take(*self.provider.answer(self.leg_of(party).id))
        return self.settle()

    def hangs_up(self, party: Party, status: str = "completed") -> "Call":
        """A person hangs up; with another ``status`` she has not answered (busy, no-answer, failed, canceled)."""
        self.take(*self.provider.hang_up(self.leg_of(party).id, status))
        return self.settle()

    def customer_hangs_up(self) -> "Call":
        self.take(*self.provider.hang_up(self.customer.id))
        return self.settle()

    def refuse(self, intent: i.Intent, *, gone: bool = False) -> "Call":
        """The provider refuses an intent that is pending; what was to come after it in the same operation is dropped."""
        self.pending.remove(intent)
        self.take(f.IntentFailed(intent, gone, "refused by the provider"))
        return self

    def after(self, seconds: float) -> "Call":
        """Time passes, and the timers look."""
        self.now += seconds
        self.take(f.Tick())
        return self.settle()


def given_ringing(policy: Policy | None = None) -> Call:
    """A caller on a direct line; Alice's phone rings."""
    return Call(policy=policy).settle()


def given_queued(policy: Policy | None = None) -> Call:
    """A caller in the ring queue; Alice's phone rings, Bob's is next."""
    return Call(queue=SUPPORT, candidates=(ALICE, BOB), policy=policy).settle()


def given_talk(policy: Policy | None = None) -> Call:
    """The caller talks with Alice."""
    return given_ringing(policy).answers(ALICE)


def given_held(policy: Policy | None = None) -> Call:
    """The caller is on hold, by Alice."""
    return given_talk(policy).do(c.Hold(by=ALICE.user_id))


def given_consult_dialing(policy: Policy | None = None) -> Call:
    """The caller is on hold; Alice's consult rings Bob."""
    return given_talk(policy).do(c.StartConsult(BOB, LINE, by=ALICE.user_id))


def given_consult_talk(policy: Policy | None = None) -> Call:
    """The caller is on hold; Alice talks with Bob in private."""
    return given_consult_dialing(policy).answers(BOB)


def given_swapped(policy: Policy | None = None) -> Call:
    """Alice talks with the caller again, Bob is on hold."""
    return given_consult_talk(policy).do(c.Swap(by=ALICE.user_id))


def given_conference(policy: Policy | None = None) -> Call:
    """Caller, Alice and Bob talk."""
    return given_consult_talk(policy).do(c.CompleteConference(by=ALICE.user_id))


def given_parked(policy: Policy | None = None) -> Call:
    """The caller waits in the hold queue, parked by Alice."""
    return given_talk(policy).do(c.Park(by=ALICE.user_id))


def given_ended(policy: Policy | None = None) -> Call:
    """The caller has hung up."""
    return given_talk(policy).customer_hangs_up()


GIVEN: dict[Phase, Callable[[], Call]] = {
    Phase.RINGING: given_ringing,
    Phase.QUEUED: given_queued,
    Phase.TALK: given_talk,
    Phase.HOLD: given_held,
    Phase.CONSULT_DIALING: given_consult_dialing,
    Phase.CONSULT_TALK: given_consult_talk,
    Phase.CONFERENCE: given_conference,
    Phase.PARKED: given_parked,
    Phase.ENDED: given_ended,
}
