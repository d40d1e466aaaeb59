"""Call progress callbacks: what a subscriber is told of a call's life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .identifiers import API_VERSION, Params, rfc2822

if TYPE_CHECKING:
    from .calls import Call

EVENTS = ("initiated", "ringing", "answered", "completed")
_STATUS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}
# Twilio leaves these empty or out when it knows nothing of the places; empty is what surprises more parsers.
_PLACES = ("City", "State", "Zip", "Country")
# What Twilio says of every call, which no caller can put otherwise. A softphone's own To is not among them: browser
# clients send the number they dial as a parameter of that name.
STANDARD_PARAMS = frozenset(
    {"CallSid", "AccountSid", "ApiVersion", "From", "Caller", "CallStatus", "Direction", "ParentCallSid"}
)


@dataclass
class Subscription:
    """One StatusCallback with the events asked for. Its numbers count the callbacks fired, from 0."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})
    sent: int = 0

    @classmethod
    def of(cls, url: str | None, method: str | None, events: Iterable[str]) -> Subscription | None:
        """A subscription, if there is a URL; without a list of events Twilio tells the terminal one only."""
        if not url:
            return None
        return cls(url, (method or "POST").upper(), frozenset(events) or frozenset({"completed"}))


def standard_params(call: Call, status: str | None = None) -> Params:
    """The parameters of every voice request for a call."""
    params: Params = [
        ("CallSid", call.sid),
        ("AccountSid", call.platform.account.sid),
        ("ApiVersion", API_VERSION),
        ("From", call.from_),
        ("To", call.to),
        ("Caller", call.from_),
        ("Called", call.to),
        ("CallStatus", status or call.status),
        ("Direction", call.direction),
    ]
    if call.parent is not None:
        params.append(("ParentCallSid", call.parent.sid))
    for end, twin, address in (("From", "Caller", call.from_), ("To", "Called", call.to)):
        if address.startswith("+"):
            params += [(name + place, "") for name in (end, twin) for place in _PLACES]
    given = dict(call.extra_params)
    return [pair for pair in params if pair[0] not in given] + call.extra_params


def tell_progress(call: Call, event: str) -> None:
    """Fire ``event`` to every subscriber that asked for it."""
    for subscription in call.subscriptions:
        if event not in subscription.events:
            continue
        params = standard_params(call, _STATUS.get(event))
        params += [
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", str(subscription.sent)),
            ("Timestamp", rfc2822(call.platform.clock.now())),
        ]
        if event == "completed":
            params += _terminal_params(call)
        subscription.sent += 1
        call.platform.webhooks.callback(subscription.url, subscription.method, params, call.warner(15003))


def _terminal_params(call: Call) -> Params:
    seconds = call.duration()
    params: Params = [("CallDuration", str(seconds))]
    if call.status == "completed":
        params.append(("Duration", str(max(1, -(-seconds // 60)))))
    if call.sip_code is not None:
        params.append(("SipResponseCode", str(call.sip_code)))
    return params
