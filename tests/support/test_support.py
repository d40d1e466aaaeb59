"""The tests' own tools are trusted by all other tests, so they are tested first."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
import requests

from tests.support.processes import ProcessFailed, free_port, start
from tests.support.waiting import always, until
from tests.support.webhook_receiver import Reply, receiving


def test_receiver_accepts_twilios_signature_and_no_other() -> None:
    """The published example of Twilio's rules, moved to this receiver's address and signed by hand."""
    with receiving() as app:
        url = app.url("/voice?room=a%20b&x=%27")
        covered = url + "CallSidCA1" + "Empty"
        signature = base64.b64encode(hmac.new(b"12345", covered.encode(), hashlib.sha1).digest()).decode()
        form = {"Empty": "", "CallSid": "CA1"}
        requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=5)
        asked = app.wait_for_one("/voice")
    assert asked.url == url
    assert dict(asked.form) == form
    assert asked.is_signed_with("12345")
    assert not asked.is_signed_with("54321")


def test_receiver_answers_what_was_scripted_in_turn() -> None:
    with receiving() as app:
        url = app.in_turn("/page", Reply(status=503), "<Response/>")
        answers = [requests.get(url, timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert answers[1].text == "<Response/>"


def test_receiver_keeps_get_parameters_and_answers_204_where_nothing_was_scripted() -> None:
    with receiving() as app:
        assert requests.get(app.url("/callback?b=2&a=&a=1"), timeout=5).status_code == 204
        asked = app.wait_for_one("/callback", b="2")
    assert asked.params.getlist("a") == ["", "1"]


def test_waiting_fails_with_what_was_seen_last() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.05 s: the moon"):
        until(lambda: 0, within=0.05, what="the moon")


def test_waiting_returns_the_value_and_takes_assertions_as_not_yet() -> None:
    answers = iter([0, None, "there"])

    def condition() -> str:
        value = next(answers)
        assert value
        return str(value)

    assert until(condition) == "there"


def test_lasting_condition_fails_when_it_stops() -> None:
    answers = iter([True, True, False])
    with pytest.raises(AssertionError, match="stopped being so"):
        always(lambda: next(answers), during=5)


def test_program_that_ends_by_itself_is_reported_with_what_it_printed() -> None:
    command = ["python3", "-c", "print('no such setting'); raise SystemExit(3)"]
    program = start("broken", command, f"http://127.0.0.1:{free_port()}", {})
    with pytest.raises(ProcessFailed, match=r"(?s)ended with 3.*no such setting"):
        program.wait_until_answers("/", within=10)
    program.stop()
