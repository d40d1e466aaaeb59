"""Conference callbacks: to whom they go, how they are numbered, and what they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .identifiers import API_VERSION, Params, rfc2822, word

if TYPE_CHECKING:
    from .conferences import Conference
    from .participants import Participant, RoomCallback

EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
_SUBSCRIPTION = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}


class RoomEvents:
    """The callbacks of one room. Whoever joins first decides where they go, even if that is nowhere; later settings
    are ignored. Numbers count from 1 and only what is sent."""

    def __init__(self, room: Conference) -> None:
        self._room = room
        self._callback: RoomCallback | None = None
        self._settled = False
        self._sent = 0

    def settle(self, participant: Participant) -> None:
        """Take the settings of the first to join."""
        if not self._settled:
            self._settled, self._callback = True, participant.callback

    def fire(self, event: str, subject: Participant | None = None, extra: Params | None = None) -> None:
        """Send one callback if it was subscribed to. In a room that nobody has joined yet, a created leg that fails
        is told to the address given when it was created."""
        callback = self._callback
        if not self._settled and subject is not None:
            callback = subject.callback
        if callback is None or _SUBSCRIPTION[event] not in callback.events:
            return
        self._sent += 1
        platform = self._room.platform
        params = [
            *self.room_params(),
            ("StatusCallbackEvent", event),
            ("SequenceNumber", str(self._sent)),
            ("Timestamp", rfc2822(platform.clock.now())),
        ]
        if subject is not None:
            params += _about(subject)
        call_sid = subject.call.sid if subject is not None else None

        def warn(text: str) -> None:
            platform.debugger.tell(platform.clock.now(), 16011, text, call_sid)

        platform.webhooks.callback(callback.url, callback.method, params + (extra or []), warn)

    def fire_end(self, reason: str, by: Participant | None) -> None:
        """The last callback of a room, with the leg whose going ended it."""
        if by is not None:
            self.settle(by)
        extra: Params = [("ReasonConferenceEnded", reason), ("Reason", reason.replace("-", " ").capitalize())]
        if by is not None:
            extra.append(("CallSidEndingConference", by.call.sid))
            if by.label is not None:
                extra.append(("ParticipantLabelEndingConference", by.label))
        self.fire("conference-end", None, extra)

    def room_params(self) -> Params:
        """What every request for a room carries, announcements included."""
        return [
            ("ConferenceSid", self._room.sid),
            ("FriendlyName", self._room.friendly_name),
            ("AccountSid", self._room.platform.account.sid),
            ("ApiVersion", API_VERSION),
        ]


def _about(participant: Participant) -> Params:
    params = [
        ("CallSid", participant.call.sid),
        ("Muted", word(participant.muted)),
        ("Hold", word(participant.hold)),
        ("Coaching", word(participant.coaching)),
        ("EndConferenceOnExit", word(participant.end_on_exit)),
        ("StartConferenceOnEnter", word(participant.start_on_enter)),
    ]
    if participant.label is not None:
        params.append(("ParticipantLabel", participant.label))
    return params


def leaving(participant: Participant, reason: str) -> Params:
    """What a participant-leave callback says beside the participant's flags."""
    return [("ParticipantCallStatus", participant.call.status), ("ReasonParticipantLeft", reason)]
