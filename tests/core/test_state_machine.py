"""Random commands, people, refusals and orders of delivery against a provider that knows the truth: what must hold whatever happens."""

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.core import commands as c
from app.core import facts as f
from app.core import intents as i
from app.core.apply import apply
from app.core.deadlines import next_deadline
from app.core.decide import decide
from app.core.errors import LegNotFound, SessionEnded, WrongState
from app.core.phase import Phase, phase_of, private_consult
from app.core.session import Leg, Move, Party, Place, Policy, Purpose
from tests.core.builders import (
    ALICE,
    BOB,
    CAROL,
    LINE,
    OUTSIDE,
    SUPPORT,
    Call,
    given_conference,
    given_consult_dialing,
    given_consult_talk,
    given_held,
    given_parked,
    given_swapped,
    given_talk,
)
from tests.core.told import assert_the_agents_picture_is_true, assert_told_consistently
from tests.core.toy_provider import Refused

people = st.sampled_from([ALICE, BOB, CAROL])
agents = st.one_of(st.none(), people.map(lambda party: party.user_id))
targets = st.sampled_from([ALICE, BOB, CAROL, OUTSIDE])
legs = st.integers(0, 5)


def _to(kind: type) -> st.SearchStrategy[c.Command]:
    return st.builds(lambda to, by: kind(to, LINE, by=by), targets, agents)


def _to_transfer(to: Party, by: str | None) -> c.Command:
    return c.StartConsult(to, LINE, by=by, purpose=Purpose.TRANSFER)


def _leg_id(n: int) -> str:
    return f"{'5' * 24}-{n}"


simple = st.one_of(
    st.builds(lambda by, aside: c.Hold(by=by, aside=aside), agents, st.booleans()),
    agents.map(lambda by: c.Retrieve(by=by)),
    agents.map(lambda by: c.SendDigits("1", by=by)),
    st.builds(lambda n, muted: c.Mute(_leg_id(n), muted), legs, st.booleans()),
    st.builds(lambda by, value: c.SetUserData({"key": value}, by=by), agents, st.integers(0, 2)),
)
around_a_third = st.one_of(
    agents.map(lambda by: c.CompleteConference(by=by)),
    st.builds(lambda by, ends: c.CompleteTransfer(by=by, end_on_failure=ends), agents, st.booleans()),
    st.builds(lambda by, retrieve: c.EndConsult(by=by, retrieve=retrieve), agents, st.booleans()),
    agents.map(lambda by: c.Swap(by=by)),
)
bringing_in = st.one_of(
    _to(c.StartConsult),
    st.builds(_to_transfer, targets, agents),
    _to(c.SingleStepTransfer),
    _to(c.SingleStepConference),
)
leaving = st.one_of(
    legs.map(lambda n: c.RemoveParty(_leg_id(n))),
    people.map(lambda party: c.Leave(by=party.user_id or "")),
    agents.map(lambda by: c.Park(by=by)),
    st.builds(lambda party: c.PickUp(party, LINE, by=party.user_id), people),
)
commands = st.one_of(simple, around_a_third, bringing_in, leaving)
picks = st.integers(0, 1000)


def _just_called(policy: Policy) -> Call:
    return Call(policy=policy)


def _just_queued(policy: Policy) -> Call:
    return Call(queue=SUPPORT, candidates=(ALICE, BOB), policy=policy)


# Mostly in the middle of a call: a random walk from its start seldom gets as far as an answer.
SCENES = (
    _just_called,
    _just_queued,
    given_talk,
    given_talk,
    given_held,
    given_consult_dialing,
    given_consult_talk,
    given_swapped,
    given_conference,
    given_parked,
)


