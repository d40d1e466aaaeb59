"""Calls: create, fetch, list, change, delete."""

from __future__ import annotations

from datetime import UTC, datetime

from ..calls import Call
from ..interpreter.runner import Source
from ..interpreter.script import Script
from ..progress import Subscription
from ..ringing import dial_in_turn
from .errors import bad
from .outgoing import create_leg
from .paging import page_of
from .representations import base, show_call
from .requests import Answer, RestRequest

MAX_TWIML = 4000


def find_call(request: RestRequest) -> Call:
    call = request.platform.calls.get(request.keys["call"])
    if call is None or call.record_deleted:
        raise request.not_found()
    return call


def fetch(request: RestRequest) -> Answer:
    return 200, show_call(find_call(request))


def list_calls(request: RestRequest) -> Answer:
    query = request.query
    calls = [call for call in reversed(request.platform.calls.values()) if _matches(call, request)]
    path = f"{base(request.platform.account)}/Calls.json"
    return 200, page_of(calls, query, path, "calls", lambda call: call.sid, show_call)


def _matches(call: Call, request: RestRequest) -> bool:
    if call.record_deleted:
        return False
    query = request.query
    wanted = {"To": call.to, "From": call.from_, "Status": call.status}
    if any((value := query.text(name)) and value != actual for name, actual in wanted.items()):
        return False
    parent = query.text("ParentCallSid")
    if parent and (call.parent is None or call.parent.sid != parent):
        return False
    return in_period(request, "StartTime", call.answered_at) and in_period(request, "EndTime", call.ended_at)


def in_period(request: RestRequest, name: str, moment: float | None) -> bool:
    """Date filters: ``Name``, ``Name<`` and ``Name>`` (each with = in the value's place) hold a date or a time."""
    for key, value in request.query.fields:
        if key not in (name, f"{name}<", f"{name}>") or not value:
            continue
        if moment is None:
            return False
        day, length = _day(value)
        if key == name and not day <= moment < day + length:
            return False
        if key == f"{name}<" and not moment < day + length:
            return False
        if key == f"{name}>" and not moment >= day:
            return False
    return True


def _day(value: str) -> tuple[float, float]:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise bad(20422, "Invalid date in a filter") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.timestamp(), 86_400.0 if len(value) == 10 else 1.0


def create(request: RestRequest) -> Answer:
    """Create a leg that runs TwiML when answered. ``ApplicationSid`` overrides the URLs, ``Url`` wins over ``Twiml``."""
    platform = request.platform
    call, timeout = create_leg(request, least_timeout=1)
    source = _instructions(request, call)
    if source is None:
        raise bad(21205, "Url parameter is required.")
    platform.calls[call.sid] = call
    call.note_hearing()
    call.on_answered = lambda: Script.of(call).run_twiml(source)
    _set_fallback(request, call)
    dial_in_turn(call, timeout)
    return 201, show_call(call)


def _instructions(request: RestRequest, call: Call) -> Source | None:
    form = request.form
    application_sid = form.text("ApplicationSid")
    if application_sid:
        application = request.platform.account.applications.get(application_sid)
        if application is None:
            raise bad(21218, "Invalid ApplicationSid")
        voice = application.voice
        if voice.voice_fallback_url:
            call.fallback = (voice.voice_fallback_url, voice.voice_fallback_method)
        told = Subscription.of(voice.status_callback, voice.status_callback_method, ())
        if told is not None and not call.subscriptions:
            call.subscriptions.append(told)
        return Source(voice.voice_url, voice.voice_method) if voice.voice_url else None
    url, method, twiml = form.url("Url"), form.method("Method", "POST"), _twiml(request)
    if url is not None:
        return Source(url, method)
    return Source(twiml=twiml) if twiml is not None else None


def _twiml(request: RestRequest) -> str | None:
    twiml = request.form.text("Twiml")
    if twiml is not None and len(twiml) > MAX_TWIML:
        raise bad(21404, f"Twiml must not be longer than {MAX_TWIML} characters.")
    return twiml or None


def _set_fallback(request: RestRequest, call: Call) -> None:
    url, method = request.form.url("FallbackUrl"), request.form.method("FallbackMethod", "POST")
    if url is not None and not request.form.text("ApplicationSid"):
        call.fallback = (url, method)


def update(request: RestRequest) -> Answer:
    """Give a call new TwiML, or end it. A call that is over, or not answered yet, cannot be redirected (21220)."""
    call, form = find_call(request), request.form
    status = form.choice("Status", ("canceled", "completed"), 21218)
    url, method, twiml = form.url("Url"), form.method("Method", "POST"), _twiml(request)
    if url is not None and twiml is not None:
        raise bad(21220, "Url and Twiml are mutually exclusive.")
    if not call.live:
        raise bad(21220, "Call is not in-progress. Cannot redirect.")
    if (url or twiml) and status is None and call.status != "in-progress":
        raise bad(21220, "Call is not in-progress. Cannot redirect.")
    limit = form.number("TimeLimit", 0, 1, 86_400, 21216)
    _change_settings(request, call, limit)
    if status == "completed" or (status == "canceled" and _cancellable(call)):
        call.hang_up()
    elif url or twiml:
        redirect(call, Source(url, method) if url else Source(twiml=twiml))
    call.updated = request.platform.clock.now()
    return 200, show_call(call)


def _cancellable(call: Call) -> bool:
    """A leg that rings inside a Dial counts as in progress."""
    return call.status in ("queued", "ringing") and call.parent is None


def redirect(call: Call, source: Source) -> None:
    """Abort what the leg does, take it out of where it is, and run other TwiML. Its Dial's action is not requested."""
    script = Script.of(call)
    script.stop()
    call.leave_place("participant_updated_via_api", "redirected")
    call.note_hearing()
    script.run_twiml(source)


def _change_settings(request: RestRequest, call: Call, limit: int) -> None:
    form = request.form
    _set_fallback(request, call)
    callback = form.url("StatusCallback")
    if callback is not None:
        method = form.method("StatusCallbackMethod", "POST")
        events = call.subscriptions[0].events if call.subscriptions else ()
        told = Subscription.of(callback, method, events)
        call.subscriptions = [told] if told is not None else []
    if limit:
        call.set_time_limit(limit)


def delete(request: RestRequest) -> Answer:
    """Remove the record of a call that is over. The simulator's own routes go on showing what its phone heard."""
    call = find_call(request)
    if call.live:
        raise bad(20009, "Cannot delete this resource before it is complete.")
    call.record_deleted = True
    return 204, None
