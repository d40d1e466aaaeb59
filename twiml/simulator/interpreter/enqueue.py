"""Enqueue: wait in a queue until a Dial, a REST request or the wait document itself takes the call out."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ..identifiers import Params
from ..progress import standard_params
from ..queues import MAX_NAME, Member, Queue, QueueExit
from ..transport import FetchFailed
from . import attributes
from .dial_queue import QueueDial
from .documents import QUEUE_WAIT, QUEUE_WHISPER, Document, TwimlError
from .runner import Ending, Flow, Runner, Source
from .soundtrack import Soundtrack


async def enqueue(run: Runner, element: Element, document: Document) -> Flow:
    """Queue the call; the action, if there is one, learns the QueueResult and decides what comes next."""
    call = run.leg
    raw_action = element.get("action")
    action = (document.resolve(raw_action), attributes.method(run, element, "method", 14201)) if raw_action else None
    name = attributes.text_of(element)
    if not 0 < len(name) <= MAX_NAME:
        run.warn(14205 if name else 14204, "invalid queue name")
        return _next(action, [("QueueResult", "error")])
    queue = run.platform.queues.open(name)
    if queue.full:
        run.warn(14207, "the queue is full")
        return _next(action, [("QueueResult", "queue-full")])
    call.answer()
    member = _member(run, element, document, queue, action)
    queue.add(member)
    if not member.exit.done():
        member.track.start()
    call.note_hearing()
    queue_exit = await member.exit
    if queue_exit.dial is not None:
        await _bridge(run, member, queue_exit.dial)
    call.member = None
    call.note_hearing()
    return _next(action, member.result_params(queue_exit.result))


def _next(action: tuple[str, str] | None, params: Params) -> Flow:
    return Source(*action, params) if action is not None else None


def _member(run: Runner, element: Element, document: Document, queue: Queue, action: tuple[str, str] | None) -> Member:
    """The call's place in the queue, with its wait document: requested again whenever it has run out."""
    call, wait_url = run.leg, element.get("waitUrl")
    track = Soundtrack(
        run.platform,
        url=document.resolve(wait_url) if wait_url else wait_url,
        method=attributes.method(run, element, "waitUrlMethod", 14202),
        params=lambda: standard_params(call) + _queue_params(member),
        changed=call.note_hearing,
        at_end="repeat",
        warn=call.warn,
        context=QUEUE_WAIT,
        cookies=call.cookies,
        call=call,
    )
    member = Member(call, queue, track, action)
    track.on_error = lambda error: member.leave(QueueExit("error"))

    def ended(ending: Ending) -> None:
        if ending is Ending.LEAVE:
            member.leave(QueueExit("leave"))
        else:
            call.hang_up()

    track.on_ending = ended
    return member


def _queue_params(member: Member) -> Params:
    """What a wait document is told; fresh at each request."""
    queue = member.queue
    return [
        ("QueuePosition", str(queue.position(member))),
        ("QueueSid", queue.sid),
        ("QueueTime", str(member.wait_time())),
        ("AvgQueueTime", str(queue.average_wait())),
        ("CurrentQueueSize", str(len(queue.members))),
        ("MaxQueueSize", str(queue.max_size)),
    ]


async def _bridge(run: Runner, member: Member, dial: QueueDial) -> None:
    """Let the caller hear the whisper document, join it to the Dial, and stay until the bridge ends."""
    call = member.call
    member.whispered = True
    call.note_hearing()
    if dial.whisper is not None:
        await _whisper(run, member, dial)
    member.bridged = True
    bridge = dial.connect(member)
    await bridge.over()


async def _whisper(run: Runner, member: Member, dial: QueueDial) -> None:
    """A whisper that cannot be had does not keep the two apart."""
    call, source = member.call, dial.whisper
    assert source is not None
    more = [("QueueSid", member.queue.sid), ("QueueTime", str(member.waited)), ("DequeingCallSid", dial.call.sid)]
    whisper = Runner(
        run.platform,
        QUEUE_WHISPER,
        params=lambda: standard_params(call) + more,
        set_sound=call.set_sound,
        warn=call.warn,
        cookies=call.cookies,
        call=call,
    )
    try:
        await whisper.run(source)
    except (FetchFailed, TwimlError) as error:
        call.warn(error.code, str(error), whisper.url or "")
    call.set_sound(None)
