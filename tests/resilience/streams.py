"""What a capture of a real call holds, and the pictures by which two sessions are compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.control.directory import Directory
from app.core import commands as c
from app.core.phase import phase_of
from app.core.session import Party, Session

FOLDER = Path(__file__).parent / "captured"
LINE, QUEUE_LINE = "+15550001001", "+15550001000"
PHONES = {"caller": "+15550100001", "alice": "client:alice", "bob": "client:bob", "carol": "client:carol"}

# One step of a story: what somebody does, and who or what. ``command`` comes from a client, the rest from people with phones.
Act = tuple[str, str]
TALK: tuple[Act, ...] = (("calls", LINE), ("answers", "alice"))
CONSULT: tuple[Act, ...] = (*TALK, ("command", "consult bob"), ("answers", "bob"))
STORIES: dict[str, tuple[Act, ...]] = {
    "held": (*TALK, ("command", "hold")),
    "held and retrieved": (*TALK, ("command", "hold"), ("command", "retrieve")),
    "held twice": (*TALK, ("command", "hold"), ("command", "retrieve"), ("command", "hold")),
    "muted": (*TALK, ("command", "mute")),
    "consult still ringing": (*TALK, ("command", "consult bob")),
    "consult and conference": (*CONSULT, ("command", "conference")),
    "consult and transfer": (*CONSULT, ("command", "transfer")),
    "transfer while it rings": (*TALK, ("command", "consult bob"), ("command", "transfer"), ("answers", "bob")),
    "swapped": (*CONSULT, ("command", "swap")),
    "consulted party leaves and the caller is retrieved": (*CONSULT, ("hangs up", "bob"), ("command", "retrieve")),
    "caller leaves during a consult": (*CONSULT, ("hangs up", "caller")),
    "parked": (*TALK, ("command", "park")),
    "parked and picked up": (*TALK, ("command", "park"), ("command", "pick up by carol"), ("answers", "carol")),
    "agent leaves a held caller": (*TALK, ("command", "hold"), ("hangs up", "alice")),
    "ring queue, the second agent answers": (("calls", QUEUE_LINE), ("rejects", "alice"), ("answers", "bob")),
    "agent hangs up": (*TALK, ("hangs up", "alice")),
}


def command_of(name: str, directory: Directory, session: Session) -> c.Command:
    """Return the command that a story calls by this name."""

    def person(who: str) -> Party:
        user = directory.user_by_name(who)
        assert user is not None
        return user.party()

    alice = person("alice").user_id
    commands: dict[str, Callable[[], c.Command]] = {
        "hold": lambda: c.Hold(by=alice),
        "retrieve": lambda: c.Retrieve(by=alice),
        "mute": lambda: c.Mute(session.legs[1].id, True, by=alice),
        "consult bob": lambda: c.StartConsult(person("bob"), LINE, by=alice),
        "conference": lambda: c.CompleteConference(by=alice),
        "transfer": lambda: c.CompleteTransfer(by=alice),
        "swap": lambda: c.Swap(by=alice),
        "park": lambda: c.Park(by=alice),
        "pick up by carol": lambda: c.PickUp(person("carol"), LINE, by=person("carol").user_id),
    }
    return commands[name]()


@dataclass(frozen=True)
class Webhook:
    """One webhook as it was sent. Ids stand as ``<session>``, ``<CA0>``, ``<CF0>``, ``<QU0>`` … in the order of their first use."""

    path: str
    params: tuple[tuple[str, str], ...]

    @property
    def fields(self) -> dict[str, str]:
        """The parameters by name."""
        return dict(self.params)

    @property
    def is_event(self) -> bool:
        """Whether it only tells something: events are repeated, late and out of order, while a document is asked for in time."""
        return self.path.endswith(("/conference", "/progress", "/status"))

    @property
    def is_answer(self) -> bool:
        """Whether it tells that a leg was answered: no client can act upon that before it is known."""
        return self.path.endswith("/progress") and self.fields.get("CallStatus") == "in-progress"


@dataclass(frozen=True)
class Step:
    """One act and the webhooks it led to."""

    act: Act
    webhooks: tuple[Webhook, ...]


@dataclass(frozen=True)
class Capture:
    """A call as it really went.

    ``legs``: CallSid by leg number. ``participants``: (CallSid, leg number, held, muted) in the conference at the end; ``statuses``:
    every call's status then. ``picture``: the session of the running product then.
    """

    steps: tuple[Step, ...]
    legs: dict[int, str]
    participants: tuple[tuple[str, int, bool, bool], ...]
    statuses: dict[str, str]
    picture: dict[str, Any]

    def room_of(self, leg: int) -> str:
        """Return the ConferenceSid in which a leg was first heard of; of one that never was, the newest."""
        events = [hook.fields for step in self.steps for hook in step.webhooks if hook.path.endswith("/conference")]
        own = [event["ConferenceSid"] for event in events if event.get("CallSid") == self.legs[leg]]
        return own[0] if own else events[-1]["ConferenceSid"]


def load(name: str) -> Capture:
    """Read a capture from its file."""
    body = json.loads(file_of(name).read_text())
    steps = tuple(
        Step(
            (step["act"][0], step["act"][1]),
            tuple(Webhook(one["path"], tuple((n, v) for n, v in one["params"])) for one in step["webhooks"]),
        )
        for step in body["steps"]
    )
    participants = tuple((sid, n, held, muted) for sid, n, held, muted in body["participants"])
    legs = {int(n): sid for n, sid in body["legs"].items()}
    return Capture(steps, legs, participants, body["statuses"], body["picture"])


def file_of(name: str) -> Path:
    """Return where a story's capture is kept."""
    return FOLDER / f"{name.replace(',', '').replace(' ', '_')}.json"


def picture_of(session: Session) -> dict[str, Any]:
    """Return what of a session may not depend on how the news of it arrived. The log's order may, where two things happened at once."""
    hold = session.hold
    return {
        "phase": str(phase_of(session)),
        "legs": [
            [leg.n, str(leg.role), "ended" if not leg.live else str(leg.status), leg.held, leg.muted]
            for leg in session.legs
        ],
        "ordered": sorted(leg.n for leg in session.legs if leg.live and leg.ordered is not None),
        "hold": None if hold is None else [str(hold.reason), hold.by],
        "consult": session.consult is not None,
        "missed": session.missed,
        "log": sorted(entry.text for entry in session.log),
    }
