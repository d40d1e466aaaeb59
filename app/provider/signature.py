"""Whether a webhook really comes from the provider: X-Twilio-Signature over the exact URL it was given and every parameter."""

from collections.abc import Sequence
from hmac import compare_digest
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
        if not signature:
            return False
        # The address exactly as we gave it fits almost always; only otherwise is it tried with and without its port.
        return any(
            compare_digest(check.compute_signature(url, parameters).encode(), signature.encode())
            or check.validate(url, parameters, signature)
            for check in self._validators
        )
