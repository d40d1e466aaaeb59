"""Webhooks sent to the controller by hand: signed as Twilio signs them, signed wrongly, or sent once more as they were."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import requests
from twilio.request_validator import RequestValidator

from tests.support.twilio_side import LogEntry

PREFIX = "/webhooks/twilio"


def signature(token: str, url: str, form: Mapping[str, str] | None = None) -> str:
    """Twilio: X-Twilio-Signature is made of the full URL and, for a POST, every form field in order."""
    made: str = RequestValidator(token).compute_signature(url, dict(form or {}))
    return made


def post(url: str, form: Mapping[str, str], token: str | None) -> requests.Response:
    """POST a webhook, signed with ``token``; None = not signed at all."""
    headers = {} if token is None else {"X-Twilio-Signature": signature(token, url, form)}
    return requests.post(url, data=dict(form), headers=headers, timeout=15)


def get(url: str, form: Mapping[str, str], token: str | None) -> requests.Response:
    """GET a webhook with its parameters in the address, signed with ``token``; None = not signed at all."""
    full = f"{url}?{urlencode(dict(form))}" if form else url
    headers = {} if token is None else {"X-Twilio-Signature": signature(token, full)}
    return requests.get(full, headers=headers, timeout=15)


def again(entry: LogEntry) -> requests.Response:
    """Send a webhook of the simulator's log once more, exactly as it was."""
    headers = {name: value for name, value in entry.headers.items() if name.lower() != "content-length"}
    if entry.method == "GET":
        return requests.get(entry.url, headers=headers, timeout=15)
    return requests.post(entry.url, data=urlencode(entry.params), headers=headers, timeout=15)
