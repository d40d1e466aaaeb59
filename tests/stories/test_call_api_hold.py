"""Hold, consult and transfer through the Call API: what a caller and the employees hear, what the program receives."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.dialects.call_api.client import CallApi
from tests.support.product import Product
from tests.support.twilio_side import Simulator
from tests.support.waiting import until

CALLER = "+15550100001"
PATIENCE = {"type": "tts", "value": "Please wait & stay <here>"}


@dataclass
class Talk:
    """A caller who talks with alice: the program that steers the call, and the two telephones."""

    api: CallApi
    phones: Simulator
    session: int
    caller: str  # CallSid, as alice
    alice: str

    def command(self, method: str, **params: Any) -> None:
        self.api.command(method, self.session, **params)

    def refusal(self, method: str, **params: Any) -> str:
        return self.api.refusal(method, call_session_id=self.session, **params)

    def hears(self, who: str, *others: str) -> None:
        """Wait until one hears exactly these others."""
        until(lambda: self.phones.hearing(who).others == frozenset(others), 8, f"{who} hears {others}")

    def waits_with(self, who: str, sound: str) -> None:
        """Wait until one is on hold, hears nobody, and this sounds."""
        until(lambda: _waits(self.phones, who, sound), 8, f"{who} waits with {sound}")

    def gone(self, who: str) -> None:
        until(lambda: self.phones.call(who).status == "completed", 8, f"{who} is gone")

    def shows(self, *states: str) -> None:
        until(lambda: self.api.states(self.session) == list(states), 8, f"list.calls shows {states}")

    def is_over(self) -> None:
        until(lambda: self.api.states(self.session) == [], 8, "the call is over")

    def held(self) -> None:
        self.command("hold.call", contact_message=PATIENCE)

    def third_party(self, number: str = "1002", address: str = "client:bob") -> str:
        """Hold, ring a third party and return its ringing call."""
        self.held()
        self.command("make.call", to=number)
        return self.phones.ringing(address)


def _waits(phones: Simulator, who: str, sound: str) -> bool:
    hearing = phones.hearing(who)
    return hearing.kind == "hold" and not hearing.others and sound in (hearing.now or "")


@pytest.fixture
def talk(product: Product) -> Iterator[Talk]:
    """A call to alice's own line, answered."""
    api, phones = CallApi(product.url), product.simulator
    caller = phones.place_call(CALLER, "+15550001001")
    alice = phones.ringing("client:alice")
    phones.answer(alice)
    number = until(lambda: api.calls() and api.calls()[0]["call_session_id"])
    made = Talk(api, phones, number, caller, alice)
    made.hears(caller, alice)
    made.shows("Talking", "Talking")
    yield made


def test_a_held_caller_hears_the_text_word_for_word_and_comes_back(talk: Talk) -> None:
    talk.held()
    talk.waits_with(talk.caller, "say: Please wait & stay <here>")
    assert talk.api.states(talk.session) == ["On hold", "On hold"]
    assert talk.refusal("hold.call", contact_message=PATIENCE) == "invalid_state"
    talk.command("unhold.call")
    talk.hears(talk.caller, talk.alice)
    talk.hears(talk.alice, talk.caller)
    assert talk.refusal("unhold.call") == "invalid_state"
    talk.shows("Talking", "Talking")


def test_a_held_caller_hears_a_melody(talk: Talk) -> None:
    talk.command("hold.call", contact_message={"type": "media", "value": "2034"})
    talk.waits_with(talk.caller, "/media/2034")


def test_a_melody_that_does_not_exist_leaves_the_talk_alone(talk: Talk) -> None:
    message = {"type": "media", "value": "90210"}
    assert talk.refusal("hold.call", contact_message=message) == "media_file_not_found"
    assert talk.phones.hearing(talk.caller).others == {talk.alice}


def test_a_third_party_is_consulted_in_private_and_then_given_the_caller(talk: Talk) -> None:
    bob = talk.third_party()
    talk.shows("On hold", "On hold", "Dial")
    talk.phones.answer(bob)
    talk.hears(bob, talk.alice)
    talk.waits_with(talk.caller, "say: Please wait")
    talk.shows("On hold", "Operators talking", "Operators talking")
    talk.command("transfer.talk")
    talk.hears(talk.caller, bob)
    talk.gone(talk.alice)
    talk.shows("Talking", "Talking")
    talk.held()
    talk.waits_with(talk.caller, "say: Please wait")


