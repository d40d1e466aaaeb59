"""What a waiting party may be played: a file that exists, a text that is not too long and can be spoken."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from app.core.errors import InvalidInput, MediaNotFound, TextTooLong
from app.core.session import Message
from app.store import tables as t
from app.store.demo import MAIN, OTHER
from tests.support.house import Site


def test_a_text_of_a_thousand_characters_is_spoken_and_one_more_is_too_long(site: Site) -> None:
    messages = site.house.services.messages
    for text in ("x" * 1000, "&" * 1000, "🎶" * 1000):
        assert messages.checked("tts", text, MAIN) == Message("tts", text)
        with pytest.raises(TextTooLong):
            messages.checked("tts", text + text[0], MAIN)


def test_a_text_is_kept_verbatim(site: Site) -> None:
    text = "  </Say> & 'so' \n on "
    assert site.house.services.messages.checked("tts", text, MAIN).value == text


@pytest.mark.parametrize("text", ["", "   ", "\x00", "a\x01b", "\ud83d", "\ufffe"])
def test_a_text_that_cannot_be_spoken_is_invalid(site: Site, text: str) -> None:
    with pytest.raises(InvalidInput):
        site.house.services.messages.checked("tts", text, MAIN)


@pytest.mark.parametrize("value", ["1", "2034", "02034"])
def test_a_melody_of_the_house_may_be_played_by_everybody(site: Site, value: str) -> None:
    for account in (MAIN, OTHER):
        assert site.house.services.messages.checked("media", value, account) == Message("media", str(int(value)))


def test_the_default_melody_may_be_chosen_by_its_name(site: Site) -> None:
    for account in (MAIN, OTHER):
        assert site.house.services.messages.checked("media", "dialing_music", account) == Message(
            "media", "dialing_music"
        )


@pytest.mark.parametrize("value", ["7", "-1", "", "1.0", "x", "9" * 40, "٣", "2034 "])
def test_a_file_that_does_not_exist_is_not_found(site: Site, value: str) -> None:
    with pytest.raises(MediaNotFound):
        site.house.services.messages.checked("media", value, MAIN)


def test_the_file_of_another_account_is_not_found(site: Site) -> None:
    with site.house.engine.begin() as connection:
        row = {
            "id": 77,
            "account_id": OTHER,
            "name": "theirs",
            "content_type": "audio/wav",
            "etag": "e",
            "seconds": 1.0,
        }
        connection.execute(insert(t.media).values(**row, content=b"x"))
    assert site.house.services.messages.checked("media", "77", OTHER) == Message("media", "77")
    with pytest.raises(MediaNotFound):
        site.house.services.messages.checked("media", "theirs", OTHER)
    with pytest.raises(MediaNotFound):
        site.house.services.messages.checked("media", "77", MAIN)


def test_a_message_of_another_kind_is_invalid(site: Site) -> None:
    with pytest.raises(InvalidInput):
        site.house.services.messages.checked("video", "1", MAIN)
