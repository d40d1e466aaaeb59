"""The call resource: a core call view in this API's words. The same shape in GET replies and in notifications."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from app.core.ids import call_uuid, parse_call_uuid
from app.core.views import CallView
from app.dialects.workspace.participants import participant

CALL_FIELDS = frozenset(
    [
        "id",
        "state",
        "callUuid",
        "connId",
        "deviceUri",
        "participants",
        "dnis",
        "ani",
        "callType",
        "capabilities",
        "userData",
        "duration",
        "mute",
        "supervisorListeningIn",
        "monitoredUserMuted",
        "monitoring",
        "parentCallUri",
        "parentCallPath",
        "uri",
        "path",
    ]
)


def api(base_url: str, path: str) -> str:
    """Return the absolute address of a resource; ``base_url`` is scheme and host as the client wrote them."""
    return f"{base_url}/api/v2{path}"


def capabilities(view: CallView, extra: Collection[str]) -> list[str]:
    """Return what may be done with a call now: the core's answer, and what the operator switched on beside it.

    ``ClearCall`` goes with every live state, muting with a talk, where only its opposite of the moment is offered.
    """
    if view.state == "Released":
        return []
    names = list(view.capabilities)
    if "ClearCall" in extra:
        names.append("ClearCall")
    if view.state == "Established" and not {"MuteCall", "UnmuteCall"}.isdisjoint(extra):
        names.append("UnmuteCall" if view.muted else "MuteCall")
    return names


def call(view: CallView, base_url: str, device_id: str, now: float, extra: Collection[str] = ()) -> dict[str, Any]:
    """Return the call resource of one agent's view.

    ``now`` (unix seconds) ends the duration, which counts from the first ring in whole seconds, as text. Properties
    that do not apply are absent, never null. ``uri`` has ``/me``, ``path`` and ``deviceUri`` have not.
    """
    path = f"/calls/{view.call_uuid}"
    resource: dict[str, Any] = {
        "id": view.call_uuid,
        "state": view.state,
        "callUuid": view.call_uuid,
        "connId": view.conn_id,
        "deviceUri": api(base_url, f"/devices/{device_id}"),
        "participants": [participant(party) for party in view.parties],
        "dnis": view.dnis,
        "callType": view.call_type,
        "capabilities": capabilities(view, extra),
        "duration": str(int(max(0.0, (view.ended_at if view.ended_at is not None else now) - view.since))),
        "mute": "On" if view.muted else "Off",
        "supervisorListeningIn": False,
        "monitoredUserMuted": False,
        "monitoring": False,
        "uri": api(base_url, f"/me{path}"),
        "path": path,
    }
    if view.ani is not None:
        resource["ani"] = view.ani
    if view.user_data:
        resource["userData"] = view.user_data
    if view.parent is not None:
        parent = f"/calls/{parent_uuid(view)}"
        resource |= {"parentCallUri": api(base_url, f"/me{parent}"), "parentCallPath": parent}
    return resource


def parent_uuid(view: CallView) -> str:
    """Return the callUuid of the call that ``view`` is a consult of. Raises ValueError for a call that is no consult."""
    own = parse_call_uuid(view.call_uuid)
    if own is None or view.parent is None:
        raise ValueError("not a consult")
    return call_uuid(own[0], view.parent)


def last_segment(uri: str) -> str:
    """Return the id at the end of a resource's address. Clients write other host names for us than we do, so only this counts."""
    return uri.rstrip("/").rpartition("/")[2]
