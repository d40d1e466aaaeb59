"""Conferences: who is in, when they start and end, and what subscribers are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .identifiers import Params, new_sid
from .interpreter.soundtrack import Soundtrack
from .participants import JoinOptions, Participant
from .recordings import Recording
from .room_events import RoomEvents, leaving

if TYPE_CHECKING:
    from .calls import Call
    from .platform import Platform

MAX_NAME = 128
_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")


def label_is_valid(label: str) -> bool:
    """A participant label: 1 to 128 characters, no slash, not shaped like a Call SID."""
    return 0 < len(label) <= 128 and "/" not in label and _CALL_SID.fullmatch(label) is None


class Conference:
    """One room, from its first leg to its end; its SID is never used again.

    ``participants`` are those who have joined, by Call SID; ``invited`` those created by REST who are not there yet.
    """

    def __init__(self, platform: Platform, friendly_name: str) -> None:
        self.platform, self.friendly_name = platform, friendly_name
        self.sid = new_sid("CF")
        self.status = "init"
        self.created = self.updated = platform.clock.now()
        self.participants: dict[str, Participant] = {}
        self.invited: dict[str, Participant] = {}
        self.announcement: Soundtrack | None = None
        self.reason_ended: str | None = None
        self.ended_by: Participant | None = None
        self.on_over: list[Callable[[], None]] = []
        self._recorded_by: Participant | None = None
        self._events = RoomEvents(self)

    @property
    def active(self) -> bool:
        return self.status != "completed"

    def find(self, key: str) -> Participant | None:
        """A present or invited participant by Call SID or label."""
        for participant in [*self.participants.values(), *self.invited.values()]:
            if key in (participant.call.sid, participant.label):
                return participant
        return None

    def label_in_use(self, label: str, but_for: Call | None = None) -> bool:
        """Labels are unique among those who are there or on their way; who has left frees its label."""
        holder = self.find(label)
        return holder is not None and holder.call is not but_for

    def full_for(self, maximum: int) -> bool:
        return len(self.participants) >= maximum

    def invite(self, call: Call, options: JoinOptions) -> Participant:
        """Note a leg that REST has created for this room; it joins when it is answered."""
        participant = Participant(call, self, options)
        self.invited[call.sid] = participant
        return participant

    def uninvite(self, participant: Participant) -> None:
        """A created leg ended before it could join. A room that nobody ever joined ends with it."""
        if self.invited.pop(participant.call.sid, None) is None or not self.active:
            return
        if self.platform.policy.failed_leg_leaves:
            self.fire("participant-leave", participant, leaving(participant, "participant_add_failed"))
        if not self.participants and not self.invited:
            self._finish("last-participant-left", participant)
        self.note_hearings()

    def join(self, call: Call, options: JoinOptions) -> Participant:
        """Bring a leg in. The first one to join decides where events go, for good. The conference starts when two are
        present and at least one of them starts it on entering."""
        participant = self.invited.pop(call.sid, None) or Participant(call, self, options)
        self._events.settle(participant)
        if self._recorded_by is None and participant.record is not None:
            self._recorded_by = participant
        self.participants[call.sid] = participant
        call.participant, call.sound = participant, None
        self.updated = self.platform.clock.now()
        starts = self.status == "init" and len(self.participants) >= 2
        starts = starts and any(present.start_on_enter for present in self.participants.values())
        start_first = self.platform.policy.start_order == "start_first"
        if starts:
            self.status = "in-progress"
        if starts and start_first:
            self.fire("conference-start")
        self.fire("participant-join", participant)
        if starts and not start_first:
            self.fire("conference-start")
        if starts:
            self._start_recording()
        if self.status == "init":
            participant.start_waiting()
        else:
            for present in self.participants.values():
                present.stop_waiting()
        self.note_hearings()
        return participant

    def _start_recording(self) -> None:
        """Recording from the start begins when the first two are bridged: what they heard while waiting is not in it."""
        if self._recorded_by is None or self._recorded_by.record is None:
            return
        settings, call = self._recorded_by.record, self._recorded_by.call
        recording = Recording(self.platform, call, "Conference", self, callback=settings.callback)
        self.platform.recordings.start(recording)

    def remove(self, participant: Participant, reason: str, *, kicked: bool = False) -> None:
        """Take a leg out; its ``left`` resolves. The room ends with its last participant, and with one that ends it
        on exit: then everybody else is taken out too and goes on with its own TwiML."""
        if self.participants.pop(participant.call.sid, None) is None:
            return
        self._take_out(participant, goes_on=not kicked or self.platform.policy.kick_continues)
        how = "kicked" if kicked else "left"
        ended: str | None = None
        if participant.end_on_exit:
            ended = f"participant-with-end-conference-on-exit-{how}"
        elif not self.participants:
            ended = f"last-participant-{how}"
        leavers = [(participant, reason)]
        if ended is not None:
            leavers += [(other, "moderator_ended_conference") for other in self._take_everybody_out(True)]
        self._tell_leaving(leavers, ended, participant)
        if ended is None and len(self.participants) == 1 and not self.platform.policy.survivor_silence:
            next(iter(self.participants.values())).start_waiting()
        self.note_hearings()

    def complete(self) -> None:
        """End the room by REST: everybody is taken out, and those still ringing into it are hung up."""
        everybody = self._take_everybody_out(self.platform.policy.completed_continues)
        ringing = [invited.call for invited in self.invited.values()]
        self.invited.clear()
        self._tell_leaving([(leaver, "conference_ended_via_api") for leaver in everybody], "conference-ended-via-api")
        for call in ringing:
            call.hang_up()

    def announce(self, url: str, method: str) -> None:
        """Play a document to everybody in the room."""
        if self.announcement is not None:
            self.announcement.stop()
        track = Soundtrack(
            self.platform,
            url=url,
            method=method,
            params=self._events.room_params,
            changed=self.note_hearings,
            at_end="once",
            warn=lambda code, text: self.platform.debugger.tell(self.platform.clock.now(), code, text),
        )

        def ended() -> None:
            if self.announcement is track:
                self.announcement = None
            self.fire("announcement-end", None, [("AnnounceUrl", url)])
            self.note_hearings()

        track.on_end = ended
        track.on_failure = lambda code, message: track.say_error()
        self.announcement = track
        track.start()

    def note_hearings(self) -> None:
        """What one hears depends on all the others."""
        for participant in self.participants.values():
            participant.call.note_hearing()

    def fire(self, event: str, subject: Participant | None = None, extra: Params | None = None) -> None:
        """Tell a subscriber what happened here, to ``subject`` if to anybody in particular."""
        self._events.fire(event, subject, extra)

    def _take_out(self, participant: Participant, *, goes_on: bool) -> None:
        participant.silence_tracks()
        participant.call.participant = None
        if not participant.left.done():
            participant.left.set_result(goes_on)
        participant.call.note_hearing()

    def _take_everybody_out(self, goes_on: bool) -> list[Participant]:
        everybody = list(self.participants.values())
        self.participants.clear()
        for participant in everybody:
            self._take_out(participant, goes_on=goes_on)
        return everybody

    def _tell_leaving(
        self, leavers: list[tuple[Participant, str]], ended: str | None, by: Participant | None = None
    ) -> None:
        end_first = self.platform.policy.conference_end_order == "end_first"
        if ended is not None and end_first:
            self._finish(ended, by)
        for leaver, reason in leavers:
            self.fire("participant-leave", leaver, leaving(leaver, reason))
        if ended is not None and not end_first:
            self._finish(ended, by)

    def _finish(self, reason: str, by: Participant | None) -> None:
        self.status, self.reason_ended, self.ended_by = "completed", reason, by
        self.updated = self.platform.clock.now()
        if self.announcement is not None:
            self.announcement.stop()
        for act in self.on_over:
            act()
        self._events.fire_end(reason, by)


class Conferences:
    """All rooms since the last reset. Many may have had the same name; at most one of them is active."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.by_sid: dict[str, Conference] = {}
        self._active_by_name: dict[str, Conference] = {}

    def named(self, name: str) -> Conference | None:
        """The active conference with this name."""
        room = self._active_by_name.get(name)
        return room if room is not None and room.active else None

    def open(self, name: str) -> Conference:
        """The active conference with this name, made if there is none."""
        room = self.named(name)
        if room is None:
            room = Conference(self._platform, name)
            self.by_sid[room.sid] = self._active_by_name[name] = room
        return room

    def clear(self) -> None:
        self.by_sid.clear()
        self._active_by_name.clear()
