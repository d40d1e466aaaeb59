"""The addresses at which the provider reaches us. All of them lie under ``/webhooks/twilio`` and are signed."""

from dataclasses import dataclass

PREFIX = "/webhooks/twilio"


@dataclass(frozen=True)
class Addresses:
    """Absolute webhook addresses below ``base`` (scheme and host, no slash at the end)."""

    base: str

    @property
    def voice(self) -> str:
        """Where calls to our lines arrive."""
        return f"{self.base}{PREFIX}/voice"

    @property
    def status(self) -> str:
        """Where the end of calls to our lines is told."""
        return f"{self.base}{PREFIX}/status"

    def _of(self, session_id: str, what: str) -> str:
        return f"{self.base}{PREFIX}/sessions/{session_id}/{what}"

    def conference(self, session_id: str) -> str:
        """Conference events of a session."""
        return self._of(session_id, "conference")

    def progress(self, session_id: str, leg_id: str) -> str:
        """Call progress of a leg we dialled."""
        return self._of(session_id, f"legs/{leg_id}/progress")

    def wait(self, session_id: str) -> str:
        """What is heard in the conference before somebody is there."""
        return self._of(session_id, "wait")

    def hold(self, session_id: str, leg_id: str) -> str:
        """What a held leg hears."""
        return self._of(session_id, f"legs/{leg_id}/hold")

    def queue(self, session_id: str) -> str:
        """The document that lets the customer wait in a queue."""
        return self._of(session_id, "queue")

    def queue_wait(self, session_id: str) -> str:
        """What is heard in a queue."""
        return self._of(session_id, "queue-wait")

    def dequeued(self, session_id: str) -> str:
        """Asked when the customer has left the queue."""
        return self._of(session_id, "dequeued")

    def join(self, session_id: str) -> str:
        """The document that puts the customer into the conference."""
        return self._of(session_id, "join")

    def left(self, session_id: str, stay: int) -> str:
        """Asked when the customer is out of the conference, of which ``stay`` says how often they had been put back into it."""
        return self._of(session_id, f"left?stay={stay}")

    def farewell(self, session_id: str) -> str:
        """The last message, and the end."""
        return self._of(session_id, "farewell")

    def greeting(self, session_id: str, leg_id: str) -> str:
        """What a leg hears first when it answers."""
        return self._of(session_id, f"legs/{leg_id}/greeting")

    def announcement(self, session_id: str, what: str, digits: str = "") -> str:
        """What one leg alone is to hear."""
        # "#" would begin a fragment and is the only such character among the tones.
        return self._of(session_id, f"announcements/{what}") + (
            f"?digits={digits.replace('#', '%23')}" if digits else ""
        )

    def media(self, media_id: str) -> str:
        """A media file, public."""
        return f"{self.base}/media/{media_id}.wav"
