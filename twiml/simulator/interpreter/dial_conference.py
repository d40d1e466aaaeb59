"""Conference in Dial, and the stay in a room that legs created by REST share with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ..conferences import MAX_NAME, Conference, label_is_valid
from ..participants import JoinOptions, RoomCallback, RoomRecording
from ..recordings import CALL_EVENTS, RecordingCallback
from ..room_events import EVENTS
from . import attributes
from .dial import DialOutcome, OpenDial, ways_out
from .documents import Document
from .runner import Ending, Runner

if TYPE_CHECKING:
    from ..calls import Call

_NOT_JOINED = DialOutcome("failed")
_TALKED = DialOutcome("answered", bridged=True)


async def dial_conference(
    run: Runner, dial: Element, noun: Element, document: Document, open_dial: OpenDial
) -> DialOutcome | Ending:
    """Join a room and stay until something takes the leg out; then its TwiML goes on.

    A leg that may not join (bad or used label, full room, unknown coached party) goes on at once.
    """
    call, conferences = run.leg, run.platform.conferences
    name = attributes.text_of(noun)
    if not 0 < len(name) <= MAX_NAME:
        run.warn(13237, "invalid conference name")
        return _NOT_JOINED
    options = _options(run, noun, document)
    refusal = _refusal(conferences.named(name), options)
    if refusal is not None:
        run.warn(refusal, "the conference could not be joined")
        return _NOT_JOINED
    call.answer()
    open_dial.so_far = lambda: _TALKED
    participant = conferences.open(name).join(call, options)
    with ways_out(run, dial, lambda: participant.conference.remove(participant, "participant_hung_up")):
        goes_on = await participant.left
    if goes_on:
        return _TALKED
    # Here and not by the script, while the Dial is still going on: its action hears of a call that ends in it.
    call.hang_up()
    return Ending.HANGUP


async def stay_in_room(call: Call, room: Conference, options: JoinOptions) -> None:
    """The whole course of a leg created by REST: into its room, and hung up when it is out again."""
    if not room.active:
        room.invited.pop(call.sid, None)
        # Its room has ended while it rang; the next to come under that name opens a new one.
        room = call.platform.conferences.open(room.friendly_name)
    if room.full_for(options.max_participants):
        call.warn(16020, "the conference is full")
        call.end("completed")
        return
    participant = room.join(call, options)
    await participant.left
    call.end("completed")


def _refusal(room: Conference | None, options: JoinOptions) -> int | None:
    """The error that keeps a leg out of a room, if any."""
    if options.label is not None and not label_is_valid(options.label):
        return 16023
    if options.call_sid_to_coach is not None:
        # As by REST (16001), nobody is coached in a room that has not started.
        started = room is not None and room.status == "in-progress"
        if room is None or not started or options.call_sid_to_coach not in room.participants:
            return 13240
    if room is None:
        return None
    if options.label is not None and room.label_in_use(options.label):
        return 16025
    return 16020 if room.full_for(options.max_participants) else None


def _options(run: Runner, noun: Element, document: Document) -> JoinOptions:
    wait_url = noun.get("waitUrl")
    coached = noun.get("coach") or None
    return JoinOptions(
        label=noun.get("participantLabel"),
        muted=attributes.flag(run, noun, "muted", False, 13230),
        start_on_enter=attributes.flag(run, noun, "startConferenceOnEnter", True, 13232),
        end_on_exit=attributes.flag(run, noun, "endConferenceOnExit", False, 13231),
        wait_url=document.resolve(wait_url) if wait_url else wait_url,
        wait_method=attributes.method(run, noun, "waitMethod", 13234),
        max_participants=int(attributes.number(run, noun, "maxParticipants", 250, 12200, low=2, high=250)),
        coaching=coached is not None,
        call_sid_to_coach=coached,
        callback=_callback(run, noun, document),
        record=_recording(run, noun, document),
    )


def _recording(run: Runner, noun: Element, document: Document) -> RoomRecording | None:
    if noun.get("record") not in ("record-from-start", "true"):
        return None
    url = noun.get("recordingStatusCallback")
    if not url:
        return RoomRecording(None)
    method = attributes.method(run, noun, "recordingStatusCallbackMethod", 12200)
    events = attributes.words(run, noun, "recordingStatusCallbackEvent", CALL_EVENTS, 12200)
    return RoomRecording(RecordingCallback(document.resolve(url), method, events or frozenset({"completed"})))


def _callback(run: Runner, noun: Element, document: Document) -> RoomCallback | None:
    """In TwiML no event is subscribed to unless it is named."""
    url = noun.get("statusCallback")
    events = attributes.words(run, noun, "statusCallbackEvent", EVENTS, 12200)
    if not url:
        return None
    return RoomCallback(document.resolve(url), attributes.method(run, noun, "statusCallbackMethod", 12200), events)
