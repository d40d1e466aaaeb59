"""Every phase × every command: what is refused and how, and what an accepted one asks of the provider, request by request."""

import pytest

from app.core import commands as c
from app.core import intents as i
from app.core.errors import LegNotFound, SessionEnded, WrongState
from app.core.phase import Phase
from app.core.session import HoldReason
from tests.core.builders import (
    ALICE,
    BOB,
    CAROL,
    GIVEN,
    LINE,
    given_conference,
    given_consult_talk,
    given_swapped,
    given_talk,
)

ALICE_ID = ALICE.user_id or ""
ALICE_LEG = f"{'5' * 24}-1"
ENDED = SessionEnded
WRONG = WrongState
ABSENT = LegNotFound

COMMANDS: dict[str, c.Command] = {
    "hold": c.Hold(by=ALICE_ID),
    "retrieve": c.Retrieve(by=ALICE_ID),
    "start a consult": c.StartConsult(CAROL, LINE, by=ALICE_ID),
    "complete the conference": c.CompleteConference(by=ALICE_ID),
    "complete the transfer": c.CompleteTransfer(by=ALICE_ID),
    "end the consult": c.EndConsult(by=ALICE_ID),
    "end the consult and retrieve": c.EndConsult(by=ALICE_ID, retrieve=True),
    "swap": c.Swap(by=ALICE_ID),
    "single-step transfer": c.SingleStepTransfer(CAROL, LINE, by=ALICE_ID),
    "single-step conference": c.SingleStepConference(CAROL, LINE, by=ALICE_ID),
    "remove alice": c.RemoveParty(ALICE_LEG, by=ALICE_ID),
    "leave": c.Leave(by=ALICE_ID),
    "end the session": c.EndSession(by=ALICE_ID),
    "mute alice": c.Mute(ALICE_LEG, True, by=ALICE_ID),
    "send digits": c.SendDigits("12#", by=ALICE_ID),
    "park": c.Park(by=ALICE_ID),
    "pick up": c.PickUp(CAROL, LINE, by=CAROL.user_id),
    "set user data": c.SetUserData({"key": "value"}, by=ALICE_ID),
    "set the disposition": c.SetDisposition("code", "sold", by=ALICE_ID),
    "set console data": c.SetConsoleData("text", by=ALICE_ID),
    "set the hold reason": c.SetHoldReason(HoldReason.TRANSFERRING, by=ALICE_ID),
    "add a log line": c.AddLog("A remark", by=ALICE_ID),
}

# What each command asks for in each phase, legs by their number: 0 the customer, 1 Alice, 2 Bob. What is not listed is refused as
# impossible in the state, and everything about a call that is over as over.
REQUESTS: dict[str, dict[Phase, list[str] | type[Exception]]] = {
    "hold": {Phase.TALK: ["hold 0"], Phase.CONFERENCE: ["hold 0"]},
    "retrieve": {Phase.HOLD: ["release 0"], Phase.PARKED: ["create 2"]},
    "start a consult": {
        Phase.TALK: ["hold 0", "create 2"],
        Phase.HOLD: ["create 2"],
        Phase.CONFERENCE: ["hold 0", "hold 2", "create 3"],  # or Bob would hear the consult
    },
    "complete the conference": {Phase.CONSULT_TALK: ["release 0"]},
    "complete the transfer": {Phase.CONSULT_DIALING: ["end 1"], Phase.CONSULT_TALK: ["release 0", "end 1"]},
    "end the consult": {Phase.CONSULT_DIALING: ["end 2"], Phase.CONSULT_TALK: ["end 2"]},
    "end the consult and retrieve": {
        Phase.CONSULT_DIALING: ["end 2", "release 0"],
        Phase.CONSULT_TALK: ["end 2", "release 0"],
    },
    "swap": {Phase.CONSULT_DIALING: ["release 0 for 1 alone"], Phase.CONSULT_TALK: ["hold 2", "release 0"]},
    "single-step transfer": {
        Phase.TALK: ["hold 0", "create 2", "end 1"],
        Phase.HOLD: ["create 2", "end 1"],
        Phase.CONFERENCE: ["create 3", "end 1"],
    },
    "single-step conference": {
        Phase.TALK: ["create 2"],
        Phase.HOLD: ["create 2"],
        Phase.CONFERENCE: ["create 3"],
    },
    "remove alice": {
        Phase.RINGING: ["end 1"],
        Phase.QUEUED: ["end 1"],
        Phase.TALK: ["remove 1"],
        Phase.HOLD: ["remove 1"],
        Phase.CONSULT_DIALING: ["remove 1"],
        Phase.CONSULT_TALK: ["remove 1"],
        Phase.CONFERENCE: ["remove 1"],
        Phase.PARKED: ABSENT,
    },
    "leave": {
        Phase.RINGING: ["end 1"],
        Phase.QUEUED: ["end 1"],
        Phase.TALK: ["end 0", "end 1"],
        Phase.HOLD: ["end 0", "end 1"],
        Phase.CONSULT_DIALING: ["end 0", "end 1", "end 2"],
        Phase.CONSULT_TALK: ["end 0", "end 1", "end 2"],
        Phase.CONFERENCE: ["end 1"],
        Phase.PARKED: ABSENT,
    },
    "end the session": {
        Phase.RINGING: ["end 0", "end 1"],
        Phase.QUEUED: ["end 0", "end 1"],
        Phase.TALK: ["end 0", "end 1"],
        Phase.HOLD: ["end 0", "end 1"],
        Phase.CONSULT_DIALING: ["end 0", "end 1", "end 2"],
        Phase.CONSULT_TALK: ["end 0", "end 1", "end 2"],
        Phase.CONFERENCE: ["end 0", "end 1", "end 2"],
        Phase.PARKED: ["end 0"],
    },
    "mute alice": {
        Phase.TALK: ["mute 1"],
        Phase.HOLD: ["mute 1"],
        Phase.CONSULT_DIALING: ["mute 1"],
        Phase.CONSULT_TALK: ["mute 1"],
        Phase.CONFERENCE: ["mute 1"],
        Phase.PARKED: ABSENT,
    },
    "send digits": {
        phase: ["play 12# to 0"]
        for phase in (Phase.TALK, Phase.HOLD, Phase.CONSULT_DIALING, Phase.CONSULT_TALK, Phase.CONFERENCE)
    },
    "park": {
        Phase.TALK: ["park 0", "end 1"],
        Phase.HOLD: ["park 0", "end 1"],
        Phase.CONSULT_DIALING: ["park 0", "end 1", "end 2"],
        Phase.CONSULT_TALK: ["park 0", "end 1", "end 2"],
        Phase.CONFERENCE: ["park 0", "end 1", "end 2"],
    },
    "pick up": {Phase.PARKED: ["create 2"]},
    "set user data": {phase: [] for phase in Phase},
    "set the disposition": {phase: [] for phase in Phase},
    "set console data": {phase: [] for phase in Phase},
    "set the hold reason": {
        phase: [] for phase in (Phase.HOLD, Phase.CONSULT_DIALING, Phase.CONSULT_TALK, Phase.PARKED)
    },
    "add a log line": {phase: [] for phase in Phase},
}


