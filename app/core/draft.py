"""The workbench on which a session is changed: the present state, what is to be asked of the provider, and the log."""

from dataclasses import replace
from typing import Any

from app.core.errors import WrongState
from app.core.intents import Announce, CreateLeg, EndLeg, Intent, MoveLeg, SetHold
from app.core.phase import acting_leg
from app.core.session import Hold, Leg, LogEntry, Move, Party, Policy, Role, Session
from app.core.values import changed

# How long no rule asks the provider again for what it has refused.
RETRY_SECONDS = 10.0


class Draft:
    """A session being changed at one moment. Lives for one call of ``decide`` or ``apply``; the functions around it stay pure."""

    def __init__(self, session: Session, now: float, policy: Policy, *, by_rule: bool = False) -> None:
        """``by_rule``: what is asked for is asked by a rule of ours, not by a client. Rules wait after a refusal, clients need not."""
        self.session = session
        self.by_rule = by_rule
        self.now = now
        self.policy = policy
        self.intents: list[Intent] = []
        self.failures: list[tuple[str, str]] = []  # (user id, text) of commands that have come to nothing

    def set(self, **changes: Any) -> None:
        """Change the session itself."""
        self.session = changed(self.session, **changes)

    def set_leg(self, leg_id: str, **changes: Any) -> None:
        """Change one of its legs."""
        self.session = self.session.with_leg(leg_id, **changes)

    def log(self, text: str) -> None:
        """Append a line of plain English to the session's log."""
        self.set(log=(*self.session.log, LogEntry(self.now, text)))

    def name(self, user_id: str | None) -> str:
        """Return what to call a user in the log."""
        for leg in self.session.legs:
            if user_id is not None and leg.party.user_id == user_id:
                return leg.party.name
        return "a program" if user_id is None else "another user"

    def agent(self, by: str | None) -> Leg:
        """Return the answered leg through which somebody acts. One who is not on the call herself (a manager, a key) acts for the
        agent who is. Raises WrongState when no agent is."""
        if by is not None and by == self.session.customer.party.user_id:
            raise WrongState("Only the side that was called can do that")
        leg = acting_leg(self.session, by) or acting_leg(self.session, None)
        if leg is None or not leg.answered or leg.ending:
            raise WrongState("No agent is on the call")
        return leg

    def plan_leg(
        self,
        role: Role,
        party: Party,
        caller: str,
        *,
        new_view: bool = False,
        via_consult: bool = False,
        ring: float | None = None,
    ) -> Leg:
        """Add a leg that is to be dialled. Its agent sees it under the session's own call identity unless she has used that one up
        already, or ``new_view`` asks for a fresh one: nothing may follow a Released."""
        session = self.session
        used = any(
            leg.party.user_id == party.user_id and leg.view == 0 for leg in session.legs if party.user_id is not None
        )
        view = session.views if new_view or used else 0
        n = len(session.legs)
        if self.full:
            raise WrongState("The call has had too many legs already")
        ring_for = self.policy.ring_seconds if ring is None else ring
        leg = Leg(
            id=f"{session.id}-{n}",
            n=n,
            role=role,
            party=party,
            caller=caller,
            view=view,
            via_consult=via_consult,
            created_at=self.now,
            # The provider ends the ringing itself; this is the net for a lost event, so it comes well after.
            give_up_at=self.now + ring_for + 15,
        )
        self.set(legs=(*session.legs, leg), views=max(session.views, view + 1))
        return leg

    @property
    def full(self) -> bool:
        """Whether no leg can be added any more."""
        return len(self.session.legs) >= self.policy.most_legs

    def must_wait(self, leg: Leg) -> bool:
        """Return whether a rule has to wait before it asks for something for this leg again."""
        return self.by_rule and leg.retry_at is not None and self.now < leg.retry_at

    def dial(self, leg: Leg) -> None:
        """Ask for a planned leg."""
        self.intents.append(CreateLeg(leg.id))

    def order_hold(self, leg: Leg, held: bool, heard_by: str | None = None) -> None:
        """Ask to hold or release a leg, unless that is so or asked for already. Released, it is heard by the leg ``heard_by`` alone,
        if one is named, until ``settle`` opens the talk to everybody."""
        if leg.live and leg.held is not held and leg.ordered is not held and not self.must_wait(leg):
            self.set_leg(leg.id, ordered=held, heard_by=heard_by or leg.heard_by)
            self.intents.append(SetHold(leg.id, held, heard_by))

    def order_customer_hold(self, hold: Hold) -> None:
        """Ask to hold the customer; ``hold`` becomes true with the provider's confirmation."""
        customer = self.session.customer
        if (
            self.session.hold is None
            and self.session.hold_order is None
            and customer.live
            and not self.must_wait(customer)
        ):
            self.set(hold_order=hold)
            self.order_hold(customer, True)

    def begin_hold(self) -> None:
        """Note that the customer is held from now on, as ordered or by somebody unknown."""
        if self.session.hold is None:
            hold = self.new_hold(self.session.hold_order or Hold())
            self.set(hold=hold, hold_order=None, limit_reached=False)
            self.log(f"Held by {self.name(hold.by)}")

    def end_hold(self) -> None:
        """Note that the customer talks again."""
        by = self.session.retrieve_by
        if self.session.hold is not None:
            self.set(hold=None, hold_order=None, retrieve_by=None, recall_at=None, recalls=0)
            self.log(f"Retrieved by {self.name(by)}" if by else "Retrieved")

    def order_end(self, leg: Leg) -> None:
        """Ask to hang a leg up, once. A leg whose creation has not been confirmed is ended when it is."""
        if leg.live and not leg.ending and not (leg.end_asked and self.must_wait(leg)):
            self.set_leg(leg.id, ending=True, end_asked=leg.call_sid is not None)
            if leg.call_sid is not None:
                self.intents.append(EndLeg(leg.id))

    def order_move(self, leg: Leg, to: Move) -> None:
        """Ask to send a leg to another document."""
        if leg.live and leg.move is not to and not self.must_wait(leg):
            self.set_leg(leg.id, move=to)
            self.intents.append(MoveLeg(leg.id, to))

    def announce(self, leg: Leg, *, digits: str = "", what: str = "", by: str | None = None, view: int = 0) -> None:
        """Ask to let one leg hear something."""
        self.intents.append(Announce(leg.id, digits, what, by, view))

    def new_hold(self, hold: Hold) -> Hold:
        """Return ``hold`` as it begins now: with its reminder and its limit."""
        return replace(
            hold,
            since=self.now,
            remind_at=self.now + self.policy.hold_reminder_seconds,
            limit_at=self.now + self.policy.hold_limit_seconds,
        )
