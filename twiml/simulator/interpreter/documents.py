"""TwiML documents: what counts as one, and which verbs may stand where."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ..transport import Reply
from .media import Media, is_audio, length_of

MAX_BYTES = 64 * 1024
_TWIML_TYPES = ("text/xml", "application/xml", "text/html")


class TwimlError(Exception):
    """A document that cannot be run, or not further. ``code`` is Twilio's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Context:
    """A place where TwiML is run: the verbs that may be used there (None: all) and the error for any other."""

    name: str
    allowed: frozenset[str] | None = None
    illegal: int = 12200


CALL = Context("call")
# What the callee hears before it is bridged: everything but another Dial.
SCREENING = Context(
    "screening",
    frozenset({"Say", "Play", "Pause", "Gather", "Record", "Redirect", "Hangup", "Reject", "Enqueue", "Leave"}),
    13201,
)
# What a conference plays to one who waits or is held, and what is announced.
ROOM = Context("conference", frozenset({"Play", "Say", "Pause", "Redirect"}), 13238)
# What a queue plays to one who waits.
QUEUE_WAIT = Context("queue", frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"}), 14219)
# What the queued caller hears just before the bridge.
QUEUE_WHISPER = Context("whisper", frozenset({"Play", "Say", "Pause", "Redirect"}), 14214)


@dataclass(frozen=True)
class Document:
    """Verbs to run, and where they came from: ``url`` None for TwiML given in a REST parameter."""

    verbs: tuple[Element, ...]
    url: str | None
    media: Media | None = None

    def resolve(self, url: str) -> str:
        """A URL of this document made absolute. Raises TwimlError (11100): TwiML given by REST has no base."""
        if self.url is not None:
            try:
                return urljoin(self.url.partition("#")[0], url)
            except ValueError:
                raise TwimlError(11100, f"invalid URL {url!r}") from None
        if not url.startswith(("http://", "https://")):
            raise TwimlError(11100, "a relative URL in TwiML that came without a URL of its own")
        return url


def parse_twiml(text: bytes | str, url: str | None) -> Document:
    """A document from its text. Raises TwimlError: 11750 too large, 11770 empty, 12100 not XML, 12102 wrong root."""
    size = len(text if isinstance(text, bytes) else text.encode())
    if size > MAX_BYTES:
        raise TwimlError(11750, "the document is larger than 64 kB")
    if not text.strip():
        raise TwimlError(11770, "empty response body")
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise TwimlError(12100, f"not well-formed: {error}") from None
    if root.tag != "Response":
        raise TwimlError(12102, "the root element must be Response")
    return Document(tuple(root), url)


def document_of(reply: Reply) -> Document:
    """The document in an answer, by its content type: TwiML, a sound to play, or a text to say. Raises TwimlError."""
    kind = reply.content_type.partition(";")[0].strip().lower()
    if is_audio(kind):
        play = Element("Play")
        play.text = reply.url
        return Document((play,), reply.url, length_of(kind, reply.body))
    if kind in _TWIML_TYPES or not reply.body.strip():
        return parse_twiml(reply.body, reply.url)
    if kind == "text/plain":
        return _plain_text(reply)
    raise TwimlError(12300, f"invalid content type {kind!r}")


def _plain_text(reply: Reply) -> Document:
    """Plain text is run if it is TwiML, and read aloud if not."""
    try:
        return parse_twiml(reply.body, reply.url)
    except TwimlError as error:
        if error.code not in (12100, 12102):
            raise
        say = Element("Say")
        say.text = reply.body.decode("utf-8", errors="replace")
        return Document((say,), reply.url)
