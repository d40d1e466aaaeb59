"""Redirect, Hangup, Reject and Leave: verbs that say where a call goes."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from . import attributes
from .documents import QUEUE_WAIT, Document, TwimlError
from .runner import Ending, Flow, Runner, Source


async def redirect(run: Runner, element: Element, document: Document) -> Flow:
    """Go on with another document; an empty one means this document again."""
    target = attributes.text_of(element)
    if not target and document.url is None:
        raise TwimlError(11100, "Redirect without a URL in TwiML that came without one")
    url = document.resolve(target) if target else document.url
    return Source(url, attributes.method(run, element, "method", 13710))


async def hangup(run: Runner, element: Element, document: Document) -> Flow:
    """End the call."""
    return Ending.HANGUP


async def reject(run: Runner, element: Element, document: Document) -> Flow:
    """Decline an incoming call without answering it, when nothing has answered it before; else hang up."""
    reason = element.get("reason", "rejected")
    if reason not in ("rejected", "busy"):
        run.warn(13810, f"invalid reason {reason!r}")
    if run.leg.status == "ringing":
        run.leg.end(*(("busy", 486) if reason == "busy" else ("no-answer", 603)))
    return Ending.HANGUP


async def leave(run: Runner, element: Element, document: Document) -> Flow:
    """Leave the queue; outside a queue's wait document it does nothing."""
    return Ending.LEAVE if run.context is QUEUE_WAIT else None