def test_a_third_party_hears_its_message_when_it_answers(talk: Talk) -> None:
    talk.held()
    talk.command("make.call", to="1002", to_message={"type": "tts", "value": "A caller for you"})
    bob = talk.phones.ringing("client:bob")
    talk.phones.answer(bob)
    until(lambda: "say: A caller for you" in talk.phones.call(bob).nows, 8, "bob hears his message")
    talk.hears(bob, talk.alice)


def test_a_caller_given_away_while_the_third_party_hears_its_message_waits_to_its_end(talk: Talk) -> None:
    talk.held()
    talk.command("make.call", to="1002", to_message={"type": "tts", "value": "A caller for you. " * 3})
    bob = talk.phones.ringing("client:bob")
    talk.phones.answer(bob)
    until(lambda: "say: A caller" in (talk.phones.hearing(bob).now or ""), 8, "bob hears his message")
    talk.command("transfer.talk")
    assert talk.phones.hearing(talk.caller).kind == "hold"
    talk.gone(talk.alice)
    talk.hears(talk.caller, bob)
    assert "say: A caller" not in (talk.phones.hearing(bob).now or "")
    talk.shows("Talking", "Talking")
    talk.held()


def test_a_consult_is_given_up_and_the_caller_comes_back(talk: Talk) -> None:
    bob = talk.third_party()
    talk.phones.answer(bob)
    talk.hears(bob, talk.alice)
    talk.command("restore.talk")
    talk.gone(bob)
    talk.hears(talk.caller, talk.alice)
    talk.shows("Talking", "Talking")


def test_a_ringing_third_party_is_given_up(talk: Talk) -> None:
    bob = talk.third_party()
    talk.command("restore.talk")
    until(lambda: talk.phones.phone("client:bob") == [])
    talk.hears(talk.caller, talk.alice)
    assert talk.phones.call(bob).status == "canceled"


def test_a_blind_transfer_reaches_whoever_answers(talk: Talk) -> None:
    other = talk.third_party("15550100009", "+15550100009")
    talk.command("transfer.talk")
    talk.gone(talk.alice)
    talk.waits_with(talk.caller, "say: Please wait")
    talk.phones.answer(other)
    talk.hears(talk.caller, other)
    talk.shows("Talking", "Talking")


def test_a_blind_transfer_that_nobody_takes_ends_the_call(talk: Talk) -> None:
    bob = talk.third_party()
    talk.command("transfer.talk")
    talk.phones.reject(bob)
    talk.gone(talk.caller)
    talk.is_over()
    assert talk.refusal("unhold.call") == "call_session_not_found"


def test_a_third_party_who_is_busy_leaves_the_caller_on_hold_for_another_try(talk: Talk) -> None:
    talk.phones.reject(talk.third_party())
    talk.shows("On hold", "On hold")
    talk.command("make.call", to="1003")
    carol = talk.phones.ringing("client:carol")
    talk.phones.answer(carol)
    talk.hears(carol, talk.alice)


def test_disconnecting_the_employee_in_a_talk_ends_the_call(talk: Talk) -> None:
    talk.command("disconnect.leg", leg_id=talk.api.leg(talk.session, "1001"))
    talk.gone(talk.caller)
    talk.gone(talk.alice)
    talk.is_over()


def test_disconnecting_the_caller_ends_the_call_even_on_hold(talk: Talk) -> None:
    talk.held()
    talk.command("disconnect.leg", leg_id=talk.api.leg(talk.session, "15550001001"))
    talk.gone(talk.caller)
    talk.gone(talk.alice)
    talk.is_over()


def test_disconnecting_the_third_party_leaves_the_caller_on_hold(talk: Talk) -> None:
    bob = talk.third_party()
    talk.phones.answer(bob)
    talk.hears(bob, talk.alice)
    talk.command("disconnect.leg", leg_id=talk.api.leg(talk.session, "1002"))
    talk.gone(bob)
    talk.shows("On hold", "On hold")
    talk.command("unhold.call")
    talk.hears(talk.caller, talk.alice)


