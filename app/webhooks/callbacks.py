"""Status callbacks, the webhooks that only tell something: which fact each of them is. Twilio wants nothing back.

Flask's routes answer them one by one; the ordinary ones, which are nearly all, are read here too and taken in many at a time
(``app.together``).
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from app.config import Settings
from app.control.addresses import PREFIX
from app.control.intake import Arrival
from app.core import facts as f
from app.webhooks.guard import plausible, signature_check

# Twilio's are a third of this; the event loop is not to read anything long, whoever sent it.
_MOST_BYTES = 4 * 1024
_FORM = b"application/x-www-form-urlencoded"
_CALLBACK = re.compile(rf"{PREFIX}/sessions/([^/]+)/(?:(conference)|legs/([^/]+)/progress)")


class Said(NamedTuple):
    """What an ordinary callback says: a fact for a session, or nothing that we need."""

    arrival: Arrival | None


class Reader:
    """Reads ordinary callbacks: signed, well-formed, to an address as we gave it."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.webhook_base if settings.public_url else None
        self._check = signature_check(settings)

    def read(self, scope: Mapping[str, Any], body: bytes) -> Said | None:
        """Return what a request says (``scope`` as ASGI has it), None if it is not ordinary: Flask's route is to answer it then."""
        headers, path = dict(scope["headers"]), scope["path"]
        as_given = path.isascii() and scope.get("raw_path") == path.encode() and not scope.get("query_string")
        form = headers.get(b"content-type", b"").partition(b";")[0] == _FORM and b"transfer-encoding" not in headers
        small = len(body) <= _MOST_BYTES and body.isascii()
        if self._base is None or scope["method"] != "POST" or not (as_given and form and small):
            return None
        values = MultiDict(parse_qsl(body.decode(), keep_blank_values=True))
        signature = headers.get(b"x-twilio-signature", b"").decode("latin-1")
        signed = self._check.valid(self._base + path, values, signature)
        return Said(arrival_of(path, values)) if signed and plausible(path, values.get("CallSid", "")) else None


def concerns(path: str) -> bool:
    """Return whether a webhook with this path only tells something about a session that we know."""
    return _CALLBACK.fullmatch(path) is not None


def arrival_of(path: str, values: Mapping[str, str]) -> Arrival | None:
    """Return what a callback to ``path`` with these parameters says, None if it says nothing that we need."""
    found = _CALLBACK.fullmatch(path)
    if found is None:
        return None
    session_id, _, leg_id = found.groups()
    fact = progress(leg_id, values) if leg_id is not None else conference_event(values)
    return None if fact is None else Arrival(session_id, fact)


def progress(leg_id: str, values: Mapping[str, str]) -> f.Fact:
    """Return what is said of how a leg that we dialled gets on."""
    return f.CallProgressed(values.get("CallSid", ""), values.get("CallStatus", ""), leg_id)


def conference_event(values: Mapping[str, str]) -> f.Fact | None:
    """Return the fact a conference event is, or None for one that tells nothing we need (that it started, that somebody speaks)."""
    call_sid, label, conference_sid = (
        values.get("CallSid", ""),
        values.get("ParticipantLabel"),
        values.get("ConferenceSid", ""),
    )
    number = values.get("SequenceNumber", "")
    seq = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    kind = values.get("StatusCallbackEvent", "")
    if kind == "participant-join":
        return f.LegJoined(call_sid, label, conference_sid, seq)
    if kind == "participant-leave":
        reason, call_status = values.get("ReasonParticipantLeft", ""), values.get("ParticipantCallStatus", "")
        return f.LegLeft(call_sid, label, conference_sid, reason, seq, call_status)
    if kind in ("participant-hold", "participant-unhold"):
        return f.HoldChanged(call_sid, kind == "participant-hold", label, conference_sid, seq)
    if kind in ("participant-mute", "participant-unmute"):
        return f.MuteChanged(call_sid, kind == "participant-mute", label, conference_sid, seq)
    if kind in ("announcement-end", "announcement-fail") and call_sid:
        return f.AnnouncementEnded(call_sid, label)
    if kind == "conference-end":
        return f.ConferenceEnded(conference_sid)
    return None
