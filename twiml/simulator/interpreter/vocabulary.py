"""Which attributes the verbs and nouns of TwiML have, read from the builders of Twilio's own package."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from xml.etree.ElementTree import Element

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

_PARENTS = {"Dial": Dial, "Gather": Gather}
# Text content and child elements, which the builders take as arguments too.
_NOT_ATTRIBUTES = frozenset(
    {"self", "kwargs", "message", "url", "name", "number", "phone_number", "identity", "sip_url"}
)
# Nouns that have a real attribute of such a name.
_KEPT = {"Number": {"url"}, "Client": {"url"}, "Sip": {"url"}, "Queue": {"url"}}
# Documented, but unknown to the builders.
_DOCUMENTED = {"Dial": {"callReason"}, "Client": {"clientNotificationUrl"}}


def _camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match.group(1).upper(), name.rstrip("_"))


@cache
def attributes_of(tag: str, parent: str) -> frozenset[str] | None:
    """The attributes of ``tag`` inside ``parent`` (Response, Dial or Gather), None for a tag that is not known."""
    builder = _PARENTS.get(parent, VoiceResponse)
    method = getattr(builder, tag.lower(), None)
    if method is None:
        return None
    names = set(inspect.signature(method).parameters) - (_NOT_ATTRIBUTES - _KEPT.get(tag, set()))
    return frozenset(_camel_case(name) for name in names) | _DOCUMENTED.get(tag, set())


def unknown_attributes(element: Element) -> Iterator[str]:
    """The attributes of a verb and of what stands in it that Twilio does not know, as ``Verb.attribute``."""
    yield from _unknown(element, "Response")
    if element.tag in _PARENTS:
        for child in element:
            yield from _unknown(child, element.tag)


def _unknown(element: Element, parent: str) -> Iterator[str]:
    known = attributes_of(element.tag, parent)
    if known is not None:
        yield from (f"{element.tag}.{name}" for name in element.attrib if name not in known)