def spelled(intent: i.Intent) -> str:
    """Return an intent in words, its leg by number."""
    n = intent.leg_id.rpartition("-")[2]
    if isinstance(intent, i.SetHold):
        only = f" for {intent.heard_by.rpartition('-')[2]} alone" if intent.heard_by else ""
        return f"{'hold' if intent.held else 'release'} {n}{only}"
    if isinstance(intent, i.SetMute):
        return f"{'mute' if intent.muted else 'unmute'} {n}"
    if isinstance(intent, i.Announce):
        return f"play {intent.digits or intent.what} to {n}"
    if isinstance(intent, i.MoveLeg):
        return f"{intent.to.value} {n}"
    return {i.CreateLeg: "create", i.EndLeg: "end", i.RemoveLeg: "remove", i.OpenUp: "open up"}[type(intent)] + f" {n}"


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_asks_the_provider_for_just_this_or_is_refused_and_changes_nothing(name: str, phase: Phase) -> None:
    call = GIVEN[phase]()
    expected = REQUESTS[name].get(phase, ENDED if phase is Phase.ENDED else WRONG)

    if isinstance(expected, list):
        assert [spelled(intent) for intent in call.ask(COMMANDS[name])] == expected
        return
    before, told = call.session, list(call.told)
    with pytest.raises(expected) as refusal:
        call.ask(COMMANDS[name])
    assert type(refusal.value) is expected
    assert (call.session, call.told) == (before, told)


def test_the_table_speaks_of_every_command_there_is() -> None:
    assert {type(command) for command in COMMANDS.values()} == set(c.Command.__args__)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.ENDED])
@pytest.mark.parametrize("name", COMMANDS)
def test_the_same_command_given_twice_at_once_never_asks_for_the_same_twice(name: str, phase: Phase) -> None:
    if not isinstance(REQUESTS[name].get(phase), list):
        return
    call = GIVEN[phase]()
    first = call.ask(COMMANDS[name])
    try:
        second = call.ask(COMMANDS[name])
    except WrongState:
        return
    repeatable = (i.SetMute, i.Announce)  # doing these twice is harmless, or wanted
    assert [intent for intent in second if not isinstance(intent, repeatable)] == [] or first == []


def test_an_agent_setting_herself_aside_in_a_conference_is_held_and_the_caller_talks_on_with_the_other() -> None:
    call = given_conference()
    assert [spelled(x) for x in call.ask(c.Hold(by=BOB.user_id, aside=True))] == ["hold 2"]
    call.settle()
    assert call.customer_hears() == {"Alice"}
    assert call.phase is Phase.CONFERENCE
    assert [spelled(x) for x in call.ask(c.Retrieve(by=BOB.user_id))] == ["release 2"]
    assert call.settle().customer_hears() == {"Alice", "Bob"}


