"""IncomingPhoneNumbers and Applications: where calls get their TwiML."""

from __future__ import annotations

from ..account import Application, OwnedNumber, VoiceSettings
from ..addresses import is_number, normalise
from .errors import bad
from .forms import Form
from .paging import page_of
from .representations import base, show_application, show_number
from .requests import Answer, RestRequest

_URLS = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsStatusCallback": "sms_status_callback",
    "MessageStatusCallback": "message_status_callback",
}
_METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
}


def _voice_changes(form: Form) -> dict[str, object]:
    """The voice settings named in a form. Raises RestError before anything is changed."""
    changes: dict[str, object] = {field: form.url(name) for name, field in _URLS.items() if name in form}
    changes |= {field: form.method(name, "POST") for name, field in _METHODS.items() if name in form}
    if "VoiceCallerIdLookup" in form:
        changes["voice_caller_id_lookup"] = form.flag("VoiceCallerIdLookup", False)
    return changes


def _apply(voice: VoiceSettings, changes: dict[str, object]) -> None:
    for field, value in changes.items():
        setattr(voice, field, value)


def _friendly_name(form: Form) -> str | None:
    name = form.text("FriendlyName")
    if name is not None and not 0 < len(name) <= 64:
        raise bad(20002, "FriendlyName must have 1 to 64 characters.")
    return name


def _application_sid(request: RestRequest) -> str | None:
    sid = request.form.text("VoiceApplicationSid") or None
    if sid is not None and sid not in request.platform.account.applications:
        raise bad(21218, "Invalid ApplicationSid")
    return sid


def _find_number(request: RestRequest) -> OwnedNumber:
    owned = request.platform.account.numbers.get(request.keys["number"])
    if owned is None:
        raise request.not_found()
    return owned


def fetch_number(request: RestRequest) -> Answer:
    return 200, show_number(_find_number(request), request.platform.account)


def list_numbers(request: RestRequest) -> Answer:
    account, query = request.platform.account, request.query
    part, name = query.text("PhoneNumber"), query.text("FriendlyName")
    numbers = [
        owned
        for owned in account.numbers.values()
        if (not part or part.strip().lstrip("+") in owned.number) and (not name or owned.friendly_name == name)
    ]
    path = f"{base(account)}/IncomingPhoneNumbers.json"
    return 200, page_of(
        numbers, query, path, "incoming_phone_numbers", lambda owned: owned.sid, lambda n: show_number(n, account)
    )


def create_number(request: RestRequest) -> Answer:
    """Buy a number: any E.164 number that the account does not own yet."""
    account = request.platform.account
    number = normalise(request.form.required("PhoneNumber", 21421))
    if number is None or not is_number(number):
        raise bad(21421, "PhoneNumber is invalid.")
    if account.number(number) is not None:
        raise bad(21422, "PhoneNumber is not available.")
    _voice_changes(request.form), _friendly_name(request.form), _application_sid(request)
    owned = account.add_number(number, request.platform.clock.now())
    _change_number(request, owned)
    return 201, show_number(owned, account)


def update_number(request: RestRequest) -> Answer:
    owned = _find_number(request)
    _change_number(request, owned)
    return 200, show_number(owned, request.platform.account)


def _change_number(request: RestRequest, owned: OwnedNumber) -> None:
    form = request.form
    changes, name, application_sid = _voice_changes(form), _friendly_name(form), _application_sid(request)
    receive = form.choice("VoiceReceiveMode", ("voice", "fax"), 20422)
    _apply(owned.voice, changes)
    owned.friendly_name = name or owned.friendly_name
    owned.voice_receive_mode = receive or owned.voice_receive_mode
    if "VoiceApplicationSid" in form:
        owned.voice_application_sid = application_sid
    owned.updated = request.platform.clock.now()


def delete_number(request: RestRequest) -> Answer:
    del request.platform.account.numbers[_find_number(request).sid]
    return 204, None


def _find_application(request: RestRequest) -> Application:
    application = request.platform.account.applications.get(request.keys["application"])
    if application is None:
        raise request.not_found()
    return application


def fetch_application(request: RestRequest) -> Answer:
    return 200, show_application(_find_application(request), request.platform.account)


def list_applications(request: RestRequest) -> Answer:
    account, name = request.platform.account, request.query.text("FriendlyName")
    applications = [one for one in account.applications.values() if not name or one.friendly_name == name]
    path = f"{base(account)}/Applications.json"
    return 200, page_of(
        applications, request.query, path, "applications", lambda one: one.sid, lambda a: show_application(a, account)
    )


def create_application(request: RestRequest) -> Answer:
    account, now = request.platform.account, request.platform.clock.now()
    changes, name = _voice_changes(request.form), _friendly_name(request.form)
    application = Application(name, now, now)
    _apply(application.voice, changes)
    application.public_application_connect_enabled = request.form.flag("PublicApplicationConnectEnabled", False)
    account.applications[application.sid] = application
    return 201, show_application(application, account)


def update_application(request: RestRequest) -> Answer:
    application, form = _find_application(request), request.form
    changes, name = _voice_changes(form), _friendly_name(form)
    _apply(application.voice, changes)
    application.friendly_name = name or application.friendly_name
    application.public_application_connect_enabled = form.flag(
        "PublicApplicationConnectEnabled", application.public_application_connect_enabled
    )
    application.updated = request.platform.clock.now()
    return 200, show_application(application, request.platform.account)


def delete_application(request: RestRequest) -> Answer:
    del request.platform.account.applications[_find_application(request).sid]
    return 204, None
