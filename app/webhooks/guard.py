"""The gate of every webhook: without a valid signature 403, and nothing changes."""

import logging
import re
from collections.abc import Callable
from urllib.parse import quote

from flask import Response, request

from app.config import Settings
from app.provider.signature import SignatureCheck

log = logging.getLogger(__name__)
_CALL_SID = re.compile(r"CA[0-9a-zA-Z]{32}")


def signature_guard(settings: Settings) -> Callable[[], Response | None]:
    """Return what runs before every webhook.

    The signature covers the address that Twilio was given. It is rebuilt from PUBLIC_URL and the raw request target; only without
    PUBLIC_URL, and only behind a proxy declared trusted, from that proxy's headers. The Host header alone is never believed.
    """
    check = signature_check(settings)

    def guard() -> Response | None:
        base = _base(settings)
        # A GET carries its parameters in the address, which is signed as a whole.
        parameters = request.form if request.method == "POST" else {}
        if base is None or not check.valid(base + _target(), parameters, request.headers.get("X-Twilio-Signature")):
            log.warning("webhook refused: signature not valid", extra={"path": request.path})
            return Response("The signature is not valid.", 403, content_type="text/plain")
        if not plausible(request.path, request.values.get("CallSid", "")):
            return Response("No call of the provider has such an id.", 400, content_type="text/plain")
        return None

    return guard


def signature_check(settings: Settings) -> SignatureCheck:
    """Return the check with our account's tokens."""
    return SignatureCheck([settings.twilio_auth_token, settings.twilio_previous_auth_token])


def plausible(path: str, call_sid: str) -> bool:
    """Return whether what the store will be asked for can be there at all: no store keeps a NUL, and a CallSid has one shape."""
    return "\0" not in path and (not call_sid or _CALL_SID.fullmatch(call_sid) is not None)


def _base(settings: Settings) -> str | None:
    if settings.public_url:
        return settings.webhook_base
    scheme, host = request.headers.get("X-Forwarded-Proto"), request.headers.get("X-Forwarded-Host")
    return f"{scheme}://{host}" if settings.trusted_proxy and scheme and host else None


def _target() -> str:
    """Return the request target as it came over the wire: a re-encoded one would not fit the signature."""
    scope = request.environ.get("asgi.scope") or {}
    raw_path = scope.get("raw_path")
    path = raw_path.decode("latin-1").partition("?")[0] if raw_path else quote(request.path)
    query = request.query_string.decode("latin-1")
    return f"{path}?{query}" if query else path
