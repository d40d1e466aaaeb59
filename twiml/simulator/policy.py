"""Switches for what Twilio's documentation leaves open or calls variable.

Each default is the reading that asks more of a controller; a test may turn each of them and everything must still work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .faults import BadSetting

CHOICES = {
    "hold_document_end": ("silence", "repeat"),
    "hold_repeat_music": ("replace", "keep"),
    "conference_end_order": ("leave_first", "end_first"),
    "start_order": ("join_first", "start_first"),
}


@dataclass
class Policy:
    """One switch a field; see ``CHOICES`` for those that are words, the others are booleans or milliseconds."""

    # A leg removed by DELETE goes on with its TwiML (Dial action or next verb); false: it is hung up.
    kick_continues: bool = True
    # The same for the legs of a conference that was ended by Status=completed.
    completed_continues: bool = True
    # What a held leg hears when its hold document has run out.
    hold_document_end: str = "silence"
    # Whether a held leg hears what is announced to the whole room.
    held_hear_announcements: bool = False
    # Whether the last one in a started room hears silence; false: the wait music again.
    survivor_silence: bool = True
    # Whether Hold=true for a held leg makes another participant-hold callback, and whether a new HoldUrl is played.
    hold_repeat_event: bool = False
    hold_repeat_music: str = "replace"
    conference_end_order: str = "leave_first"
    start_order: str = "join_first"
    # Whether a leg that never answered makes a participant-leave callback (participant_add_failed).
    failed_leg_leaves: bool = True
    # Whether legs still ringing are in the Participants list (they can always be fetched by SID or label).
    list_ringing_participants: bool = False
    # Real milliseconds by which REST replies come later than the webhooks they cause.
    rest_reply_delay_ms: float = 0
    # Simulated milliseconds by which a fetch of a Call is behind.
    call_fetch_lag_ms: float = 0

    def change(self, values: Mapping[str, Any]) -> None:
        """Set the named switches and leave the others. Raises BadSetting, and then changes nothing."""
        kinds = {field.name: type(field.default) for field in fields(self)}
        for name, value in values.items():
            if name not in kinds:
                raise BadSetting(f"unknown policy {name!r}")
            if name in CHOICES:
                if value not in CHOICES[name]:
                    raise BadSetting(f"{name} must be one of {', '.join(CHOICES[name])}")
            elif kinds[name] is bool:
                if not isinstance(value, bool):
                    raise BadSetting(f"{name} must be true or false")
            elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 60_000:
                raise BadSetting(f"{name} must be milliseconds between 0 and 60000")
        for name, value in values.items():
            setattr(self, name, value)

    def describe(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}