def test_a_released_call_ends_for_everybody(talk: Talk) -> None:
    bob = talk.third_party()
    talk.command("release.call")
    talk.gone(talk.caller)
    talk.gone(talk.alice)
    until(lambda: talk.phones.phone("client:bob") == [])
    talk.is_over()
    assert talk.phones.call(bob).status == "canceled"


def test_the_caller_hears_a_key_and_stays_in_the_talk(talk: Talk) -> None:
    talk.command("send.dtmf", dtmf_string="#")
    until(lambda: "play: #" in talk.phones.call(talk.caller).nows)
    talk.hears(talk.caller, talk.alice)


def test_of_two_holds_at_once_one_takes_effect(talk: Talk) -> None:
    programs = [CallApi(talk.api.url.removesuffix("/v4.0")) for _ in range(4)]

    def hold(program: CallApi) -> str:
        answer = program.ask("hold.call", call_session_id=talk.session, contact_message=PATIENCE)
        return "done" if "result" in answer else answer["error"]["data"]["mnemonic"]

    with ThreadPoolExecutor(4) as together:
        outcomes = sorted(together.map(hold, programs))
    assert outcomes == ["done", "invalid_state", "invalid_state", "invalid_state"]
    talk.waits_with(talk.caller, "say: Please wait")


def test_a_call_that_the_agent_lost_is_fetched_back(talk: Talk) -> None:
    talk.held()
    talk.phones.hangup(talk.alice)
    talk.shows("On hold")
    assert talk.refusal("make.call", to="1002") == "invalid_state"
    assert talk.refusal("hold.call", contact_message=PATIENCE) == "invalid_state"
    talk.command("unhold.call")
    again = talk.phones.ringing("client:alice")
    talk.phones.answer(again)
    talk.hears(talk.caller, again)
    talk.shows("Talking", "Talking")


def test_an_asterisk_on_hold_leaves_the_caller_with_the_message(talk: Talk) -> None:
    talk.held()
    talk.command("send.dtmf", dtmf_string="*")
    talk.waits_with(talk.caller, "say: Please wait")
    assert "play: *" not in talk.phones.call(talk.caller).nows
    talk.shows("On hold", "On hold")


def test_a_hold_that_the_provider_answers_with_an_error_after_doing_it_is_told_as_it_is(talk: Talk) -> None:
    talk.phones.faults(rest_500_after_effect=1, seed=7)
    answer = talk.api.ask("hold.call", call_session_id=talk.session, contact_message=PATIENCE)
    talk.phones.faults()
    assert "result" in answer or answer["error"]["data"]["mnemonic"] == "internal_error"
    talk.shows("On hold", "On hold")
    talk.command("unhold.call")
    talk.hears(talk.caller, talk.alice)


def test_a_hold_placed_through_another_api_is_seen_and_ended_here(talk: Talk, product: Product) -> None:
    evo = requests.Session()
    evo.trust_env, evo.auth, evo.headers["Connection"] = False, ("alice", "demo"), "close"
    (session,) = evo.get(f"{product.url}/sessions/active", timeout=15).json()["sessions"]
    held = evo.post(f"{product.url}/sessions/{session['id']}/hold", json={"reason": "Transferring"}, timeout=15)
    assert held.status_code == 200, held.text
    talk.shows("On hold", "On hold")
    assert talk.refusal("hold.call", contact_message=PATIENCE) == "invalid_state"
    talk.command("unhold.call")
    talk.hears(talk.caller, talk.alice)


def test_of_an_unhold_and_a_consult_at_once_one_takes_effect(talk: Talk) -> None:
    talk.held()
    with ThreadPoolExecutor(2) as together:
        unhold = together.submit(talk.api.ask, "unhold.call", call_session_id=talk.session)
        make = together.submit(
            CallApi(talk.api.url.removesuffix("/v4.0")).ask, "make.call", call_session_id=talk.session, to="1002"
        )
    answers = [unhold.result(), make.result()]
    assert [answer["error"]["data"]["mnemonic"] for answer in answers if "error" in answer] == ["invalid_state"]
    if "result" in make.result():
        talk.waits_with(talk.caller, "say: Please wait")
    else:
        talk.hears(talk.caller, talk.alice)