def test_of_two_agents_in_a_conference_who_both_hold_the_second_holds_the_caller_and_nobody_is_brought_back() -> None:
    call = given_conference().do(c.Hold(by=ALICE.user_id, aside=True))
    assert [spelled(x) for x in call.ask(c.Hold(by=BOB.user_id, aside=True))] == ["hold 0"]
    call.settle()
    assert (call.phase, call.customer_hears()) == (Phase.HOLD, {"hold"})
    assert call.leg_of(ALICE).held
    assert call.do(c.Retrieve(by=BOB.user_id)).customer_hears() == {"Bob"}
    assert call.leg_of(ALICE).held
    assert call.do(c.Retrieve(by=ALICE.user_id)).customer_hears() == {"Alice", "Bob"}


def test_who_set_herself_aside_and_retrieves_while_another_holds_the_caller_talks_with_the_caller() -> None:
    call = given_conference().do(c.Hold(by=ALICE.user_id, aside=True)).do(c.Hold(by=BOB.user_id, aside=True))
    assert [spelled(x) for x in call.ask(c.Retrieve(by=ALICE.user_id))] == ["release 1", "release 0"]
    assert call.settle().customer_hears() == {"Alice", "Bob"}


def test_swapping_twice_brings_the_caller_back_on_hold_and_the_third_party_back_to_the_agent() -> None:
    call = given_swapped()
    assert call.customer_hears() == {"Alice"}
    assert [spelled(x) for x in call.ask(c.Swap(by=ALICE.user_id))] == ["hold 0", "release 2"]
    call.settle()
    assert call.customer_hears() == {"hold"}
    assert call.hears(ALICE) == {"Bob"}


def test_completing_the_conference_after_a_swap_releases_the_third_party_alone() -> None:
    call = given_swapped()
    assert [spelled(x) for x in call.ask(c.CompleteConference(by=ALICE.user_id))] == ["release 2"]
    assert call.settle().customer_hears() == {"Alice", "Bob"}


def test_completing_the_transfer_after_a_swap_releases_the_third_party_and_lets_the_agent_go() -> None:
    call = given_swapped()
    assert [spelled(x) for x in call.ask(c.CompleteTransfer(by=ALICE.user_id))] == ["release 2", "end 1"]
    assert call.settle().customer_hears() == {"Bob"}


def test_a_swap_is_refused_while_another_is_under_way() -> None:
    call = given_consult_talk()
    call.ask(c.Swap(by=ALICE.user_id))
    with pytest.raises(WrongState):
        call.ask(c.Swap(by=ALICE.user_id))


def test_a_program_acts_as_the_sessions_current_agent() -> None:
    call = given_talk().do(c.Hold(by=None))
    assert call.session.hold is not None
    assert call.session.hold.by == ALICE.user_id


def test_after_a_transfer_the_third_party_is_the_current_agent() -> None:
    call = given_consult_talk().do(c.CompleteTransfer(by=ALICE.user_id)).do(c.Hold(by=None))
    assert call.session.hold is not None
    assert call.session.hold.by == BOB.user_id


def test_digits_reach_the_customers_leg_and_the_agents_are_told() -> None:
    call = given_talk().do(c.SendDigits("5", by=ALICE.user_id))
    assert call.told_to(ALICE)[-1] == ("DtmfSent", "Established", 0)


def test_muting_acts_on_the_leg_that_is_named() -> None:
    call = given_talk().do(c.Mute(ALICE_LEG, True, by=ALICE.user_id))
    assert call.leg_of(ALICE).muted
    assert call.customer_hears() == {"silence"}
    assert call.ask(c.Mute(ALICE_LEG, True, by=ALICE.user_id)) == []


def test_hanging_up_one_of_several_agents_during_a_consult_ends_nobody_elses_call() -> None:
    call = given_conference().do(c.StartConsult(CAROL, LINE, by=ALICE.user_id)).answers(CAROL)
    assert [spelled(x) for x in call.ask(c.Leave(by=BOB.user_id or ""))] == ["end 2"]


def test_hanging_up_after_giving_the_caller_away_leaves_the_caller_with_the_third_party() -> None:
    call = GIVEN[Phase.CONSULT_TALK]()
    call.ask(c.CompleteTransfer(by=ALICE_ID))
    assert call.ask(c.Leave(by=ALICE_ID)) == []
    assert call.settle().customer_hears() == {"Bob"}


def test_a_third_party_answering_after_a_swap_never_hears_the_caller() -> None:
    call = GIVEN[Phase.CONSULT_DIALING]().do(c.Swap(by=ALICE_ID))
    assert call.customer_hears() == {"Alice"}
    third = call.session.consult.leg_id
    call.take(*call.provider.answer(third))
    assert call.session.customer.id not in call.provider.hears(third)
    call.settle()
    assert call.session.leg(third).held
    assert call.session.customer.heard_by is None


def test_an_agent_whom_somebody_else_holds_after_a_swap_is_brought_back_to_the_caller() -> None:
    call = GIVEN[Phase.CONSULT_DIALING]().do(c.Swap(by=ALICE_ID))
    call.take(*call.provider.hold_from_outside(call.leg_of(ALICE).id, True))
    assert call.settle().customer_hears() == {"Alice"}
