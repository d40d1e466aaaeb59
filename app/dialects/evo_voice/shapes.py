"""What a data contract looks like on the wire: its members' names, namespaces and order, read from a frozen dataclass.

A contract is a dataclass whose fields stand in declaration order, which is the order of JSON; ``NAMESPACE`` names its CLR namespace.
XML has its own order: the base class's members first, each level sorted by ordinal comparison, unless ``IN_ORDER`` says that the
contract keeps its declaration order. Member names come from the attributes (``call_sid`` is ``CallSid`` in XML and ``callSid`` in
JSON), or from the field's ``name`` metadata.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
SERVICESTACK_TYPES = "http://schemas.servicestack.net/types"
_CLR = "http://schemas.datacontract.org/2004/07/"


def clr_namespace(name: str) -> str:
    """Return the XML namespace of a CLR namespace such as ``Voice.Api.Sessions``."""
    return _CLR + name


@dataclass(frozen=True)
class Member:
    """One member of a contract. ``kind`` is str, bool, int, an enumeration, a contract, tuple or dict; ``item`` a tuple's element."""

    attribute: str
    name: str
    json_name: str
    kind: type
    item: type | None
    namespace: str

    @property
    def content_namespace(self) -> str:
        """The namespace of the elements inside this member."""
        if self.kind is dict:
            return ARRAYS
        if self.kind is not tuple and not dataclasses.is_dataclass(self.kind):
            return self.namespace
        inner = self.item if self.kind is tuple else self.kind
        if inner is not None and dataclasses.is_dataclass(inner):
            return shape_of(inner).namespace
        return ARRAYS if inner is str else self.namespace


@dataclass(frozen=True)
class Shape:
    """A contract's name, namespace and members. ``declared`` is the order of JSON, ``sorted`` that of XML."""

    name: str
    namespace: str
    declared: tuple[Member, ...]
    sorted: tuple[Member, ...]


def shape_of(contract: type) -> Shape:
    """Return the shape of a contract class. Own members come before inherited ones in JSON, after them in XML."""
    return _shape_of(contract)


@cache
def _shape_of(contract: type) -> Shape:
    levels = [_members(level) for level in contract.__mro__ if "__annotations__" in vars(level)]
    ordered = bool(vars(contract).get("IN_ORDER", False))
    by_name = [level if ordered else tuple(sorted(level, key=lambda member: member.name)) for level in reversed(levels)]
    return Shape(
        name=str(vars(contract).get("WIRE_NAME", contract.__name__)),
        namespace=_namespace(contract),
        declared=tuple(member for level in levels for member in level),
        sorted=tuple(member for level in by_name for member in level),
    )


def _namespace(contract: type) -> str:
    own = str(vars(contract)["NAMESPACE"])
    return own if "://" in own else clr_namespace(own)


def _members(level: type) -> tuple[Member, ...]:
    hints = get_type_hints(level)
    metadata = {field.name: field.metadata for field in dataclasses.fields(level)}
    names = [name for name in vars(level)["__annotations__"] if name in metadata]
    return tuple(_member(level, name, hints[name], str(metadata[name].get("name", _pascal(name)))) for name in names)


def _member(level: type, attribute: str, hint: Any, name: str) -> Member:
    if get_origin(hint) is UnionType:
        hint = next(option for option in get_args(hint) if option is not NoneType)
    kind = get_origin(hint) or hint
    item = get_args(hint)[0] if kind is tuple else None
    return Member(attribute, name, name[0].lower() + name[1:], kind, item, _namespace(level))


def _pascal(attribute: str) -> str:
    return "".join(part.capitalize() for part in attribute.rstrip("_").split("_"))
