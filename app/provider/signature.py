"""Whether a webhook really comes from the provider: X-Twilio-Signature over the exact URL it was given and every parameter."""

from collections.abc import Sequence
from typing import Any

from twilio.request_validator import RequestValidator


class SignatureCheck:
    """Checks signatures with the account's token and, during a rotation, the one before."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._validators = [RequestValidator(token) for token in tokens if token]

    def valid(self, url: str, parameters: Any, signature: str | None) -> bool:
        """Return whether ``signature`` fits ``url`` and ``parameters``. No signature is never valid.

        ``url`` is the whole address, scheme to query string, built from configuration and the raw request target, never from parts
        that a client may choose. ``parameters`` is the multi-dict of the POST form with everything received, values untouched.
        """
        return bool(signature) and any(check.validate(url, parameters, signature) for check in self._validators)
