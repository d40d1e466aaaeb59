"""Resources as JSON: every property of its schema, and no other; unset is null."""

from __future__ import annotations

from typing import Any

from ..account import Account, Application, OwnedNumber
from ..addresses import formatted
from ..calls import Call
from ..conferences import Conference
from ..debugger import Notification
from ..identifiers import API_VERSION, rfc2822
from ..participants import Participant
from ..queues import Member, Queue
from ..recordings import Recording

_CALL_PARTS = {
    "notifications": "Notifications",
    "recordings": "Recordings",
    "payments": "Payments",
    "events": "Events",
    "siprec": "Siprec",
    "streams": "Streams",
    "transcriptions": "Transcriptions",
    "user_defined_message_subscriptions": "UserDefinedMessageSubscriptions",
    "user_defined_messages": "UserDefinedMessages",
}
_ACCOUNT_PARTS = ("Applications", "Calls", "Conferences", "IncomingPhoneNumbers", "Notifications", "Queues")


def base(account: Account) -> str:
    return f"/{API_VERSION}/Accounts/{account.sid}"


def show_account(account: Account) -> dict[str, Any]:
    names = {"".join("_" + c.lower() if c.isupper() else c for c in part).lstrip("_"): part for part in _ACCOUNT_PARTS}
    return {
        "auth_token": account.auth_token,
        "date_created": rfc2822(account.created),
        "date_updated": rfc2822(account.created),
        "friendly_name": account.friendly_name,
        "owner_account_sid": account.sid,
        "sid": account.sid,
        "status": "active",
        "subresource_uris": {name: f"{base(account)}/{part}.json" for name, part in names.items()},
        "type": "Full",
        "uri": f"{base(account)}.json",
    }


def show_call(call: Call) -> dict[str, Any]:
    """A Call, as old as ``call_fetch_lag_ms`` says: fetching a call is eventually consistent."""
    account = call.platform.account
    lag = call.platform.policy.call_fetch_lag_ms / 1000
    seen = call.platform.clock.now() - lag
    status = next((word for at, word in reversed(call.changes) if at <= seen), call.changes[0][1])
    over = status not in ("queued", "ringing", "in-progress")
    owned = account.number(call.to if call.direction == "inbound" else call.from_)
    path = f"{base(account)}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.updated),
        "parent_call_sid": call.parent.sid if call.parent is not None else None,
        "account_sid": account.sid,
        "to": call.to,
        "to_formatted": formatted(call.to),
        "from": call.from_,
        "from_formatted": formatted(call.from_),
        "phone_number_sid": owned.sid if owned is not None else None,
        "status": status,
        "start_time": rfc2822(call.answered_at) if call.answered_at is not None and status != "ringing" else None,
        "end_time": rfc2822(call.ended_at) if call.ended_at is not None and over else None,
        "duration": str(call.duration()) if status == "completed" else None,
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "answered_by": None,
        "api_version": API_VERSION,
        "forwarded_from": dict(call.extra_params).get("ForwardedFrom"),
        "group_sid": None,
        "caller_name": call.caller_name,
        "queue_time": str(call.queue_time_ms),
        "trunk_sid": None,
        "uri": f"{path}.json",
        "subresource_uris": {name: f"{path}/{part}.json" for name, part in _CALL_PARTS.items()},
    }


def show_conference(room: Conference) -> dict[str, Any]:
    account = room.platform.account
    path = f"{base(account)}/Conferences/{room.sid}"
    return {
        "account_sid": account.sid,
        "date_created": rfc2822(room.created),
        "date_updated": rfc2822(room.updated),
        "api_version": API_VERSION,
        "friendly_name": room.friendly_name,
        "region": "us1",
        "sid": room.sid,
        "status": room.status,
        "uri": f"{path}.json",
        "subresource_uris": {
            "participants": f"{path}/Participants.json",
            "recordings": f"{path}/Recordings.json",
        },
        "reason_conference_ended": room.reason_ended,
        "call_sid_ending_conference": room.ended_by.call.sid if room.ended_by is not None else None,
    }


def show_participant(participant: Participant, queue_time_ms: int | None = None) -> dict[str, Any]:
    """``queue_time`` has a value in the answer to a create only."""
    room = participant.conference
    account = room.platform.account
    return {
        "account_sid": account.sid,
        "call_sid": participant.call.sid,
        "label": participant.label,
        "call_sid_to_coach": participant.call_sid_to_coach,
        "coaching": participant.coaching,
        "conference_sid": room.sid,
        "date_created": rfc2822(participant.created),
        "date_updated": rfc2822(participant.updated),
        "end_conference_on_exit": participant.end_on_exit,
        "muted": participant.muted,
        "hold": participant.hold,
        "start_conference_on_enter": participant.start_on_enter,
        "status": participant.status,
        "queue_time": None if queue_time_ms is None else str(queue_time_ms),
        "uri": f"{base(account)}/Conferences/{room.sid}/Participants/{participant.call.sid}.json",
    }


