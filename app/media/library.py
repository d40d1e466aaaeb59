"""The media files. They lie in the store, so that every process on every machine can serve them, and never change: a new
recording gets a new id. That is why they may be cached for a year."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from app.media import melody
from app.store import tables as t

DEFAULT_MEDIA_ID = 1  # dialing_music: what a waiting party hears when nobody chose a message
DEMO_MELODY_ID = 2034


@dataclass(frozen=True)
class MediaFile:
    """A media file. ``etag``: SHA-256 of the content, hex."""

    id: int
    name: str
    content_type: str
    etag: str
    content: bytes


def find(connection: Connection, media_id: int) -> MediaFile | None:
    """Return a file by its id."""
    row = connection.execute(select(t.media).where(t.media.c.id == media_id)).one_or_none()
    return None if row is None else MediaFile(row.id, row.name, row.content_type, row.etag, bytes(row.content))


def find_ours(connection: Connection, name: str) -> MediaFile | None:
    """Return a melody of the house by its name. Files of accounts have no public name: it could be guessed."""
    row = connection.execute(select(t.media).where(t.media.c.name == name, t.media.c.account_id.is_(None))).first()
    return None if row is None else MediaFile(row.id, row.name, row.content_type, row.etag, bytes(row.content))


def next_media_id(connection: Connection) -> int:
    """Return an id above every one in use."""
    return int(connection.execute(select(func.max(t.media.c.id))).scalar_one() or 0) + 1


def add_wav(connection: Connection, media_id: int, name: str, content: bytes, account_id: str | None = None) -> None:
    """Add a WAV file. ``account_id`` None = for every account. Raises wave.Error when it is not one."""
    connection.execute(
        insert(t.media).values(
            id=media_id,
            account_id=account_id,
            name=name,
            content_type="audio/wav",
            etag=hashlib.sha256(content).hexdigest(),
            seconds=melody.seconds_of(content),
            content=content,
        )
    )


def add_melodies(connection: Connection) -> None:
    """Add the project's own melodies, those that are not there yet."""
    known = set(connection.execute(select(t.media.c.id)).scalars())
    for media_id, name, notes, speed in (
        (DEFAULT_MEDIA_ID, "dialing_music", melody.EVENING, 100),
        (DEMO_MELODY_ID, "hold_melody", melody.WALK, 120),
    ):
        if media_id not in known:
            add_wav(connection, media_id, name, melody.wav(notes, speed))
