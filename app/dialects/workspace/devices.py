"""A user's devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from app.dialects.workspace import bodies, people, selection
from app.dialects.workspace.errors import NOT_FOUND, OK, Refusal
from app.dialects.workspace.requests import base_url, unknown_operation, user

if TYPE_CHECKING:
    from app.control.services import Services


def add(routes: Blueprint, services: Services) -> None:
    """Add the endpoints of devices. ``/devices/{id}`` is the address that other resources give for them."""

    @routes.get("/me/devices", strict_slashes=False)
    def list_devices() -> dict[str, Any]:
        return selection.collection("devices", people.devices(user(), base_url()), request.args, people.DEVICE_FIELDS)

    @routes.get("/me/devices/<device_id>", strict_slashes=False)
    @routes.get("/devices/<device_id>", strict_slashes=False)
    def show_device(device_id: str) -> dict[str, Any]:
        return selection.single("device", _own_device(device_id), request.args)

    @routes.get("/me/devices/<device_id>/settings/tserver", strict_slashes=False)
    @routes.get("/devices/<device_id>/settings/tserver", strict_slashes=False)
    def show_device_settings(device_id: str) -> dict[str, Any]:
        _own_device(device_id)
        return {"statusCode": OK, "settings": [], "key": "name"}

    @routes.post("/me/devices/<device_id>", strict_slashes=False)
    @routes.post("/me/devices/<device_id>/calls", strict_slashes=False)
    def operate_on_device(device_id: str) -> dict[str, Any]:
        name, _ = bodies.operation(request)
        _own_device(device_id)
        raise unknown_operation(name)

    @routes.post("/me/channels/voice", strict_slashes=False)
    def operate_on_voice() -> dict[str, Any]:
        name, _ = bodies.operation(request)
        raise unknown_operation(name)


def _own_device(device_id: str) -> dict[str, Any]:
    for device in people.devices(user(), base_url()):
        if device["id"] == device_id:
            return device
    raise Refusal(NOT_FOUND, "There is no such device")
