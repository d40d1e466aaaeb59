"""The public media files: what Twilio's player receives, and how it may keep it."""

from __future__ import annotations

import hashlib
import io
import wave

import pytest
from flask.testing import FlaskClient

from app.media import melody
from tests.support.house import Site


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.house.flask.test_client()


@pytest.mark.parametrize("media_id", ["1", "2034", "dialing_music"])
def test_a_melody_is_telephone_audio_of_a_sensible_length(client: FlaskClient, media_id: str) -> None:
    answer = client.get(f"/media/{media_id}.wav")
    assert (answer.status_code, answer.content_type) == (200, "audio/wav")
    assert answer.content_length == len(answer.data)
    with wave.open(io.BytesIO(answer.data)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 8000, 2)
        assert 5 < file.getnframes() / file.getframerate() < 60
        assert any(file.readframes(file.getnframes()))


def test_a_file_never_changes_and_may_be_kept_for_a_year(client: FlaskClient) -> None:
    answer = client.get("/media/2034.wav")
    assert answer.headers["ETag"] == f'"{hashlib.sha256(answer.data).hexdigest()}"'
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_player_that_has_the_file_is_told_so(client: FlaskClient) -> None:
    etag = client.get("/media/2034.wav").headers["ETag"]
    again = client.get("/media/2034.wav", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/media/2034.wav", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_part_of_a_file_can_be_asked_for(client: FlaskClient) -> None:
    whole = client.get("/media/2034.wav").data
    part = client.get("/media/2034.wav", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert client.get("/media/2034.wav", headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


def test_the_head_of_a_file_tells_its_size(client: FlaskClient) -> None:
    whole = client.get("/media/2034.wav")
    head = client.head("/media/2034.wav")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize(
    "name", ["2.wav", "2034.mp3", "melody.wav", "-1.wav", "9" * 30 + ".wav", "2034.wav.wav", "%00", "٣.wav", "..", "1e3.wav"]
)  # fmt: skip
def test_what_is_no_file_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/media/{name}").status_code == 404


def test_a_file_cannot_be_changed_from_outside(client: FlaskClient) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.open("/media/2034.wav", method=method).status_code == 405


def test_the_same_notes_give_the_same_bytes() -> None:
    assert melody.wav(melody.WALK, 120) == melody.wav(melody.WALK, 120)


def test_what_is_no_wav_file_has_no_length() -> None:
    with pytest.raises((wave.Error, EOFError)):
        melody.seconds_of(b"RIFF....")
