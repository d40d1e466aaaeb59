"""A provider of a few dozen lines: it knows who is truly where, carries intents out, and tells facts the way the real one does.

One REST reply and then webhooks; conference events are numbered from 1 in each conference; a conference ends with its last participant
and the next one of the name has another sid; a leg that we dialled ends when it is taken out of the conference.
"""

from dataclasses import dataclass, field

from app.core import facts as f
from app.core import intents as i
from app.core.session import Move, Session


@dataclass
class ToyCall:
    """The truth about one call. ``place``: nowhere, room, queue or farewell."""

    leg_id: str
    call_sid: str
    dialled: bool
    status: str = "queued"
    place: str = "nowhere"
    held: bool = False
    muted: bool = False
    heard_by: str | None = None  # the only leg that hears it

    @property
    def live(self) -> bool:
        return self.status in ("queued", "ringing", "in-progress")


class Refused(Exception):
    """The provider says no; ``gone`` = because the leg is not there."""

    def __init__(self, gone: bool) -> None:
        super().__init__("refused")
        self.gone = gone


@dataclass
class ToyProvider:
    """All calls of one session, by leg id."""

    calls: dict[str, ToyCall] = field(default_factory=dict)
    conferences: int = 0
    active: bool = False
    seq: int = 0
    created: list[str] = field(default_factory=list)  # labels, in order: a leg must never be created twice

    @property
    def conference_sid(self) -> str:
        return f"CF{self.conferences:032x}"

    def room(self) -> list[ToyCall]:
        """Return who is in the conference."""
        return [call for call in self.calls.values() if call.live and call.place == "room"]

    def hears(self, leg_id: str) -> set[str]:
        """Return whom a leg hears: nobody while it is held or outside the conference."""
        me = self.calls[leg_id]
        if not me.live or me.place != "room" or me.held:
            return set()
        others = [other for other in self.room() if other.leg_id != leg_id and not other.held and not other.muted]
        return {other.leg_id for other in others if other.heard_by in (None, leg_id)}

    # --- people act -----------------------------------------------------------------------------------------------

    def incoming(self, leg_id: str, call_sid: str) -> None:
        """A caller has called and been answered by our document."""
        self.calls[leg_id] = ToyCall(leg_id, call_sid, dialled=False, status="in-progress")

    def ring(self, leg_id: str) -> list[f.Fact]:
        call = self.calls[leg_id]
        call.status = "ringing"
        return [f.CallProgressed(call.call_sid, "ringing", leg_id)]

    def answer(self, leg_id: str) -> list[f.Fact]:
        call = self.calls[leg_id]
        call.status = "in-progress"
        return [f.CallProgressed(call.call_sid, "in-progress", leg_id), *self.enter(leg_id)]

    def enter(self, leg_id: str) -> list[f.Fact]:
        """A leg comes into the conference, which begins with its first."""
        call = self.calls[leg_id]
        if not self.active:
            self.active, self.seq = True, 0
            self.conferences += 1
        call.place, call.held, call.muted, call.heard_by = "room", False, False, None
        return [f.LegJoined(call.call_sid, self._label(call), self.conference_sid, self._next())]

    def hang_up(self, leg_id: str, status: str = "completed") -> list[f.Fact]:
        """A person hangs up, or never answers: ``status`` is then busy, no-answer, failed or canceled."""
        call = self.calls[leg_id]
        facts: list[f.Fact] = []
        if call.place == "queue":
            facts.append(f.LegDequeued(call.call_sid, "hangup"))
        was_in_room = call.place == "room"
        call.status, call.place = status, "nowhere"
        if was_in_room:
            facts += self._leave(call, "participant_hung_up")
        return [*facts, f.CallProgressed(call.call_sid, status, leg_id)]

    def hold_from_outside(self, leg_id: str, held: bool) -> list[f.Fact]:
        """Somebody else holds a participant: there is an event and no reply of ours."""
        call = self.calls[leg_id]
        call.held = held
        return [self._hold_event(call)]

    def read(self) -> f.ParticipantsRead:
        """Return the participants list."""
        seen = tuple(f.ParticipantSeen(c.call_sid, self._label(c), c.held, c.muted, "connected") for c in self.room())
        return f.ParticipantsRead(self.conference_sid, seen)

    # --- intents --------------------------------------------------------------------------------------------------

    def carry_out(self, session: Session, intent: i.Intent) -> tuple[f.Fact, list[f.Fact]]:
        """Do what is asked and return (what the REST reply tells, the webhooks that follow). Raises Refused."""
        if isinstance(intent, i.CreateLeg):
            return self._create(intent)
        call = self.calls.get(intent.leg_id)
        if call is None or not call.live:
            raise Refused(gone=True)
        if isinstance(intent, i.SetHold):
            self._in_room(call)
            call.held = intent.held
            call.heard_by = intent.heard_by or call.heard_by
            return f.HoldChanged(call.call_sid, call.held), [self._hold_event(call)]
        if isinstance(intent, i.OpenUp):
            self._in_room(call)
            call.heard_by = None
            return f.IntentDone(intent), []
        if isinstance(intent, i.SetMute):
            self._in_room(call)
            call.muted = intent.muted
            event = f.MuteChanged(call.call_sid, call.muted, self._label(call), self.conference_sid, self._next())
            return f.MuteChanged(call.call_sid, call.muted), [event]
        if isinstance(intent, i.EndLeg | i.RemoveLeg):
            return f.IntentDone(intent), self.hang_up(
                call.leg_id, "completed" if call.place != "nowhere" else "canceled"
            )
        if isinstance(intent, i.MoveLeg):
            return f.IntentDone(intent), self._move(session, call, intent.to)
        self._in_room(call)
        return f.IntentDone(intent), []

    def _create(self, intent: i.CreateLeg) -> tuple[f.Fact, list[f.Fact]]:
        call = ToyCall(intent.leg_id, _sid(intent.leg_id), dialled=True)
        self.calls[intent.leg_id] = call
        self.created.append(intent.leg_id)
        sid = self.conference_sid if self.active else None
        return f.LegCreated(intent.leg_id, call.call_sid, sid), [
            f.CallProgressed(call.call_sid, "initiated", call.leg_id)
        ]

    def _move(self, session: Session, call: ToyCall, to: Move) -> list[f.Fact]:
        facts: list[f.Fact] = []
        was, call.held = call.place, False
        if was == "room":
            call.place = "nowhere"
            facts += self._leave(call, "participant_updated_via_api")
        if was == "queue":
            facts.append(f.LegDequeued(call.call_sid, "redirected"))
        if to is Move.PARK:
            call.place = "queue"
            return [*facts, f.LegQueued(call.call_sid, f"QU-{session.hold_queue}")]
        if to is Move.CONFERENCE:
            return [*facts, *self.enter(call.leg_id)]
        call.place = "farewell"
        return facts

    def _leave(self, call: ToyCall, reason: str) -> list[f.Fact]:
        facts: list[f.Fact] = [f.LegLeft(call.call_sid, self._label(call), self.conference_sid, reason, self._next())]
        if not self.room():
            self.active = False
            facts.append(f.ConferenceEnded(self.conference_sid))
        return facts

    def _in_room(self, call: ToyCall) -> None:
        if call.place != "room":
            raise Refused(gone=False)

    def _hold_event(self, call: ToyCall) -> f.HoldChanged:
        return f.HoldChanged(call.call_sid, call.held, self._label(call), self.conference_sid, self._next())

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    @staticmethod
    def _label(call: ToyCall) -> str | None:
        return call.leg_id if call.dialled else None


def _sid(leg_id: str) -> str:
    return f"CA{int(leg_id.rpartition('-')[2]):032x}"