class AnyOrder(RuleBasedStateMachine):
    """Operations run side by side, each in its own order; webhooks arrive in any order, some twice; some requests are refused."""

    @initialize(given=st.sampled_from(SCENES), action=st.sampled_from(["retrieve", "end"]))
    def a_caller_calls(self, given: Callable[[Policy], Call], action: str) -> None:
        self.call = given(Policy(hold_limit_action=action))
        self.operations: list[list[i.Intent]] = []
        self._begin(tuple(self.call.pending))
        self.webhooks: list[f.Fact] = []
        self.ended = False
        self.meddled = False

    # --- what may happen ------------------------------------------------------------------------------------------

    @rule(command=commands)
    def a_client_asks(self, command: c.Command) -> None:
        call = self.call
        try:
            decision = decide(call.session, command, call.now, call.policy)
        except (WrongState, SessionEnded, LegNotFound):
            return
        call.session = decision.session
        call.told += decision.notices
        self._begin(decision.intents)

    @rule(pick=picks, command=around_a_third)
    def a_client_acts_on_a_consult(self, pick: int, command: c.Command) -> None:
        self.a_client_asks(command)

    @precondition(lambda self: self.operations)
    @rule(pick=picks)
    def the_provider_carries_something_out(self, pick: int) -> None:
        self._carry_out(self.operations[pick % len(self.operations)])

    @precondition(lambda self: self.operations)
    @rule(pick=picks, gone=st.booleans())
    def the_provider_refuses(self, pick: int, gone: bool) -> None:
        operation = self.operations.pop(pick % len(self.operations))
        truth = self.call.provider.calls.get(operation[0].leg_id)
        self._take(f.IntentFailed(operation[0], gone and (truth is None or not truth.live), "refused"))
        for intent in operation[1:]:
            self._take(f.IntentFailed(intent, False, ""))

    @precondition(lambda self: self.webhooks)
    @rule(pick=picks, twice=st.booleans())
    def a_webhook_arrives(self, pick: int, twice: bool) -> None:
        index = pick % len(self.webhooks)
        self._take(self.webhooks[index] if twice else self.webhooks.pop(index))

    @rule(pick=picks)
    def a_rung_person_answers(self, pick: int) -> None:
        rung = self._truths("queued", "ringing")
        if rung:
            self.webhooks += self.call.provider.answer(rung[pick % len(rung)])

    @rule(pick=picks, status=st.sampled_from(["busy", "no-answer"]))
    def a_rung_person_does_not_answer(self, pick: int, status: str) -> None:
        rung = self._truths("queued", "ringing")
        if rung:
            self.webhooks += self.call.provider.hang_up(rung[pick % len(rung)], status)

    @rule(pick=picks)
    def an_agent_hangs_up(self, pick: int) -> None:
        talking = [leg_id for leg_id in self._truths("in-progress") if leg_id != self.call.customer.id]
        if talking:
            self.webhooks += self.call.provider.hang_up(talking[pick % len(talking)])

    @precondition(lambda self: len(self.call.session.legs) > 2)
    @rule(sure=st.integers(0, 5))
    def the_customer_hangs_up(self, sure: int) -> None:
        if sure == 0 and self.call.provider.calls[self.call.customer.id].live:
            self.webhooks += self.call.provider.hang_up(self.call.customer.id)

    @rule(pick=picks, held=st.booleans())
    def somebody_else_holds_or_releases(self, pick: int, held: bool) -> None:
        room = [truth.leg_id for truth in self.call.provider.room() if truth.held is not held]
        if room:
            self.meddled = True
            self.webhooks += self.call.provider.hold_from_outside(room[pick % len(room)], held)

    @rule(seconds=st.sampled_from([1, 6, 11, 46, 61, 601]))
    def time_passes(self, seconds: int) -> None:
        self.call.now += seconds
        self._take(f.Tick())
        due = next_deadline(self.call.session)
        assert due is None or due > self.call.now, "a deadline that no tick takes away is ticked for without end"

    @rule()
    def everything_comes_to_rest(self) -> None:
        self._rest()
        self._assert_nobody_is_stranded()

    # --- what must hold -------------------------------------------------------------------------------------------

    @invariant()
    def a_leg_is_created_at_most_once(self) -> None:
        created = self.call.provider.created
        assert len(created) == len(set(created))

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        if self.ended:
            assert phase_of(self.call.session) is Phase.ENDED
        self.ended = not self.call.session.live

    @invariant()
    def the_session_holds_exactly_when_the_customer_is_held_or_parked(self) -> None:
        session, customer = self.call.session, self.call.customer
        if customer.held or (customer.place is Place.QUEUE and session.answered_at is not None):
            assert (
                session.hold is not None
                or customer.move is Move.CONFERENCE
                or not session.live
                or _just_answered(self.call)
            )
        # Somebody else's release of a customer whose agents are gone parks them; a park that was refused is asked for again after a while.
        if session.hold is not None and customer.move is None and customer.retry_at is None:
            assert customer.held or customer.place is not Place.CONFERENCE

    @invariant()
    def agents_are_told_the_truth_and_nothing_twice(self) -> None:
        assert_told_consistently(self.call.told)
        assert_the_agents_picture_is_true(self.call.told, self.call.session)

    # --- machinery ------------------------------------------------------------------------------------------------

    def _truths(self, *statuses: str) -> list[str]:
        return [t.leg_id for t in self.call.provider.calls.values() if t.status in statuses]

    def _begin(self, intents: tuple[i.Intent, ...]) -> None:
        if intents:
            self.operations.append(list(intents))

    def _take(self, fact: f.Fact) -> None:
        change = apply(self.call.session, fact, self.call.now, self.call.policy)
        self.call.session = change.session
        self.call.told += change.notices
        self._begin(change.intents)

    def _carry_out(self, operation: list[i.Intent]) -> None:
        intent = operation.pop(0)
        if not operation:
            self.operations.remove(operation)
        call = self.call
        if not i.still_wanted(call.session, intent):
            unborn = isinstance(intent, i.CreateLeg) and intent.leg_id not in call.provider.calls
            self._take(f.IntentFailed(intent, gone=True, text="") if unborn else f.Tick())
            return
        if not isinstance(intent, i.CreateLeg) and call.session.leg(intent.leg_id).call_sid is None:
            self._take(f.IntentFailed(intent, False, "the leg has not been created"))
            return
        try:
            reply, webhooks = call.provider.carry_out(call.session, intent)
        except Refused as refusal:
            self._take(f.IntentFailed(intent, refusal.gone, "refused"))
            while operation:
                self._take(f.IntentFailed(operation.pop(0), False, ""))
            if operation in self.operations:
                self.operations.remove(operation)
            return
        self.webhooks += webhooks
        self._take(reply)

    def _rest(self) -> None:
        for _ in range(300):
            if self.webhooks:
                self._take(self.webhooks.pop(0))
            elif self.operations:
                self._carry_out(self.operations[0])
            elif any(leg.live and leg.retry_at is not None for leg in self.call.session.legs):
                self.call.now += 11
                self._take(f.Tick())
            else:
                return
        raise AssertionError("it never comes to rest")

    def _assert_nobody_is_stranded(self) -> None:
        call = self.call
        session, provider = call.session, call.provider
        if not session.live:
            assert [truth.leg_id for truth in provider.calls.values() if truth.live] == []
            assert not session.open
            return
        heard = call.customer_hears()
        waits_for_the_first = session.answered_at is None and any(leg.live for leg in session.legs[1:])
        is_muted = any(leg.live and leg.muted for leg in session.legs)  # by herself: then nothing is to be heard
        assert heard != {"silence"} or waits_for_the_first or is_muted, (heard, call.log)
        if heard == {"queue"} and session.answered_at is not None:
            assert next_deadline(session) is not None or any(leg.live for leg in session.legs[1:])
        for leg in session.legs:
            assert leg.live is (leg.id in provider.calls and provider.calls[leg.id].live), (leg, call.log)
            if leg.live and provider.calls[leg.id].place == "room":
                assert leg.held is provider.calls[leg.id].held, (leg, call.log)
        waits = heard == {"hold"} or (heard == {"queue"} and session.answered_at is not None)
        assert (session.hold is not None) is waits or heard == {"farewell"}
        self._assert_consults_are_private()

    def _assert_consults_are_private(self) -> None:
        session = self.call.session
        if self.meddled:
            return  # whom somebody else releases is released: that is the truth, private or not
        if session.consult is not None and private_consult(session):
            third: Leg = session.leg(session.consult.leg_id)
            assert not third.answered or third.id not in self.call.provider.hears(self.call.customer.id)
            assert self.call.customer.id not in self.call.provider.hears(third.id)


def _just_answered(call: Call) -> bool:
    """Return whether an agent of a ring queue has answered and the caller's way into the conference was refused, or not asked yet."""
    return call.session.hold is None and call.customer.place is Place.QUEUE


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=150, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
assert isinstance(OUTSIDE, Party)
