"""The provider port over real HTTP against the simulator: each request does what the port says, each refusal has its meaning."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from app.provider.errors import Meaning, ProviderError
from app.provider.port import Created
from app.provider.twilio import TwilioProvider
from tests.support.processes import free_port
from tests.support.twilio_side import Simulator, own_simulator
from tests.support.waiting import until
from tests.support.webhook_receiver import WebhookReceiver, receiving

LINE = "+15550001001"
ROOM = "hookflash-5f8e"
LOOP = '<Response><Play loop="0">http://127.0.0.1:9/x.wav</Play></Response>'


@dataclass
class World:
    """The provider under test, the simulator behind it, and a web server that answers its webhooks."""

    provider: TwilioProvider
    phones: Simulator
    web: WebhookReceiver

    def dial(self, to: str = "client:bob", label: str = "leg-1", room: str = ROOM) -> Created:
        return self.provider.create_participant(
            room,
            label=label,
            to=to,
            caller=LINE,
            timeout=25,
            progress_url=self.web.url("/progress"),
            wait_url=self.web.url("/wait"),
            conference_url=self.web.url("/events"),
        )

    def talk(self) -> tuple[Created, Created]:
        """Two dialled parties hear each other."""
        first, second = self.dial(), self.dial("+15550100009", "leg-2")
        self.phones.answer(first.call_sid)
        self.phones.answer(second.call_sid)
        until(lambda: self.phones.hearing(first.call_sid).others == {second.call_sid})
        return first, second


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with own_simulator() as simulator:
        yield simulator


@pytest.fixture
def world(simulator: Simulator) -> Iterator[World]:
    account = simulator.account()
    with receiving() as web:
        for path in ("/wait", "/hold"):
            web.on(path, LOOP)
        web.on("/said", "<Response><Say>hello</Say></Response>")
        provider = TwilioProvider(account.sid, account.sid, account.auth_token, api_url=simulator.base_url, timeout=2.0)
        yield World(provider, simulator, web)
        simulator.reset()


def test_a_party_is_dialled_into_the_conference_under_our_label(world: World) -> None:
    created = world.dial()
    assert world.phones.ringing("client:bob") == created.call_sid
    assert world.provider.find_participant(ROOM, None, "leg-1") == created
    request = next(entry for entry in world.phones.log() if entry.kind == "rest" and entry.method == "POST")
    sent = request.fields
    assert (sent["To"], sent["From"], sent["Label"], sent["Timeout"]) == ("client:bob", LINE, "leg-1", "25")
    assert (sent["EndConferenceOnExit"], sent["Beep"], sent["EarlyMedia"]) == ("false", "false", "true")
    world.web.wait_for("/progress", CallSid=created.call_sid, CallStatus="ringing")


def test_a_label_that_nobody_has_is_nobody(world: World) -> None:
    assert world.provider.find_participant(ROOM, None, "leg-1") is None
    created = world.dial()
    assert world.provider.find_participant(ROOM, created.conference_sid, "leg-9") is None


def test_a_held_party_hears_the_message_and_a_released_one_the_other(world: World) -> None:
    first, second = world.talk()
    world.provider.set_hold(first.conference_sid, first.call_sid, True, world.web.url("/hold"))
    until(lambda: world.phones.hearing(first.call_sid).kind == "hold")
    world.web.wait_for("/hold")
    assert [
        one.held for one in world.provider.participants(first.conference_sid) if one.call_sid == first.call_sid
    ] == [True]
    request = [entry for entry in world.phones.log() if entry.kind == "rest" and "Hold" in entry.fields][-1]
    assert request.fields["HoldMethod"] == "POST"
    world.provider.set_hold(first.conference_sid, first.call_sid, False, world.web.url("/hold"))
    until(lambda: world.phones.hearing(first.call_sid).others == {second.call_sid})


def test_a_party_released_for_one_alone_is_heard_by_nobody_else_until_the_talk_is_opened(world: World) -> None:
    first, second = world.talk()
    world.provider.set_hold(first.conference_sid, first.call_sid, True, world.web.url("/hold"))
    third = world.dial("+15550100008", "leg-3")
    world.provider.set_hold(first.conference_sid, first.call_sid, False, world.web.url("/hold"), second.call_sid)
    world.phones.answer(third.call_sid)
    until(lambda: world.phones.hearing(third.call_sid).others == {second.call_sid})
    assert world.phones.hearing(second.call_sid).others == {first.call_sid, third.call_sid}
    world.provider.open_up(first.conference_sid, first.call_sid)
    until(lambda: world.phones.hearing(third.call_sid).others == {first.call_sid, second.call_sid})


def test_a_muted_party_is_not_heard(world: World) -> None:
    first, second = world.talk()
    world.provider.set_mute(first.conference_sid, first.call_sid, True)
    until(lambda: world.phones.hearing(second.call_sid).others == frozenset())
    world.provider.set_mute(first.conference_sid, first.call_sid, False)
    until(lambda: world.phones.hearing(second.call_sid).others == {first.call_sid})


def test_an_announcement_reaches_one_party_alone(world: World) -> None:
    first, second = world.talk()
    world.provider.announce(first.conference_sid, first.call_sid, world.web.url("/said"))
    until(lambda: "say: hello" in world.phones.call(first.call_sid).nows)
    assert "say: hello" not in world.phones.call(second.call_sid).nows


def test_a_removed_party_is_out_and_the_other_stays(world: World) -> None:
    first, second = world.talk()
    world.provider.remove(first.conference_sid, first.call_sid)
    until(lambda: [one.call_sid for one in world.provider.participants(first.conference_sid)] == [second.call_sid])
    until(lambda: world.provider.call_status(first.call_sid) == "completed")


def test_a_ringing_party_can_be_hung_up(world: World) -> None:
    created = world.dial()
    world.phones.ringing("client:bob")
    world.provider.hang_up(created.call_sid)
    until(lambda: world.phones.phone("client:bob") == [])
    until(lambda: world.provider.call_status(created.call_sid) in ("canceled", "completed"))


def test_a_call_is_sent_to_another_document(world: World) -> None:
    first, second = world.talk()
    world.web.on("/queue", f'<Response><Enqueue waitUrl="{world.web.url("/wait")}">park</Enqueue></Response>')
    world.provider.redirect(first.call_sid, world.web.url("/queue"))
    until(lambda: (line := world.phones.queue("park")) and line.members == (first.call_sid,))
    queue = world.phones.queue("park")
    assert queue is not None
    world.web.on("/bye", "<Response><Say>goodbye</Say><Hangup/></Response>")
    world.provider.dequeue(queue.sid, first.call_sid, world.web.url("/bye"))
    until(lambda: "say: goodbye" in world.phones.call(first.call_sid).nows)
    with pytest.raises(ProviderError) as refused:
        world.provider.dequeue(queue.sid, first.call_sid, world.web.url("/bye"))
    assert refused.value.meaning is Meaning.GONE
    assert second


def test_a_line_is_told_where_its_calls_go(world: World) -> None:
    assert world.provider.set_line(LINE, world.web.url("/voice"), world.web.url("/status"))
    world.web.on("/voice", '<Response><Pause length="60"/></Response>')
    call = world.phones.place_call("+15550100001", LINE)
    world.web.wait_for("/voice", CallSid=call)
    world.phones.hangup(call)
    world.web.wait_for("/status", CallSid=call, CallStatus="completed")
    assert not world.provider.set_line("+15557770000", "http://127.0.0.1:9/a", "http://127.0.0.1:9/b")


def test_the_conference_is_found_by_our_name_while_it_lives(world: World) -> None:
    assert world.provider.conference_sid(ROOM) is None
    first, second = world.talk()
    assert world.provider.conference_sid(ROOM) == first.conference_sid
    for leg in (first, second):
        world.phones.hangup(leg.call_sid)
    until(lambda: world.provider.conference_sid(ROOM) is None)


def meaning(world: World, act: str) -> Meaning:
    """What the provider says to holding a party, or to hanging it up."""
    unknown, room = "CA" + "0" * 32, "CF" + "0" * 32
    with pytest.raises(ProviderError) as error:
        if act == "hold":
            world.provider.set_hold(room, unknown, True, world.web.url("/hold"))
        else:
            world.provider.hang_up(unknown)
    return error.value.meaning


@pytest.mark.parametrize("act", ["hold", "hang up"])
def test_whoever_is_gone_is_gone(world: World, act: str) -> None:
    assert meaning(world, act) is Meaning.GONE


def test_a_call_that_has_ended_cannot_be_sent_elsewhere_and_counts_as_gone(world: World) -> None:
    first, _ = world.talk()
    world.phones.hangup(first.call_sid)
    until(lambda: world.provider.call_status(first.call_sid) == "completed")
    with pytest.raises(ProviderError) as error:
        world.provider.redirect(first.call_sid, world.web.url("/wait"))
    assert error.value.meaning is Meaning.GONE


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("rest_429", Meaning.AGAIN),
        ("rest_500_after_effect", Meaning.UNKNOWN_OUTCOME),
        ("rest_timeout", Meaning.UNKNOWN_OUTCOME),
    ],
)
def test_trouble_of_the_provider_has_its_meaning(world: World, fault: str, expected: Meaning) -> None:
    world.phones.faults(**{fault: 1.0})
    with pytest.raises(ProviderError) as error:
        world.dial()
    assert error.value.meaning is expected


def test_a_bad_destination_is_refused(world: World) -> None:
    with pytest.raises(ProviderError) as error:
        world.dial("not a number")
    assert error.value.meaning is Meaning.REFUSED
    assert error.value.code is not None


def test_wrong_credentials_are_a_refusal_that_does_not_tell_them(world: World) -> None:
    sid = world.phones.account().sid
    provider = TwilioProvider(sid, sid, "wrong-secret", api_url=world.phones.base_url)
    with pytest.raises(ProviderError) as error:
        provider.hang_up("CA" + "0" * 32)
    assert error.value.meaning is Meaning.REFUSED
    assert "wrong-secret" not in str(error.value)


def test_a_provider_that_is_not_there_is_no_reason_to_give_up_for_good() -> None:
    provider = TwilioProvider("AC" + "0" * 32, "user", "secret", api_url=f"http://127.0.0.1:{free_port()}", timeout=1.0)
    with pytest.raises(ProviderError) as error:
        provider.hang_up("CA" + "0" * 32)
    assert error.value.meaning in (Meaning.AGAIN, Meaning.UNKNOWN_OUTCOME)


@contextmanager
def answering(reply: bytes) -> Iterator[TwilioProvider]:
    """A provider whose one request is answered with these bytes; then the connection ends."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()

        def answer() -> None:
            line, _ = door.accept()
            with line:
                line.settimeout(5)
                line.recv(65536)
                line.sendall(reply)
                line.shutdown(socket.SHUT_WR)
                while line.recv(65536):  # what is left unread would reset the connection before the reply is read
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        yield TwilioProvider("AC" + "0" * 32, "user", "secret", api_url=url, timeout=2.0)
        thread.join()


