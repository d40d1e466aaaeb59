"""What can be read about the account and its calls: notifications of the debugger and the account itself."""

from __future__ import annotations

from ..debugger import Notification
from .calls import find_call
from .paging import page_of
from .representations import base, show_account, show_notification
from .requests import Answer, RestRequest


def fetch_account(request: RestRequest) -> Answer:
    return 200, show_account(request.platform.account)


def list_notifications(request: RestRequest) -> Answer:
    """All notifications, or those of the call in the path."""
    platform, path = request.platform, f"{base(request.platform.account)}/Notifications.json"
    found = list(reversed(platform.debugger.notifications))
    if "call" in request.keys:
        call = find_call(request)
        found = [notification for notification in found if notification.call_sid == call.sid]
        path = f"{base(platform.account)}/Calls/{call.sid}/Notifications.json"

    def show(notification: Notification) -> dict[str, object]:
        return show_notification(notification, platform.account)

    return 200, page_of(found, request.query, path, "notifications", lambda one: one.sid, show)
