"""Notices of the log as messages of this API's channels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Protocol

from app.core import notices
from app.core.people import User
from app.core.session import Party
from app.core.views import CallView
from app.dialects.workspace import mapping

if TYPE_CHECKING:
    from app.control.services import Services

CALLS = "/v2/me/calls"

# notificationType by the core's kind. A reminder has no counterpart in the published API; clients pass over types they do not know.
TYPES = {
    notices.STATUS: "StatusChange",
    notices.PARTICIPANTS: "ParticipantsUpdated",
    notices.DATA: "AttachedDataChanged",
    notices.DTMF: "DtmfSent",
    notices.ERROR: "Error",
    notices.REMINDER: "HoldReminder",
}


class StoredNotice(Protocol):
    """An entry of a user's log, as far as it matters here."""

    @property
    def at(self) -> float:
        """When it was written, unix seconds."""

    @property
    def body(self) -> dict[str, Any]:
        """``kind``, ``text`` and ``view``: the core's notice as JSON."""


Render = Callable[[StoredNotice, str], Iterable[tuple[str, dict[str, Any]]]]


def renderer(services: Services) -> Render:
    """Return the function that turns a stored notice into (channel, data) pairs.

    The notice is a complete call as it was at that moment, so beside it only its owner's device and number are looked up. A notice
    of a kind that this API has no word for, or for a person who is gone, is nothing.
    """
    extra = services.settings.workspace_extra_capabilities

    def render(notice: StoredNotice, base_url: str) -> Iterable[tuple[str, dict[str, Any]]]:
        kind = TYPES.get(notice.body["kind"])
        if kind is None:
            return ()
        view = view_of(notice.body["view"])
        owner = services.directory.user(view.user_id)
        if owner is None:
            return ()
        return ((CALLS, message(kind, view, owner, notice.body.get("text", ""), base_url, notice.at, extra)),)

    return render


def message(
    kind: str, view: CallView, owner: User, text: str, base_url: str, at: float, extra: Collection[str] = ()
) -> dict[str, Any]:
    """Return a CallStateChangeMessage. ``at`` (unix seconds) is the moment that it tells of."""
    data: dict[str, Any] = {
        "notificationType": kind,
        "call": mapping.call(view, base_url, owner.device_id, at, extra),
        "phoneNumber": owner.dn or "",
        "messageType": "CallStateChangeMessage",
    }
    if text and kind in ("Error", "HoldReminder"):
        data["errorMessage" if kind == "Error" else "message"] = text
    if _has_extensions(kind, view):
        data["extensions"] = {"BusinessCall": 0}
    return data


def _has_extensions(kind: str, view: CallView) -> bool:
    """The published samples carry ``extensions`` on changes of the call, but neither on changes of its data, nor on the Dialing of a
    consult, nor on the Held that starts a transfer (told by its offering both a new transfer and the completion of one)."""
    if kind in ("AttachedDataChanged", "Error", "HoldReminder"):
        return False
    if view.state == "Dialing" and view.parent is not None:
        return False
    starts_transfer = view.state == "Held" and {"InitiateTransfer", "CompleteTransfer"} <= set(view.capabilities)
    return not starts_transfer


_VIEW_FIELDS = frozenset(item.name for item in fields(CallView))
_PARTY_FIELDS = frozenset(item.name for item in fields(Party))


def view_of(stored: Mapping[str, Any]) -> CallView:
    """Return the call view that was stored as JSON. Fields of another release are passed over: two may run side by side for a while."""
    known = {name: value for name, value in stored.items() if name in _VIEW_FIELDS}
    parties = tuple(
        Party(**{name: value for name, value in party.items() if name in _PARTY_FIELDS}) for party in known["parties"]
    )
    return CallView(**{**known, "parties": parties, "capabilities": tuple(known["capabilities"])})
