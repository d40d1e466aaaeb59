"""What an idempotency key is answered with before there is an answer to give again."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Response

from app.control.replays import Replays
from app.core.errors import KeyInUse, KeyOutcomeUnknown, KeyReused
from app.store.engine import open_engine
from tests.support.house import Site

OWNER, KEY = "evo:alice", "one-and-the-same"


def ask(site: Site, body: str = "hold") -> object:
    """A request with the key comes in and is begun, or answered, or refused."""
    with site.house.flask.test_request_context("/sessions", method="POST", data=body):
        return site.house.services.replays.begin(OWNER, KEY)


def test_while_the_first_request_is_carried_out_the_same_key_is_told_to_wait(site: Site) -> None:
    assert ask(site) is None
    site.clock.advance(100)
    with pytest.raises(KeyInUse, match="still being carried out"):
        ask(site)


def test_a_key_whose_process_died_is_told_that_nobody_knows(site: Site) -> None:
    assert ask(site) is None
    site.clock.advance(121)
    with pytest.raises(KeyOutcomeUnknown, match="look at the call"):
        ask(site)


def test_a_key_whose_process_died_is_still_no_key_for_another_request(site: Site) -> None:
    assert ask(site) is None
    site.clock.advance(121)
    with pytest.raises(KeyReused):
        ask(site, "retrieve")


def test_after_a_day_a_key_is_new_again(site: Site) -> None:
    assert ask(site) is None
    site.clock.advance(24 * 3600 + 1)
    site.house.housekeeper.round()
    assert ask(site) is None


def test_an_answer_that_cannot_be_kept_is_given_all_the_same_and_the_key_stays_refused(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'store.sqlite'}")
    with site.house.flask.test_request_context("/sessions", method="POST", data="hold"):
        assert site.house.services.replays.begin(OWNER, KEY) is None
        answer = Replays(away, site.clock).end(Response("held"))
    assert (answer.status_code, answer.get_data()) == (200, b"held")
    assert "could not be kept" in caplog.text
    with pytest.raises(KeyInUse):
        ask(site)
