"""Documents that let a caller wait in a queue."""

from twilio.twiml.voice_response import VoiceResponse


def wait(*, name: str, wait_url: str, left_url: str) -> str:
    """Return a document that puts the caller into a queue. ``left_url`` is asked when the caller has left it, with the reason."""
    response = VoiceResponse()
    response.enqueue(name, wait_url=wait_url, wait_url_method="POST", action=left_url, method="POST")
    return str(response)
