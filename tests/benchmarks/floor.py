"""The floor: what a webhook costs that only checks the signature and answers a constant document, served as the controller is."""

import os

from a2wsgi import WSGIMiddleware
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

flask = Flask(__name__)
_check = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
_base = os.environ["PUBLIC_URL"]


@flask.post("/<path:path>")
def webhook(path: str) -> Response:
    """Check and answer."""
    if not _check.validate(f"{_base}/{path}", request.form, request.headers.get("X-Twilio-Signature", "")):
        return Response(status=403)
    return Response('<?xml version="1.0" encoding="UTF-8"?><Response />', content_type="text/xml")


app = WSGIMiddleware(flask.wsgi_app, workers=12)
