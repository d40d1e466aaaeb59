"""TwiML documents, written by hand so that no builder of ours decides what a test sends."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def element(name: str, content: str = "", **attributes: object) -> str:
    """One element; `content` is taken as it is, attribute values are escaped, booleans become the words."""
    words = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in attributes.items()}
    written = "".join(f" {key.rstrip('_')}={quoteattr(value)}" for key, value in words.items())
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def response(*verbs: str) -> str:
    """A whole document."""
    return f"{DECLARATION}<Response>{''.join(verbs)}</Response>"


def say(text: str, **attributes: object) -> str:
    return element("Say", escape(text), **attributes)


def play(url: str, **attributes: object) -> str:
    return element("Play", escape(url), **attributes)


def pause(length: int) -> str:
    return element("Pause", length=length)


def redirect(url: str = "", **attributes: object) -> str:
    return element("Redirect", escape(url), **attributes)


def gather(*content: str, **attributes: object) -> str:
    return element("Gather", "".join(content), **attributes)


def dial(*nouns: str, **attributes: object) -> str:
    return element("Dial", "".join(nouns), **attributes)


def conference(name: str, **attributes: object) -> str:
    return element("Conference", escape(name), **attributes)


def queue(name: str, **attributes: object) -> str:
    return element("Queue", escape(name), **attributes)


def enqueue(name: str, **attributes: object) -> str:
    return element("Enqueue", escape(name), **attributes)


def number(address: str, **attributes: object) -> str:
    return element("Number", escape(address), **attributes)


def client(identity: str, **attributes: object) -> str:
    return element("Client", escape(identity), **attributes)


def looping(text: str) -> str:
    """A wait or hold document that says one sentence again and again."""
    return response(say(text), pause(2), redirect())
