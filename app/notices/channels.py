"""Names of Bayeux channels, and which pattern covers which channel."""

from __future__ import annotations

import re

LONGEST = 255

_SEGMENTS = re.compile(r"(?:/[A-Za-z0-9\-_!~()$@]+)+")
_PATTERN = re.compile(r"(?:/[A-Za-z0-9\-_!~()$@]+)*/\*{1,2}")


def is_channel(name: object) -> bool:
    """Tell whether ``name`` is a concrete channel, such as ``/v2/me/calls``."""
    return isinstance(name, str) and len(name) <= LONGEST and _SEGMENTS.fullmatch(name) is not None


def is_subscribable(name: object) -> bool:
    """Tell whether ``name`` is a channel or a pattern: ``/a/*`` (one more segment) or ``/a/**`` (one or more)."""
    if is_channel(name):
        return True
    return isinstance(name, str) and len(name) <= LONGEST and _PATTERN.fullmatch(name) is not None


def is_meta(name: str) -> bool:
    """Tell whether the channel belongs to the protocol itself; such channels are never distributed."""
    return name == "/meta" or name.startswith("/meta/")


def is_service(name: str) -> bool:
    """Tell whether the channel only goes from client to server; nobody is ever subscribed to one."""
    return name == "/service" or name.startswith("/service/")


def covers(pattern: str, channel: str) -> bool:
    """Tell whether a subscription to ``pattern`` receives what is published on the concrete ``channel``."""
    if pattern.endswith("/**"):
        return channel.startswith(pattern[:-2])
    if pattern.endswith("/*"):
        stem = pattern[:-1]
        return channel.startswith(stem) and "/" not in channel[len(stem) :]
    return pattern == channel
