"""What Calls and Participants have in common when they create a leg."""

from __future__ import annotations

from ..addresses import is_number, normalise, without_custom_parameters
from ..calls import MAX_CALL_SECONDS, Call
from ..interpreter.speech import DIGITS
from ..progress import EVENTS, Subscription
from .errors import bad
from .requests import RestRequest


def create_leg(request: RestRequest, least_timeout: int) -> tuple[Call, int]:
    """A queued leg from ``To``, ``From``, limits and the progress callback, and the seconds it is to ring.

    Raises RestError. A caller's number must be one of the account's.
    """
    platform, form = request.platform, request.form
    to = normalise(without_custom_parameters(form.required("To", 21201)))
    if to is None:
        raise bad(21211, "The 'To' number is not a valid phone number.")
    from_ = normalise(form.required("From", 21213))
    if from_ is None:
        raise bad(21212, "The 'From' number is not a valid phone number or client identifier.")
    caller = normalise(form.text("CallerId") or from_)
    if caller is None:
        raise bad(21212, "The 'CallerId' number is not a valid phone number or client identifier.")
    if any(not _may_call(request, line, to) for line in (from_, caller)):
        raise bad(21210, "The source phone number provided is not yet verified for your account.")
    timeout = form.number("Timeout", 60, least_timeout, 600, 21208)
    time_limit = form.number("TimeLimit", MAX_CALL_SECONDS, 1, 86_400, 21216)
    send_digits = form.text("SendDigits")
    if send_digits is not None and (len(send_digits) > 32 or not set(send_digits) <= DIGITS):
        raise bad(21206, "Invalid SendDigits: up to 32 of 0-9, A-D, #, *, w and W are needed.")
    subscription = Subscription.of(
        form.url("StatusCallback"),
        form.method("StatusCallbackMethod", "POST"),
        form.words("StatusCallbackEvent", EVENTS, 21626),
    )
    call = Call(platform, to=to, from_=caller, direction="outbound-api", status="queued")
    call.set_time_limit(time_limit)
    if subscription is not None:
        call.subscriptions.append(subscription)
    return call, timeout


def _may_call(request: RestRequest, line: str, to: str) -> bool:
    """A client identifier may ring another softphone, but no telephone."""
    if is_number(line):
        return request.platform.account.number(line) is not None
    return not is_number(to)
