"""Which part of a resource or collection a GET asks for: ``fields``, and any attribute as a filter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

Resource = dict[str, Any]


def collection(
    name: str, resources: Sequence[Resource], query: Mapping[str, str], known: Collection[str]
) -> dict[str, Any]:
    """Return the reply to a GET of a collection: addresses only, unless ``fields`` asks for the resources themselves.

    A query parameter that is one of the ``known`` attribute names must equal that attribute; several combine with AND. Others,
    such as what browsers add against caches, are ignored.
    """
    wanted = {key: value for key, value in query.items() if key in known}
    found = [
        resource for resource in resources if all(_equals(resource.get(key), value) for key, value in wanted.items())
    ]
    fields = query.get("fields")
    if not fields:
        return {"statusCode": 0, "uris": [resource["uri"] for resource in found]}
    return {"statusCode": 0, name: [chosen(resource, fields) for resource in found]}


def single(name: str, resource: Resource, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the reply to a GET of one resource, under its singular name."""
    return {"statusCode": 0, name: chosen(resource, query.get("fields"))}


def chosen(resource: Resource, fields: str | None) -> Resource:
    """Return the attributes named in ``fields`` (comma-separated; ``*`` or nothing = all)."""
    names = _names(fields)
    if not names or "*" in names:
        return resource
    return {name: value for name, value in resource.items() if name in names}


def subresources(query: Mapping[str, str], known: Sequence[str]) -> list[str]:
    """Return which of the ``known`` subresources a GET asks to embed."""
    names = _names(query.get("subresources"))
    return [name for name in known if name in names or "*" in names]


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _equals(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    return isinstance(value, str | int) and str(value) == text
