"""The resources around a person: user, device, agent state, features."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from app.core.people import Account, User
from app.dialects.workspace.mapping import api

DEVICE_FIELDS = frozenset(
    [
        "id",
        "deviceState",
        "phoneNumber",
        "description",
        "e164Number",
        "telephonyNetwork",
        "doNotDisturb",
        "voiceEnvironmentUri",
        "capabilities",
        "channels",
        "dynamicPhoneNumber",
        "uri",
        "path",
    ]
)
SUBRESOURCES = ("features", "devices", "channels", "settings", "calls", "skills", "groups", "chats", "interactions")
# The catalogue's ids and names of the two states that a person here can be in.
_READY = {"id": "9430250E-0A1B-421F-B372-F29E69366DED", "displayName": "Ready", "state": "Ready"}
_NOT_READY = {"id": "900D55CC-2BB0-431F-8BF9-D3525B383BE6", "displayName": "Not Ready", "state": "NotReady"}
_NAMESPACE = uuid.UUID("6f1d8f5e-0d0b-5c55-9a39-2f6f3a4b7c11")  # any fixed one: ids stay the same for good


def user(person: User, base_url: str) -> dict[str, Any]:
    """Return the user resource. Its address is in ``/users``, without ``/me``."""
    first, _, last = person.display_name.partition(" ")
    path = f"/users/{person.person_id}"
    return {
        "id": person.person_id,
        "userName": person.name,
        "firstName": first,
        "lastName": last,
        "emailAddress": "",
        "roles": list(_roles(person)),
        "enabled": True,
        "changePasswordOnFirstLogin": False,
        "contactCenterId": str(uuid.uuid5(_NAMESPACE, f"contact-center-{person.account_id}")),
        "uri": api(base_url, path),
        "path": path,
    }


def _roles(person: User) -> Iterable[str]:
    if person.softphone is not None:
        yield "ROLE_AGENT"
    if "Supervisor" in person.roles:
        yield "ROLE_SUPERVISOR"
    if "SystemAdministrator" in person.roles or "Manager" in person.roles:
        yield "ROLE_ADMIN"


def devices(person: User, base_url: str) -> list[dict[str, Any]]:
    """Return a person's devices: her softphone, or nothing."""
    return [device(person, base_url)] if person.softphone is not None else []


def device(person: User, base_url: str) -> dict[str, Any]:
    """Return the device resource of a person's softphone.

    ``telephonyNetwork`` is Public: such a device is answered by its owner, never from here. ``capabilities`` lists the operations that
    are carried out on devices.
    """
    path = f"/devices/{person.device_id}"
    return {
        "id": person.device_id,
        "deviceState": "Active",
        "userState": dict(_READY if person.ready_since is not None else _NOT_READY),
        "phoneNumber": person.dn or "",
        "description": "",
        "e164Number": "",
        "telephonyNetwork": "Public",
        "doNotDisturb": "Off",
        "voiceEnvironmentUri": api(
            base_url, f"/voice-environments/{uuid.uuid5(_NAMESPACE, f'voice-{person.account_id}')}"
        ),
        "capabilities": [],
        "channels": ["voice"],
        "dynamicPhoneNumber": "",
        "uri": api(base_url, path),
        "path": path,
    }


def features(person: User, base_url: str) -> list[dict[str, Any]]:
    """Return what a person may use: voice."""
    if person.softphone is None:
        return []
    return [
        {
            "id": "api-voice",
            "displayName": "Voice API",
            "description": "Call control",
            "autoAssignOnContactCenterCreate": True,
            "uri": api(base_url, "/features/api-voice"),
            "path": "/features/api-voice",
        }
    ]


def voice_service(account: Account, base_url: str) -> dict[str, Any]:
    """Return the one backend service there is."""
    service_id = str(uuid.uuid5(_NAMESPACE, f"service-{account.id}"))
    path = f"/services/{service_id}"
    return {
        "id": service_id,
        "name": "Voice",
        "type": "Voice",
        "state": "Active",
        "uri": api(base_url, path),
        "path": path,
    }
