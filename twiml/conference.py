"""Documents that put a caller into a conference."""

from twilio.twiml.voice_response import Dial, VoiceResponse

_EVENTS = "start end join leave mute hold announcement"


def join(*, name: str, label: str, wait_url: str, events_url: str, left_url: str) -> str:
    """Return a document that puts the caller into a conference.

    ``label`` names the participant (our leg id). ``left_url`` is asked when the caller is out of the conference again: without it the
    call would simply end. The flag that ends the conference with a participant is never true: it cannot be changed while somebody is
    held. The beep is off: callers are not to hear how calls are carried.
    """
    response = VoiceResponse()
    dial = Dial(action=left_url, method="POST")
    dial.conference(
        name,
        participant_label=label,
        beep="false",
        start_conference_on_enter=True,
        end_conference_on_exit=False,
        wait_url=wait_url,
        wait_method="POST",
        status_callback=events_url,
        status_callback_method="POST",
        status_callback_event=_EVENTS,
    )
    response.append(dial)
    return str(response)
