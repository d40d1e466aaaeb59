"""What every view asks of the request that it answers."""

from __future__ import annotations

from flask import g, request

from app.core.people import User
from app.dialects.workspace.errors import INVALID, Refusal


def user() -> User:
    """Return who is asking; every request of this API is authenticated before it comes to a view."""
    person: User = g.workspace_caller.user
    return person


def base_url() -> str:
    """Return scheme and host as the client wrote them: what the resources' addresses begin with."""
    return request.host_url.rstrip("/")


def unknown_operation(name: str) -> Refusal:
    """Return the refusal of an operation that the addressed resource does not have."""
    return Refusal(INVALID, f"Unknown operation '{name[:64]}'")
