"""The project's own hold melodies, computed note by note: nothing is fetched and nobody's rights are touched.

The result is telephone audio: WAV, mono, 8,000 samples a second, 16 bits. The same notes always give the same bytes.
"""

import io
import math
import struct
import wave
from collections.abc import Sequence

RATE = 8000
_ATTACK, _RELEASE = 0.02, 0.12  # seconds; without them every note would click
_LOUDNESS = 0.32
# (share of the fundamental's frequency, share of its loudness): a soft, flute-like sound
_PARTIALS = ((1.0, 1.0), (2.0, 0.28), (3.0, 0.09))

# Notes as (MIDI pitch or None for a rest, beats).
Note = tuple[int | None, float]

# fmt: off
EVENING: tuple[Note, ...] = (
    (64, 1), (67, 1), (72, 2), (71, 1), (67, 1), (69, 2), (65, 1), (69, 1), (74, 2), (72, 1), (69, 1), (67, 2),
    (64, 1), (67, 1), (76, 2), (74, 1), (72, 1), (69, 2), (71, 1), (67, 1), (65, 1), (62, 1), (60, 3), (None, 1),
)
WALK: tuple[Note, ...] = (
    (60, 0.5), (62, 0.5), (64, 1), (67, 1), (64, 1), (62, 0.5), (64, 0.5), (65, 1), (69, 2), (67, 0.5), (65, 0.5), (64, 1),
    (60, 1), (62, 1), (67, 1), (66, 1), (67, 2), (64, 0.5), (65, 0.5), (67, 1), (72, 1), (69, 1), (67, 0.5), (65, 0.5),
    (64, 1), (62, 1), (60, 3), (None, 1),
)
# fmt: on


def wav(notes: Sequence[Note], beats_per_minute: float) -> bytes:
    """Return a melody as a WAV file."""
    samples: list[int] = []
    for pitch, beats in notes:
        samples += _note(pitch, beats * 60 / beats_per_minute)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return buffer.getvalue()


def seconds_of(content: bytes) -> float:
    """Return how long a WAV file plays, in seconds. Raises wave.Error for anything else."""
    with wave.open(io.BytesIO(content)) as file:
        return float(file.getnframes() / file.getframerate())


def _note(pitch: int | None, seconds: float) -> list[int]:
    count = round(seconds * RATE)
    if pitch is None:
        return [0] * count
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    scale = _LOUDNESS * 32767 / sum(share for _, share in _PARTIALS)
    samples = []
    for i in range(count):
        t = i / RATE
        level = min(1.0, t / _ATTACK, (seconds - t) / _RELEASE)
        tone = sum(share * math.sin(2 * math.pi * frequency * times * t) for times, share in _PARTIALS)
        samples.append(int(scale * level * tone))
    return samples
