"""Points: each success of a command costs one, counted per minute and per day. Logging in and out and lists are free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.errors import LimitExceeded
from app.dialects.call_api.auth import Caller

if TYPE_CHECKING:
    from app.control.directory import Limits
    from app.control.services import Services


def look(services: Services, caller: Caller) -> Limits:
    """Return what the caller has left."""
    return _count(services, caller, 0)


def demand(limits: Limits, cost: int) -> None:
    """Raise LimitExceeded (limit_type minute or day) when ``cost`` is more than what is left."""
    if limits.minute_remaining < cost:
        raise LimitExceeded(limit_type="minute", limit=limits.minute_limit)
    if limits.day_remaining < cost:
        raise LimitExceeded(limit_type="day", limit=limits.day_limit)


def spend(services: Services, caller: Caller, cost: int) -> Limits:
    """Take the points for a success. Return what is left after it."""
    try:
        return _count(services, caller, cost)
    except LimitExceeded:
        # Another request took the last point while this one was carried out. What was done is done, and is reported so.
        return look(services, caller)


def metadata(limits: Limits) -> dict[str, Any]:
    """Return the ``metadata`` member. Resets are seconds until the period begins anew."""
    return {
        "limits": {
            "day_limit": limits.day_limit,
            "day_remaining": limits.day_remaining,
            "day_reset": limits.day_reset,
            "minute_limit": limits.minute_limit,
            "minute_remaining": limits.minute_remaining,
            "minute_reset": limits.minute_reset,
        }
    }


def _count(services: Services, caller: Caller, cost: int) -> Limits:
    return services.directory.spend_points(
        caller.purse, caller.account_id, caller.points_per_minute, services.settings.call_api_points_per_day, cost
    )
