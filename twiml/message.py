"""What somebody hears: one message, once or for ever.

Every waiting document loops by itself, whatever the message is: a conference's wait or hold document runs once and then goes silent
unless it ends in a redirect to itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from twilio.twiml.voice_response import Redirect, VoiceResponse

_FOR_EVER = 0  # Twilio ends even that after a thousand rounds; the redirect behind it begins anew
# Speech is written out several times, so that a waiting caller does not cost a request every few seconds. A document may have 64 kB,
# and one character may become six when it is escaped.
_ROUNDS, _ROUNDS_TEXT = 10, 9_000


@dataclass(frozen=True)
class Spoken:
    """Text to be read aloud, verbatim: the builder escapes it, so no text can become a verb."""

    text: str


@dataclass(frozen=True)
class Played:
    """An audio file by its absolute URL."""

    url: str


Sound = Spoken | Played


def looping(sound: Sound) -> str:
    """Return a document that repeats one sound for ever. Speech pauses for a second between two rounds, so that it can be understood."""
    response = VoiceResponse()
    if isinstance(sound, Played):
        response.play(sound.url, loop=_FOR_EVER)
    else:
        for _ in range(max(1, min(_ROUNDS, _ROUNDS_TEXT // max(1, len(sound.text))))):
            response.say(sound.text)
            response.pause(length=1)
    # An empty address is the document itself.
    response.append(Redirect("", method="POST"))
    return _document(response)


def once(sounds: Sequence[Sound]) -> str:
    """Return a document that plays some sounds one after the other."""
    response = VoiceResponse()
    _add(response, sounds)
    return _document(response)


def farewell(sounds: Sequence[Sound]) -> str:
    """Return a document that plays some sounds and hangs up."""
    response = VoiceResponse()
    _add(response, sounds)
    response.hangup()
    return _document(response)


def digits(tones: str) -> str:
    """Return a document that plays DTMF tones (0-9 A-D * #, w = half a second's pause)."""
    response = VoiceResponse()
    response.play(digits=tones)
    return str(response)


def nothing() -> str:
    """Return the empty document."""
    return str(VoiceResponse())


def hang_up() -> str:
    """Return a document that hangs up."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def _document(response: VoiceResponse) -> str:
    # A carriage return is text like any other, but every reader of XML takes a raw one for the end of a line.
    return str(response).replace("\r", "&#13;")


def _add(response: VoiceResponse, sounds: Sequence[Sound]) -> None:
    for sound in sounds:
        if isinstance(sound, Played):
            response.play(sound.url)
        else:
            response.say(sound.text)
