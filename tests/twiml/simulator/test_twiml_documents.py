"""Fetching documents: what counts as TwiML, what does not, and what the caller hears then."""

from __future__ import annotations

import pytest

from tests.support.waiting import always
from tests.support.webhook_receiver import Received, Reply
from tests.twiml.simulator.documents import DECLARATION, element, pause, play, redirect, response, say
from tests.twiml.simulator.media import wav
from tests.twiml.simulator.world import CALLER, World

HELLO = response(say("hello", loop=0))

UNUSABLE: dict[str, str | Reply] = {
    "root in lower case": f"{DECLARATION}<response><Say>hello</Say></response>",
    "another root": f"{DECLARATION}<Twiml><Say>hello</Say></Twiml>",
    "not well-formed": f"{DECLARATION}<Response><Say>hello</Response>",
    "no body": Reply(""),
    "a picture": Reply(b"\x89PNG", content_type="image/png"),
    "server error": Reply(HELLO, status=500),
    "not found": Reply(HELLO, status=404),
    "over 64 kB": response(say("hello"), f"<!--{'x' * 65_536}-->"),
}


def texts_heard(world: World, call: str) -> list[str]:
    return [now.removeprefix("say: ") for now in world.simulator.call(call).nows]


@pytest.mark.parametrize("document", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_caller_hears_of_an_application_error_and_is_released(world: World, document: str | Reply) -> None:
    call = world.call_in(document)
    world.app.wait_for_one("/voice")
    world.simulator.advance(20)
    world.wait_ended(call)
    heard = texts_heard(world, call)
    assert "hello" not in heard
    assert any("application error" in text for text in heard), heard


@pytest.mark.parametrize("document", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_fallback_url_is_asked_instead_and_told_what_failed(world: World, document: str | Reply) -> None:
    fallback = world.app.on("/fallback", response(say("fallback", loop=0)))
    call = world.call_in(document, voice_fallback_url=fallback)
    world.wait_now(call, "say: fallback")
    asked = world.app.wait_for_one("/fallback")
    assert asked.params["ErrorUrl"] == world.app.url("/voice")
    assert asked.params["ErrorCode"].isdigit()
    assert asked.params["CallSid"] == call


@pytest.mark.parametrize(
    ("name", "code"), [("root in lower case", "12102"), ("not well-formed", "12100"), ("a picture", "12300")]
)
def test_fallback_url_learns_the_kind_of_document_error(world: World, name: str, code: str) -> None:
    call = world.call_in(UNUSABLE[name], voice_fallback_url=world.app.on("/fallback", HELLO))
    world.wait_now(call, "say: hello")
    assert world.app.wait_for_one("/fallback").params["ErrorCode"] == code


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml", "text/html", "text/xml; charset=utf-8"])
def test_document_may_come_as_xml_or_html(world: World, content_type: str) -> None:
    call = world.call_in(Reply(HELLO, content_type=content_type))
    world.wait_now(call, "say: hello")


def test_plain_text_that_is_a_document_is_run(world: World) -> None:
    call = world.call_in(Reply(HELLO, content_type="text/plain"))
    world.wait_now(call, "say: hello")


def test_other_plain_text_is_read_aloud_and_the_call_ends(world: World) -> None:
    call = world.call_in(Reply("good morning", content_type="text/plain"))
    world.wait_now(call, "say: good morning")
    world.simulator.advance(2)
    assert world.wait_ended(call) == "completed"


def test_sound_file_as_the_answer_is_played_and_the_call_ends(world: World) -> None:
    call = world.call_in(wav(3))
    world.wait_now(call, f"play: {world.app.url('/voice')}")
    world.simulator.advance(4)
    assert world.wait_ended(call) == "completed"


def test_empty_response_ends_the_call_without_a_word(world: World) -> None:
    call = world.call_in(response())
    assert world.wait_ended(call) == "completed"
    assert texts_heard(world, call) == []


def test_document_over_64_kilobytes_is_only_too_large_by_its_size(world: World) -> None:
    fits = response(say("hello", loop=0), f"<!--{'x' * 60_000}-->")
    call = world.call_in(fits)
    world.wait_now(call, "say: hello")


@pytest.mark.parametrize("verb", [element("say", "never"), element("SAY", "never"), element("Sing", "never")])
def test_verbs_are_case_sensitive_and_unknown_ones_say_nothing(world: World, verb: str) -> None:
    call = world.call_in(response(verb, say("hello", loop=0)))
    world.app.wait_for_one("/voice")
    always(lambda: "never" not in texts_heard(world, call))


def test_comments_and_indentation_are_not_heard(world: World) -> None:
    call = world.call_in(response("<!-- first -->\n  ", "<Say>\n   hello\n  </Say>", "\n", pause(60)))
    world.wait_now(call, "say: hello")


def test_relative_addresses_start_from_the_current_document(world: World) -> None:
    world.app.on("/deep/menu/start", response(redirect("next")))
    world.app.on("/deep/menu/next", response(redirect("../other?x=1")))
    world.app.on("/deep/other", response(say("arrived", loop=0)))
    call = world.call_in(response(redirect("/deep/menu/start")))
    world.wait_now(call, "say: arrived")
    assert world.app.received("/deep/other")[0].query["x"] == "1"


def test_relative_sound_file_is_played_from_beside_the_document(world: World) -> None:
    world.app.on("/deep/sounds/hello.wav", wav(5))
    world.app.on("/deep/start", response(play("sounds/hello.wav")))
    call = world.call_in(response(redirect("/deep/start")))
    world.wait_now(call, f"play: {world.app.url('/deep/sounds/hello.wav')}")


def hopping(world: World, hops: int) -> str:
    """A URL that redirects `hops` times by HTTP before it answers the document."""

    def hop(request: Received) -> Reply | str:
        left = int(request.query["left"])
        if left == 0:
            return HELLO
        return Reply(status=302, headers={"Location": world.app.url(f"/hop?left={left - 1}")})

    return world.app.on("/hop", hop) + f"?left={hops}"


def test_ten_http_redirects_are_followed(world: World) -> None:
    call = world.call_in(response(redirect(hopping(world, 10), method="GET")))
    world.wait_now(call, "say: hello")


def test_eleven_http_redirects_are_too_many(world: World) -> None:
    call = world.call_in(
        response(redirect(hopping(world, 11), method="GET")), voice_fallback_url=world.app.on("/fallback", HELLO)
    )
    assert world.app.wait_for_one("/fallback").params["ErrorCode"] == "11215"
    assert len(world.app.received("/hop")) <= 11
    world.wait_now(call, "say: hello")


def test_relative_action_in_a_document_sent_by_rest_is_an_error(world: World) -> None:
    call = world.call_in(HELLO)
    world.wait_now(call, "say: hello")
    relative = response(element("Gather", say("press"), action="/pressed"))
    answer = world.raw("POST", f"/Calls/{call}.json", {"Twiml": relative})
    if answer.status_code == 200:
        world.simulator.advance(20)
        world.wait_ended(call)
        assert any("application error" in text for text in texts_heard(world, call))
    else:
        assert (answer.status_code, answer.json()["code"]) in [(400, 15004), (400, 11100)]
    assert world.app.received("/pressed") == []


def test_absolute_action_in_a_document_sent_by_rest_works(world: World) -> None:
    call = world.call_in(HELLO)
    world.wait_now(call, "say: hello")
    action = world.app.on("/pressed", response(say("thank you", loop=0)))
    world.client.calls(call).update(twiml=response(element("Gather", say("press"), action=action, numDigits=1)))
    world.wait_now(call, "say: press")
    world.simulator.digits(call, "1")
    world.wait_now(call, "say: thank you")


def test_voice_method_get_puts_the_parameters_into_the_address(world: World) -> None:
    call = world.call_in(HELLO, voice_method="GET")
    world.wait_now(call, "say: hello")
    asked = world.app.wait_for_one("/voice")
    assert (asked.method, asked.query["From"], asked.query["CallSid"]) == ("GET", CALLER, call)
