"""What the webhooks answer: documents that fit where the call stands, from the store, without asking the provider anything."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from app.core import commands as c
from app.core import facts as f
from app.core.session import Message, Session
from tests.support.house import CALLER, CALLER_SID, PUBLIC_URL, TOKEN, Site
from tests.support.webhooks import signature

BASE = f"{PUBLIC_URL}/webhooks/twilio"


def ask(site: Site, url: str, **form: str) -> str:
    """POST a signed webhook; it is answered 200, and what it answers."""
    parts = urlsplit(url)
    asked = list(site.provider.asked)
    answer = site.house.flask.test_client().post(
        parts.path + ("?" + parts.query if parts.query else ""),
        data=form,
        headers={"X-Twilio-Signature": signature(TOKEN, url, form)},
    )
    assert answer.status_code == 200, (answer.status_code, answer.text)
    assert answer.content_type.startswith("text/xml")
    assert answer.headers["Cache-Control"] == "no-store"
    # What it makes necessary is begun behind its back.
    assert site.provider.asked[: len(asked)] == asked
    return answer.text


def of(session: Session, what: str) -> str:
    return f"{BASE}/sessions/{session.id}/{what}"


def left(stay: int) -> str:
    """The address that is asked when the customer is out of the conference into which they had been put back so often."""
    return f"left?stay={stay}"


def call(site: Site, to: str) -> str:
    return ask(site, f"{BASE}/voice", CallSid=CALLER_SID, From=CALLER, To=to, CallStatus="ringing")


def test_a_caller_on_a_direct_line_comes_into_a_conference_whose_name_holds_no_number(site: Site) -> None:
    document = call(site, "+15550001001")
    assert "<Conference" in document
    assert 'endConferenceOnExit="false"' in document
    assert "5550" not in document.replace(PUBLIC_URL, "")
    site.at_rest()
    assert [leg.to for leg in site.provider.dialled] == ["client:alice"]


def test_a_caller_on_a_ring_queues_line_waits_in_it(site: Site) -> None:
    document = call(site, "+15550001000")
    assert ">support</Enqueue>" in document
    site.at_rest()
    assert [leg.to for leg in site.provider.dialled] == ["client:alice"]


def test_the_same_call_asked_again_gets_the_same_document_and_rings_nobody_twice(site: Site) -> None:
    assert call(site, "+15550001001") == call(site, "+15550001001")
    site.at_rest()
    assert len(site.provider.dialled) == 1


@pytest.mark.parametrize("to", ["+15550009999", "", "client:alice", "🙂"])
def test_a_number_that_leads_nowhere_is_told_so(site: Site, to: str) -> None:
    document = call(site, to)
    assert "not in service" in document
    assert document.endswith("<Hangup /></Response>")
    assert site.provider.asked == []


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        (None, f'<Play loop="0">{PUBLIC_URL}/media/dialing_music.wav</Play>'),
        (Message("media", "2034"), f'<Play loop="0">{PUBLIC_URL}/media/2034.wav</Play>'),
        (Message("tts", "Wait & see"), "<Say>Wait &amp; see</Say>"),
    ],
)
def test_a_held_customer_hears_the_message_of_the_hold(site: Site, message: Message | None, heard: str) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.Hold(message=message))
    hold_url = site.provider.urls[-1]
    document = ask(site, hold_url, CallSid=CALLER_SID)
    assert heard in document
    assert "<Redirect" in document


def test_the_message_is_there_before_the_provider_has_confirmed_the_hold(site: Site) -> None:
    """The document may be asked for before the reply to the request that asked for it."""
    session = site.given_talk()
    asked: list[str] = []

    real = site.provider.set_hold

    def set_hold(conference_sid: str, call_sid: str, held: bool, hold_url: str, heard_by: str | None = None) -> None:
        real(conference_sid, call_sid, held, hold_url, heard_by)
        asked.append(ask(site, hold_url, CallSid=call_sid))

    site.provider.set_hold = set_hold  # type: ignore[method-assign]
    site.control.run(session.id, c.Hold(message=Message("tts", "Just a moment")))
    assert "Just a moment" in asked[0]


def test_a_parked_customer_hears_the_message_too(site: Site) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.Park(message=Message("tts", "You are parked")))
    document = ask(site, of(session, "queue"), CallSid=CALLER_SID)
    assert f">hold-{session.id}</Enqueue>" in document
    assert "You are parked" in ask(site, of(session, "queue-wait"), CallSid=CALLER_SID, QueueSid="QU" + "1" * 32)


def test_a_customer_whom_somebody_else_put_out_of_the_conference_is_brought_back(site: Site) -> None:
    session = site.given_talk()
    assert "<Conference" in ask(site, of(session, "left"), CallSid=CALLER_SID, CallStatus="in-progress")


def test_a_customer_on_the_way_to_the_queue_is_left_alone(site: Site) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.Park())
    assert ask(site, of(session, "left"), CallSid=CALLER_SID, CallStatus="in-progress").endswith("<Response />")


def test_a_customer_whom_the_conference_never_keeps_is_told_and_let_go(site: Site) -> None:
    session = site.given_talk()
    answers = [ask(site, of(session, left(n)), CallSid=CALLER_SID, CallStatus="in-progress") for n in range(6)]
    assert "<Hangup" in answers[-1]


def test_a_report_repeated_any_number_of_times_brings_the_customer_back_once(site: Site) -> None:
    session = site.given_talk()
    for _ in range(9):
        answer = ask(site, of(session, left(0)), CallSid=CALLER_SID, CallStatus="in-progress")
        assert "<Conference" in answer
    # What is asked when they come out the next time is another report than the one that was repeated.
    assert left(1) in answer.replace("&amp;", "&")


def test_a_report_of_a_stay_that_is_over_moves_no_parked_customer(site: Site) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.Park())
    site.control.take_in(session.id, f.LegQueued(CALLER_SID, "QU" + "1" * 32))
    site.at_rest()
    before = site.control.session(session.id)
    asked = list(site.provider.asked)
    ask(site, of(session, left(0)), CallSid=CALLER_SID, CallStatus="in-progress")
    site.at_rest()
    assert (site.control.session(session.id), list(site.provider.asked)) == (before, asked)


@pytest.mark.parametrize("what", ["wait", "legs/x-0/hold", "announcements/digits"])
def test_what_is_heard_in_a_conference_hangs_nobody_up_though_nobody_knows_the_session(site: Site, what: str) -> None:
    answer = ask(site, f"{BASE}/sessions/{'0' * 24}/{what}", CallSid=CALLER_SID)
    assert "<Hangup" not in answer
    assert "<Play" in answer


@pytest.mark.parametrize("what", ["queue", "join", "left"])
def test_after_the_end_nobody_is_put_anywhere(site: Site, what: str) -> None:
    session = site.given_talk()
    site.control.take_in(session.id, f.CallProgressed(CALLER_SID, "completed"))
    assert ask(site, of(session, what), CallSid=CALLER_SID, CallStatus="in-progress").endswith("<Hangup /></Response>")


@pytest.mark.parametrize("result", ["queue-full", "error", "system-error"])
def test_a_customer_whom_the_queue_does_not_take_is_told_so(site: Site, result: str) -> None:
    session = site.call_in("+15550001000")
    document = ask(site, of(session, "dequeued"), CallSid=CALLER_SID, QueueResult=result)
    assert "<Say>" in document
    assert "<Hangup" in document


def test_digits_are_played_as_they_were_sent(site: Site) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.SendDigits("1*#"))
    assert ask(site, site.provider.urls[-1], CallSid=CALLER_SID).endswith('<Play digits="1*#" /></Response>')


@pytest.mark.parametrize("what", ["conference", "legs/x/progress"])
def test_a_callback_of_an_unknown_session_is_swallowed(site: Site, what: str) -> None:
    url = f"{BASE}/sessions/{'0' * 24}/{what}"
    answer = site.house.flask.test_client().post(
        urlsplit(url).path, data={"CallSid": CALLER_SID}, headers={"X-Twilio-Signature": signature(TOKEN, url, {"CallSid": CALLER_SID})}
    )  # fmt: skip
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("what", ["queue", "queue-wait", "join", "left", "farewell"])
def test_a_document_of_an_unknown_session_hangs_up(site: Site, what: str) -> None:
    assert "<Hangup" in ask(site, f"{BASE}/sessions/{'0' * 24}/{what}", CallSid=CALLER_SID)


def test_addresses_hold_no_number(site: Site) -> None:
    """Addresses end up in logs of proxies; telephone numbers do not belong there."""
    session = site.given_talk()
    site.control.run(session.id, c.Hold())
    assert site.provider.urls
    assert all(url.startswith(BASE) and "5550" not in url for url in site.provider.urls)
