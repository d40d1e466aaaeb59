"""Sound files for documents to play."""

from __future__ import annotations

import io
import wave

from tests.support.webhook_receiver import Reply

RATE = 8000


def wav(seconds: float) -> Reply:
    """A silent telephone-quality WAV file that lasts `seconds`."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(b"\x80" * int(RATE * seconds))
    return Reply(content.getvalue(), content_type="audio/wav")
