"""The user's own resources: ``/me``, devices, agent session; and the few others that their addresses lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from flask import Blueprint, g, request

from app.core.people import User
from app.dialects.workspace import auth, bodies, calls, people, schemas, selection
from app.dialects.workspace.errors import INTERNAL, INVALID, NOT_FOUND, OK, PARTIAL, Refusal, refusal
from app.dialects.workspace.mapping import last_segment

if TYPE_CHECKING:
    from app.control.services import Services

VERSION = "8.5.202"  # the generation of the published API whose shapes are served

_START = schemas.StartSessionParameters()


def add(routes: Blueprint, services: Services) -> None:
    """Add the endpoints of the user and what is hers."""

    @routes.get("/me", strict_slashes=False)
    def show_me() -> dict[str, Any]:
        resource = people.user(_user(), _base())
        chosen = selection.chosen(resource, request.args.get("fields"))
        return {"statusCode": OK, "user": chosen | _subresources(services)}

    @routes.post("/me", strict_slashes=False)
    def operate_on_me() -> dict[str, Any]:
        name, parameters = bodies.operation(request)
        if name == "StartContactCenterSession":
            return _started(_START.load(parameters))
        if name == "EndContactCenterSession":
            services.directory.close_login(auth.REALM, g.workspace_caller.token)
            g.workspace_closed = True
            return {"statusCode": OK}
        _unknown(name)

    @routes.get("/me/devices", strict_slashes=False)
    def list_devices() -> dict[str, Any]:
        return selection.collection("devices", people.devices(_user(), _base()), request.args, people.DEVICE_FIELDS)

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
        _unknown(name)

    @routes.post("/me/channels/voice", strict_slashes=False)
    def operate_on_voice() -> dict[str, Any]:
        name, _ = bodies.operation(request)
        _unknown(name)

    @routes.get("/users/<person_id>", strict_slashes=False)
    def show_user(person_id: str) -> dict[str, Any]:
        if person_id != _user().person_id:
            raise Refusal(NOT_FOUND, "There is no such user")
        return selection.single("user", people.user(_user(), _base()), request.args)

    @routes.get("/services", strict_slashes=False)
    def list_services() -> dict[str, Any]:
        voice = people.voice_service(services.directory.account(_user().account_id), _base())
        return selection.collection("services", [voice], request.args, voice.keys())

    @routes.get("/diagnostics/version", strict_slashes=False)
    def show_version() -> dict[str, Any]:
        return {"statusCode": OK, "version": VERSION}


def _subresources(services: Services) -> dict[str, Any]:
    """Return the subresources that the request asks to embed; of the kinds that do not exist here, empty ones."""
    user, base = _user(), _base()
    embedded: dict[str, Any] = {}
    for name in selection.subresources(request.args, people.SUBRESOURCES):
        if name == "calls":
            embedded[name] = calls.mine(services, user)
        elif name == "devices":
            embedded[name] = people.devices(user, base)
        elif name == "features":
            embedded[name] = people.features(user, base)
        else:
            embedded[name] = {} if name == "settings" else []
    return embedded


def _started(values: dict[str, Any]) -> dict[str, Any]:
    """Answer the start of an agent's session: voice is what there is; other channels fail as those of an absent backend do."""
    device_path = values.get("device_path")
    if device_path is not None and last_segment(device_path) != _user().device_id:
        raise Refusal(NOT_FOUND, "There is no such device")
    failed = list(dict.fromkeys(channel for channel in values["channels"] if channel != "voice"))
    text = "The channel is not available"
    if "voice" not in values["channels"]:
        raise Refusal(INTERNAL, text)
    if not failed:
        return {"statusCode": OK}
    return {
        "statusCode": PARTIAL,
        "failed": [{**refusal(INTERNAL, text), "channel": channel} for channel in failed],
        "succeeded": [{"statusCode": OK, "channel": "voice"}],
    }


def _own_device(device_id: str) -> dict[str, Any]:
    for device in people.devices(_user(), _base()):
        if device["id"] == device_id:
            return device
    raise Refusal(NOT_FOUND, "There is no such device")


def _unknown(name: str) -> NoReturn:
    raise Refusal(INVALID, f"Unknown operation '{name[:64]}'")


def _base() -> str:
    return request.host_url.rstrip("/")


def _user() -> User:
    user: User = g.workspace_caller.user
    return user
