"""How a webhook is answered."""

from flask import Response


def document(twiml: str) -> Response:
    """Answer with a TwiML document. It is never to be cached: what is heard changes with the session."""
    return Response(twiml, content_type="text/xml; charset=utf-8", headers={"Cache-Control": "no-store"})


def noted() -> Response:
    """Answer a status callback: Twilio wants nothing back."""
    return Response(status=204)
