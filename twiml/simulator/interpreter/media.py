"""How long sounds and sentences last."""

from __future__ import annotations

import struct
from dataclasses import dataclass

APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
SAY_CHARACTERS_A_SECOND = 15
_BYTES_A_SECOND = {"audio/mpeg": 16_000}
_TELEPHONE_BYTES_A_SECOND = 8_000
_WAV_TYPES = ("audio/wav", "audio/wave", "audio/x-wav")
PLAYABLE = frozenset(
    {"audio/mpeg", *_WAV_TYPES, "audio/aiff", "audio/x-aifc", "audio/x-aiff", "audio/x-gsm", "audio/gsm", "audio/ulaw"}
)


@dataclass(frozen=True)
class Media:
    """A sound that was fetched; ``seconds`` it lasts."""

    seconds: float


def is_audio(content_type: str) -> bool:
    """Whether Twilio plays this MIME type."""
    return content_type in PLAYABLE


def length_of(content_type: str, body: bytes) -> Media:
    """The length of a fetched file: WAV by its header, MP3 at 16 kB a second, the rest at 8 kB a second."""
    if content_type in _WAV_TYPES:
        return Media(_wav_seconds(body))
    return Media(len(body) / _BYTES_A_SECOND.get(content_type, _TELEPHONE_BYTES_A_SECOND))


def say_seconds(text: str) -> float:
    """A sentence lasts its characters / 15 seconds, at least one."""
    return max(1.0, len(text) / SAY_CHARACTERS_A_SECOND)


def digits_seconds(digits: str) -> float:
    """0.2 s a tone; ``w`` waits half a second, ``W`` a whole one."""
    return sum({"w": 0.5, "W": 1.0}.get(digit, 0.2) for digit in digits)


def _wav_seconds(body: bytes) -> float:
    """Sound bytes over bytes a second, both from the RIFF chunks; 0 for a file that is no WAV."""
    if len(body) < 12 or body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        return 0.0
    rate, sound, place = 0, 0, 12
    while place + 8 <= len(body):
        name, size = body[place : place + 4], struct.unpack_from("<I", body, place + 4)[0]
        if name == b"fmt " and place + 20 <= len(body):
            rate = struct.unpack_from("<I", body, place + 16)[0]
        elif name == b"data":
            sound = min(size, len(body) - place - 8)
        place += 8 + size + size % 2
    return sound / rate if rate else 0.0
