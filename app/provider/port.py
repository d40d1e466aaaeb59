"""What the rest of the house wants of a telephone provider. CallSids and ConferenceSids are the provider's, labels are our leg ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.facts import ParticipantSeen


@dataclass(frozen=True)
class Created:
    """A leg the provider has taken."""

    call_sid: str
    conference_sid: str


class Provider(Protocol):
    """One request each. All raise app.provider.errors.ProviderError; all URLs are absolute."""

    def create_participant(
        self,
        conference: str,
        *,
        label: str,
        to: str,
        caller: str,
        timeout: int,
        progress_url: str,
        wait_url: str,
        conference_url: str,
    ) -> Created:
        """Dial ``to`` into the conference with this friendly name."""

    def find_participant(self, conference: str, conference_sid: str | None, label: str) -> Created | None:
        """Return the participant with this label, if it was created: asked before a create of unknown outcome is repeated."""

    def set_hold(
        self, conference_sid: str, call_sid: str, held: bool, hold_url: str, heard_by: str | None = None
    ) -> None:
        """Hold a participant or release it. Released, it is heard by the participant ``heard_by`` (a CallSid) alone, if one is named."""

    def open_up(self, conference_sid: str, call_sid: str) -> None:
        """Let everybody hear a participant that was released for one other alone."""

    def set_mute(self, conference_sid: str, call_sid: str, muted: bool) -> None:
        """Mute a participant or unmute it."""

    def announce(self, conference_sid: str, call_sid: str, url: str) -> None:
        """Let one participant hear a document."""

    def remove(self, conference_sid: str, call_sid: str) -> None:
        """Take a participant out of the conference."""

    def hang_up(self, call_sid: str) -> None:
        """End a call in whatever state it is."""

    def redirect(self, call_sid: str, url: str) -> None:
        """Send a call to another document."""

    def dequeue(self, queue_sid: str, call_sid: str, url: str) -> None:
        """Take a call out of its queue to another document."""

    def participants(self, conference_sid: str) -> Sequence[ParticipantSeen]:
        """Return who is in the conference."""

    def call_status(self, call_sid: str) -> str:
        """Return a call's status in the provider's words."""

    def conference_sid(self, conference: str) -> str | None:
        """Return the ConferenceSid of the active conference with this friendly name."""

    def set_line(self, number: str, voice_url: str, status_url: str) -> bool:
        """Let calls to one of the account's numbers come to us. Return False when the account has no such number."""
