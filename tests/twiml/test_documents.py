"""The TwiML documents, word for word, and that no text can ever become a verb."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twiml import conference, message, queue
from twiml.message import Played, Sound, Spoken

XML = '<?xml version="1.0" encoding="UTF-8"?>'
MELODY = Played("https://calls.example.test/media/1.wav")
# Twilio: a TwiML document may have 64 kB.
LARGEST = 64 * 1024
NASTY = [
    "</Say><Hangup/>",
    "\"quoted\" & 'single'",
    "🎶 Grüße, 世界",
    "<![CDATA[x]]>",
    "&amp;&lt;",
    "]]>",
    "a\tb\nc\r\nd\re",
    "--><!--",
]
# Every character that XML 1.0 can carry.
speakable = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
    .filter(lambda character: character in "\t\n\r" or ord(character) >= 0x20),
    min_size=1,
    max_size=1000,
)  # fmt: skip


def parsed(document: str) -> ElementTree.Element:
    assert document.startswith(XML)
    return ElementTree.fromstring(document)


def verbs(document: str) -> list[str]:
    return [verb.tag for verb in parsed(document)]


def test_a_caller_joins_the_conference_without_ending_it_and_without_a_beep() -> None:
    document = conference.join(
        name="hookflash-5f8e",
        label="5f8e-0",
        wait_url="https://c.test/wait",
        events_url="https://c.test/events",
        left_url="https://c.test/left?a=1&b=2",
    )
    assert document == (
        f'{XML}<Response><Dial action="https://c.test/left?a=1&amp;b=2" method="POST"><Conference beep="false" '
        'endConferenceOnExit="false" participantLabel="5f8e-0" startConferenceOnEnter="true" '
        'statusCallback="https://c.test/events" statusCallbackEvent="start end join leave mute hold announcement" '
        'statusCallbackMethod="POST" waitMethod="POST" waitUrl="https://c.test/wait">hookflash-5f8e</Conference></Dial>'
        "</Response>"
    )


def test_a_caller_waits_in_a_queue() -> None:
    assert queue.wait(name="hold-5f8e", wait_url="https://c.test/wait", left_url="https://c.test/left") == (
        f'{XML}<Response><Enqueue action="https://c.test/left" method="POST" waitUrl="https://c.test/wait" '
        'waitUrlMethod="POST">hold-5f8e</Enqueue></Response>'
    )


def test_a_melody_is_played_for_ever() -> None:
    assert message.looping(MELODY) == (
        f'{XML}<Response><Play loop="0">{MELODY.url}</Play><Redirect method="POST" /></Response>'
    )


def test_a_text_is_repeated_with_a_pause_and_then_begun_anew() -> None:
    document = parsed(message.looping(Spoken("Please wait")))
    tags = [verb.tag for verb in document]
    assert tags[-1] == "Redirect"
    assert tags[:-1] == ["Say", "Pause"] * (len(tags) // 2)
    assert {verb.text for verb in document.iter("Say")} == {"Please wait"}


@pytest.mark.parametrize("sound", [MELODY, Spoken("Please wait"), Spoken("x"), Spoken("y" * 1000)], ids=repr)
def test_every_waiting_document_loops_by_itself(sound: Sound) -> None:
    """A conference's wait or hold document runs once; only a redirect to itself keeps it sounding."""
    assert verbs(message.looping(sound))[-1] == "Redirect"


def test_the_last_message_ends_the_call() -> None:
    assert message.farewell([Spoken("Goodbye")]) == f"{XML}<Response><Say>Goodbye</Say><Hangup /></Response>"


def test_tones_are_played_as_digits() -> None:
    assert message.digits("12w#*") == f'{XML}<Response><Play digits="12w#*" /></Response>'


def test_small_documents_say_what_they_say() -> None:
    assert message.nothing() == f"{XML}<Response />"
    assert message.hang_up() == f"{XML}<Response><Hangup /></Response>"
    assert message.once([Spoken("a"), MELODY]) == f"{XML}<Response><Say>a</Say><Play>{MELODY.url}</Play></Response>"


@pytest.mark.parametrize("text", NASTY)
def test_a_text_is_spoken_verbatim_and_never_becomes_a_verb(text: str) -> None:
    for document in (message.looping(Spoken(text)), message.once([Spoken(text)]), message.farewell([Spoken(text)])):
        root = parsed(document)
        assert {verb.tag for verb in root.iter()} <= {"Response", "Say", "Pause", "Redirect", "Hangup"}
        assert {say.text for say in root.iter("Say")} == {text}


@given(speakable)
def test_any_text_that_xml_can_carry_comes_back_whole(text: str) -> None:
    root = parsed(message.looping(Spoken(text)))
    assert all(say.text == text and len(say) == 0 for say in root.iter("Say"))


@pytest.mark.parametrize("character", ["&", '"', "<", "🎶", "x"])
@pytest.mark.parametrize("length", [1, 500, 1000])
def test_the_longest_text_fits_into_a_document(character: str, length: int) -> None:
    assert len(message.looping(Spoken(character * length)).encode()) < LARGEST


@pytest.mark.parametrize("url", ["https://c.test/a?b=1&c=<2>", "https://c.test/Grüße"])
def test_addresses_are_escaped(url: str) -> None:
    assert parsed(message.once([Played(url)]))[0].text == url
