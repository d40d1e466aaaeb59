"""What a waiting party may be played: checked before anything is asked of the provider."""

from sqlalchemy import Engine, Select, or_, select

from app.core.errors import InvalidInput, MediaNotFound, TextTooLong
from app.core.session import Message
from app.store import tables as t


class Messages:
    """Knows the media files and the limits."""

    def __init__(self, engine: Engine, tts_max_length: int) -> None:
        self._engine = engine
        self._tts_max_length = tts_max_length

    def checked(self, kind: str, value: str, account_id: str) -> Message:
        """Return a message that can be played.

        ``kind``: media (``value`` = its id, or the name of a melody of the house) or tts (``value`` = the text, sent on verbatim).
        Raises MediaNotFound (also for another account's file), TextTooLong (characters as sent), InvalidInput for anything else.
        """
        if kind == "tts":
            if len(value) > self._tts_max_length:
                raise TextTooLong(limit=self._tts_max_length, length=len(value))
            if not value.strip() or any(not _speakable(character) for character in value):
                raise InvalidInput("The text cannot be spoken", field="value")
            return Message("tts", value)
        if kind != "media":
            raise InvalidInput("A message is media or tts", field="type")
        # An id longer than any of ours is nobody's; int() of something huge is not worth the time.
        if value.isascii() and value.isdigit() and len(value) < 10 and self._exists(int(value), account_id):
            return Message("media", str(int(value)))
        if value.isascii() and value.isprintable() and self._is_ours(value):
            return Message("media", value)
        raise MediaNotFound(media_id=value)

    def _exists(self, media_id: int, account_id: str) -> bool:
        visible = or_(t.media.c.account_id.is_(None), t.media.c.account_id == account_id)
        return self._any(select(t.media.c.id).where(t.media.c.id == media_id, visible))

    def _is_ours(self, name: str) -> bool:
        return self._any(select(t.media.c.id).where(t.media.c.name == name, t.media.c.account_id.is_(None)))

    def _any(self, statement: Select[tuple[int]]) -> bool:
        with self._engine.connect().execution_options(read_only=True) as connection:
            return connection.execute(statement).first() is not None


def _speakable(character: str) -> bool:
    """Return whether XML 1.0 can carry a character: a document with any other would not be read at all."""
    point = ord(character)
    return point in (0x9, 0xA, 0xD) or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or point >= 0x10000