OK, JSON, HTML = (
    b"HTTP/1.1 200 OK\r\nConnection: close\r\n",
    b"Content-Type: application/json\r\n",
    b"Content-Type: text/html\r\n",
)
UNREADABLE = {
    "breaks off in a chunk": OK + JSON + b'Transfer-Encoding: chunked\r\n\r\n40\r\n{"acc',
    "is shorter than announced": OK + JSON + b'Content-Length: 500\r\n\r\n{"acc',
    "is the page of a proxy": OK + HTML + b"Content-Length: 6\r\n\r\n<html>",
    "is a proxy's error": b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n"
    + HTML
    + b"Content-Length: 6\r\n\r\n<html>",
}


@pytest.mark.parametrize("reply", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_of_an_answer_that_cannot_be_read_the_outcome_is_unknown(reply: bytes) -> None:
    with answering(reply) as provider, pytest.raises(ProviderError) as error:
        provider.hang_up("CA" + "0" * 32)
    assert error.value.meaning is Meaning.UNKNOWN_OUTCOME


@pytest.mark.parametrize("body", [b"{}", b"<html>"])
def test_of_a_list_without_records_nothing_is_known(body: bytes) -> None:
    reply = OK + JSON + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    with answering(reply) as provider, pytest.raises(ProviderError) as error:
        provider.participants("CF" + "0" * 32)
    assert error.value.meaning is Meaning.UNKNOWN_OUTCOME


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [(404, 20404, Meaning.GONE), (401, 20003, Meaning.REFUSED), (500, 20500, Meaning.UNKNOWN_OUTCOME)],
)
@pytest.mark.parametrize(
    "form", ['{"code": %d, "message": "no"}', '{"type": "t", "title": "no", "status": 1, "code": %d}']
)
def test_a_refused_list_has_the_meaning_of_its_code(status: int, code: int, expected: Meaning, form: str) -> None:
    body = form % code
    head = f"HTTP/1.1 {status} No\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with answering((head + body).encode()) as provider, pytest.raises(ProviderError) as error:
        provider.participants("CF" + "0" * 32)
    assert (error.value.meaning, error.value.code) == (expected, code)
