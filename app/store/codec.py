"""How values of the core become the text in ``body`` columns and come back."""

from typing import Any

import msgspec

from app.core import facts, intents
from app.core.facts import Fact
from app.core.intents import Intent
from app.core.notices import Notice
from app.core.session import Session

_encoder = msgspec.json.Encoder()
_session = msgspec.json.Decoder(Session)
_INTENTS: dict[str, type] = {kind.__name__: kind for kind in intents.Intent.__args__}
_FACTS: dict[str, type] = {kind.__name__: kind for kind in facts.Fact.__args__}


def encode_session(session: Session) -> str:
    """Return a session as JSON text."""
    return _encoder.encode(session).decode()


def decode_session(text: str) -> Session:
    """Return the session that ``encode_session`` wrote."""
    return _session.decode(text)


def encode_tagged(value: Intent | Fact) -> str:
    """Return an intent or a fact as JSON text that names its class."""
    return _encoder.encode([type(value).__name__, value]).decode()


def decode_intent(text: str) -> Intent:
    """Return the intent that ``encode_tagged`` wrote."""
    return _decode(text, _INTENTS)  # type: ignore[no-any-return]


def decode_fact(text: str) -> Fact:
    """Return the fact that ``encode_tagged`` wrote."""
    return _decode(text, _FACTS)  # type: ignore[no-any-return]


def _decode(text: str, kinds: dict[str, type]) -> Any:
    name, fields = msgspec.json.decode(text)
    return msgspec.convert(fields, kinds[name])


def told(notice: Notice) -> tuple[str, dict[str, Any]]:
    """Return whose log a notice goes to (user id) and its body."""
    return notice.user_id, {"kind": notice.kind, "text": notice.text, "view": plain(notice.view)}


def plain(value: Any) -> Any:
    """Return a value of the core as plain dicts, lists and scalars."""
    return msgspec.to_builtins(value)
