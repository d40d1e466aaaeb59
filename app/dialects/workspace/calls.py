"""Calls: ``/me/calls``, and the same calls under the address that other resources give for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from app.core.errors import SessionNotFound
from app.core.people import User
from app.core.views import CallView
from app.dialects.workspace import bodies, mapping, selection
from app.dialects.workspace.addressing import find, live_calls
from app.dialects.workspace.operations import command_for
from app.dialects.workspace.requests import base_url, user

if TYPE_CHECKING:
    from app.control.services import Services


def add(routes: Blueprint, services: Services) -> None:
    """Add the endpoints of calls."""

    @routes.get("/me/calls", strict_slashes=False)
    def list_calls() -> dict[str, Any]:
        return selection.collection("calls", mine(services, user()), request.args, mapping.CALL_FIELDS)

    @routes.get("/me/calls/<call_id>", strict_slashes=False)
    @routes.get("/calls/<call_id>", strict_slashes=False)
    def show_call(call_id: str) -> dict[str, Any]:
        call = find(services.control, user(), call_id)
        if call.view is None:
            # A released call is only to be given a disposition; to readers it is gone, here as in the list.
            raise SessionNotFound
        return selection.single("call", _resource(services, user(), call.view), request.args)

    @routes.post("/me/calls/<call_id>", strict_slashes=False)
    @routes.post("/calls/<call_id>", strict_slashes=False)
    def operate(call_id: str) -> dict[str, Any]:
        name, parameters = bodies.operation(request)
        call = find(services.control, user(), call_id)
        extra = services.settings.workspace_extra_capabilities
        services.control.run(call.session.id, command_for(name, parameters, call, services.directory, extra))
        return {"statusCode": 0}


def mine(services: Services, person: User) -> list[dict[str, Any]]:
    """Return the resources of all calls that a user has now."""
    return [_resource(services, person, view) for view in live_calls(services.control, person)]


def _resource(services: Services, person: User, view: CallView) -> dict[str, Any]:
    extra = services.settings.workspace_extra_capabilities
    return mapping.call(view, base_url(), person.device_id, services.clock.now(), extra)