def show_recording(recording: Recording) -> dict[str, Any]:
    """A recording of a call carries its track, one of a conference does not."""
    account, room = recording.platform.account, recording.conference
    owner = f"Conferences/{room.sid}" if room is not None else f"Calls/{recording.call.sid}"
    shown: dict[str, Any] = {
        "account_sid": account.sid,
        "api_version": API_VERSION,
        "call_sid": recording.call.sid,
        "conference_sid": room.sid if room is not None else None,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.updated),
        "start_time": rfc2822(recording.created),
        "duration": None if recording.going_on else str(recording.duration()),
        "sid": recording.sid,
        "price": None,
        "uri": f"{base(account)}/{owner}/Recordings/{recording.sid}.json",
        "encryption_details": None,
        "price_unit": None,
        "status": recording.status,
        "channels": recording.channels,
        "source": recording.source,
        "error_code": None,
    }
    return shown if room is not None else {**shown, "track": recording.track}


def show_queue(queue: Queue) -> dict[str, Any]:
    account = queue.platform.account
    return {
        "date_updated": rfc2822(queue.updated),
        "current_size": len(queue.members),
        "friendly_name": queue.friendly_name,
        "uri": f"{base(account)}/Queues/{queue.sid}.json",
        "account_sid": account.sid,
        "average_wait_time": queue.average_wait(),
        "sid": queue.sid,
        "date_created": rfc2822(queue.created),
        "max_size": queue.max_size,
    }


def show_member(member: Member, position: int) -> dict[str, Any]:
    account = member.queue.platform.account
    return {
        "call_sid": member.call.sid,
        "date_enqueued": rfc2822(member.enqueued),
        "position": position,
        "uri": f"{base(account)}/Queues/{member.queue.sid}/Members/{member.call.sid}.json",
        "wait_time": member.wait_time(),
        "queue_sid": member.queue.sid,
    }


def show_number(owned: OwnedNumber, account: Account) -> dict[str, Any]:
    voice = owned.voice
    return {
        "account_sid": account.sid,
        "address_sid": None,
        "address_requirements": "none",
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "date_created": rfc2822(owned.created),
        "date_updated": rfc2822(owned.updated),
        "friendly_name": owned.friendly_name,
        "identity_sid": None,
        "phone_number": owned.number,
        "origin": "twilio",
        "sid": owned.sid,
        "sms_application_sid": owned.sms_application_sid,
        "sms_fallback_method": voice.sms_fallback_method,
        "sms_fallback_url": voice.sms_fallback_url,
        "sms_method": voice.sms_method,
        "sms_url": voice.sms_url,
        "status_callback": voice.status_callback,
        "status_callback_method": voice.status_callback_method,
        "trunk_sid": owned.trunk_sid,
        "uri": f"{base(account)}/IncomingPhoneNumbers/{owned.sid}.json",
        "voice_receive_mode": owned.voice_receive_mode,
        "voice_application_sid": owned.voice_application_sid,
        "voice_caller_id_lookup": voice.voice_caller_id_lookup,
        "voice_fallback_method": voice.voice_fallback_method,
        "voice_fallback_url": voice.voice_fallback_url,
        "voice_method": voice.voice_method,
        "voice_url": voice.voice_url,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
        "type": "local",
    }


def show_application(application: Application, account: Account) -> dict[str, Any]:
    voice = application.voice
    return {
        "account_sid": account.sid,
        "api_version": API_VERSION,
        "date_created": rfc2822(application.created),
        "date_updated": rfc2822(application.updated),
        "friendly_name": application.friendly_name,
        "message_status_callback": voice.message_status_callback,
        "sid": application.sid,
        "sms_fallback_method": voice.sms_fallback_method,
        "sms_fallback_url": voice.sms_fallback_url,
        "sms_method": voice.sms_method,
        "sms_status_callback": voice.sms_status_callback,
        "sms_url": voice.sms_url,
        "status_callback": voice.status_callback,
        "status_callback_method": voice.status_callback_method,
        "uri": f"{base(account)}/Applications/{application.sid}.json",
        "voice_caller_id_lookup": voice.voice_caller_id_lookup,
        "voice_fallback_method": voice.voice_fallback_method,
        "voice_fallback_url": voice.voice_fallback_url,
        "voice_method": voice.voice_method,
        "voice_url": voice.voice_url,
        "public_application_connect_enabled": application.public_application_connect_enabled,
    }


def show_notification(notification: Notification, account: Account) -> dict[str, Any]:
    return {
        "account_sid": account.sid,
        "api_version": API_VERSION,
        "call_sid": notification.call_sid,
        "date_created": rfc2822(notification.created),
        "date_updated": rfc2822(notification.created),
        "error_code": str(notification.code),
        "log": notification.log,
        "message_date": rfc2822(notification.created),
        "message_text": notification.text,
        "more_info": f"https://www.twilio.com/docs/errors/{notification.code}",
        "request_method": None,
        "request_url": notification.url,
        "sid": notification.sid,
        "uri": f"{base(account)}/Notifications/{notification.sid}.json",
    }
