"""The user herself: ``/me``, her agent session; and what there is to know of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, request

from app.dialects.workspace import auth, bodies, calls, people, schemas, selection
from app.dialects.workspace.errors import INTERNAL, NOT_FOUND, OK, PARTIAL, Refusal, refusal
from app.dialects.workspace.mapping import last_segment
from app.dialects.workspace.requests import base_url, unknown_operation, user

if TYPE_CHECKING:
    from app.control.services import Services

VERSION = "8.5.202"  # the generation of the published API whose shapes are served

_START = schemas.StartSessionParameters()


def add(routes: Blueprint, services: Services) -> None:
    """Add the endpoints of the user and of the server."""

    @routes.get("/me", strict_slashes=False)
    def show_me() -> dict[str, Any]:
        chosen = selection.chosen(people.user(user(), base_url()), request.args.get("fields"))
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
        raise unknown_operation(name)

    @routes.get("/users/<person_id>", strict_slashes=False)
    def show_user(person_id: str) -> dict[str, Any]:
        if person_id != user().person_id:
            raise Refusal(NOT_FOUND, "There is no such user")
        return selection.single("user", people.user(user(), base_url()), request.args)

    @routes.get("/services", strict_slashes=False)
    def list_services() -> dict[str, Any]:
        voice = people.voice_service(services.directory.account(user().account_id), base_url())
        return selection.collection("services", [voice], request.args, voice.keys())

    @routes.get("/diagnostics/version", strict_slashes=False)
    def show_version() -> dict[str, Any]:
        return {"statusCode": OK, "version": VERSION}


def _subresources(services: Services) -> dict[str, Any]:
    """Return the subresources that the request asks to embed; of the kinds that do not exist here, empty ones."""
    person, base = user(), base_url()
    embedded: dict[str, Any] = {}
    for name in selection.subresources(request.args, people.SUBRESOURCES):
        if name == "calls":
            embedded[name] = calls.mine(services, person)
        elif name == "devices":
            embedded[name] = people.devices(person, base)
        elif name == "features":
            embedded[name] = people.features(person, base)
        else:
            embedded[name] = {} if name == "settings" else []
    return embedded


def _started(values: dict[str, Any]) -> dict[str, Any]:
    """Answer the start of an agent's session: voice is what there is; other channels fail as those of an absent backend do."""
    device_path = values.get("device_path")
    if device_path is not None and last_segment(device_path) != user().device_id:
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
