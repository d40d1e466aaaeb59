"""The floor: what a webhook costs that only checks the signature and answers a constant document, served as the controller is."""

import os

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from app.bridge import Receive, Scope, Send, ThreadBridge

flask = Flask(__name__)
_check = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
_base = os.environ["PUBLIC_URL"]


@flask.get("/healthz")
def healthz() -> str:
    """Tell that the floor is up."""
    return "ok"


@flask.post("/<path:path>")
def webhook(path: str) -> Response:
    """Check and answer."""
    if not _check.validate(f"{_base}/{path}", request.form, request.headers.get("X-Twilio-Signature", "")):
        return Response(status=403)
    return Response('<?xml version="1.0" encoding="UTF-8"?><Response />', content_type="text/xml")


_requests = ThreadBridge(flask.wsgi_app, threads=12, most_bytes=1024 * 1024)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one request by the controller's bridge; nothing is to be started or stopped."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await _requests(scope, receive, send)
