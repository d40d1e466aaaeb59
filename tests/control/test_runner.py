"""Carrying intents out on a provider that refuses, is busy, or does what it is asked and says nothing."""

from __future__ import annotations

import pytest

from app.core import commands as c
from app.core import facts as f
from app.core.errors import ProviderRefused, ProviderUnavailable, WrongState
from app.core.phase import Phase, phase_of
from app.core.session import Party
from app.provider.errors import Meaning
from app.store import operations
from tests.support.house import CALLER_SID, Site
from tests.support.scripted_provider import Trouble
from tests.support.waiting import until

BOB = Party("client:bob", "Bob", None, "1002")
BUSY = Trouble(Meaning.AGAIN, code=20429)
REFUSED = Trouble(Meaning.REFUSED, code=21212)
SILENT = Trouble(Meaning.UNKNOWN_OUTCOME, took_effect=True)
LOST = Trouble(Meaning.UNKNOWN_OUTCOME)
GONE = Trouble(Meaning.GONE, code=20404)
STRANGE = Trouble(Meaning.UNKNOWN, code=99999)


def test_a_hold_is_one_request_to_the_customers_leg(site: Site) -> None:
    session = site.given_talk()
    asked = len(site.provider.asked)
    held = site.control.run(session.id, c.Hold())
    assert site.provider.asked[asked:] == [("set_hold", CALLER_SID)]
    assert phase_of(held) is Phase.HOLD


@pytest.mark.parametrize(("trouble", "error"), [(REFUSED, ProviderRefused), (STRANGE, ProviderRefused)])
def test_a_refused_hold_is_reported_once_and_changes_nothing(
    site: Site, trouble: Trouble, error: type[Exception]
) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", trouble)
    with pytest.raises(error):
        site.control.run(session.id, c.Hold())
    assert site.provider.count("set_hold") == 1
    assert phase_of(site.control.session(session.id)) is Phase.TALK
    assert [line for line in site.log(session.id) if "failed" in line] == [
        "Holding +15550100001 failed: as the test says"
    ]
    assert phase_of(site.control.run(session.id, c.Hold())) is Phase.HOLD


def test_a_busy_provider_is_asked_three_times_with_growing_pauses(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", BUSY, BUSY, BUSY)
    with pytest.raises(ProviderUnavailable):
        site.control.run(session.id, c.Hold())
    assert site.provider.count("set_hold") == 3
    first, second = site.clock.waits[-2:]
    assert 0 < first < second


def test_a_hold_of_somebody_who_has_just_left_is_the_callers_state_and_no_fault_of_the_provider(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", GONE)
    with pytest.raises(WrongState):
        site.control.run(session.id, c.Hold())
    assert phase_of(site.control.session(session.id)) is Phase.TALK


def test_a_busy_provider_that_comes_round_goes_unnoticed(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", BUSY, BUSY)
    assert phase_of(site.control.run(session.id, c.Hold())) is Phase.HOLD
    assert not any("failed" in line for line in site.log(session.id))


def test_a_hold_of_unknown_outcome_is_read_back_and_not_repeated_when_it_is_true(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", SILENT)
    assert phase_of(site.control.run(session.id, c.Hold())) is Phase.HOLD
    assert site.provider.count("set_hold") == 1


def test_a_hold_of_unknown_outcome_is_repeated_when_it_is_not_true(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", LOST)
    assert phase_of(site.control.run(session.id, c.Hold())) is Phase.HOLD
    assert site.provider.count("set_hold") == 2


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_leg_is_created_at_most_once_however_often_the_provider_keeps_silent(site: Site, times: int) -> None:
    session = site.given_talk()
    dialled = len(site.provider.dialled)
    site.provider.will("create_participant", *[SILENT] * times)
    site.control.run(session.id, c.StartConsult(BOB, session.line))
    assert len(site.provider.dialled) == dialled + 1
    third = site.control.session(session.id).legs[2]
    assert third.call_sid == site.provider.dialled[-1].call_sid
    assert site.provider.dialled[-1].label == third.id


def test_a_create_that_was_lost_is_repeated_under_the_same_label(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("create_participant", LOST)
    site.control.run(session.id, c.StartConsult(BOB, session.line))
    labels = [whom for method, whom in site.provider.asked if method == "create_participant"]
    assert labels[1:] == [f"{session.id}-2"] * 2


def test_a_consult_whose_hold_fails_dials_nobody(site: Site) -> None:
    """A third party must not come into a talk that was to be private."""
    session = site.given_talk()
    site.provider.will("set_hold", REFUSED)
    with pytest.raises(ProviderRefused):
        site.control.run(session.id, c.StartConsult(BOB, session.line))
    assert site.provider.count("create_participant") == 1
    after = site.control.session(session.id)
    assert phase_of(after) is Phase.TALK
    assert after.consult is None


def test_a_consult_whose_third_party_cannot_be_dialled_leaves_the_customer_held(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("create_participant", REFUSED)
    with pytest.raises(ProviderRefused):
        site.control.run(session.id, c.StartConsult(BOB, session.line))
    after = site.control.session(session.id)
    assert phase_of(after) is Phase.HOLD
    assert any(line.startswith("Ringing Bob failed") for line in site.log(session.id))
    assert phase_of(site.control.run(session.id, c.Retrieve())) is Phase.TALK


def test_hanging_up_somebody_who_is_gone_already_is_done(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("hang_up", GONE, GONE)
    ended = site.control.run(session.id, c.EndSession())
    assert not ended.open


def test_a_hang_up_the_provider_does_not_take_is_tried_until_it_does(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("hang_up", *[BUSY] * 3)
    with pytest.raises(ProviderUnavailable):
        site.control.run(session.id, c.EndSession())
    assert site.control.session(session.id).open
    site.clock.advance(3)
    site.house.housekeeper.round()
    site.at_rest()
    assert not site.control.session(session.id).open


@pytest.mark.parametrize("trouble", [BUSY, LOST, REFUSED, STRANGE], ids=lambda trouble: trouble.meaning.value)
def test_when_the_customer_has_gone_every_other_leg_is_ended_whatever_the_provider_says_first(
    site: Site, trouble: Trouble
) -> None:
    session = site.given_talk()
    site.control.run(session.id, c.StartConsult(BOB, session.line))
    site.provider.will("hang_up", *[trouble] * 3)
    site.control.take_in(session.id, f.CallProgressed(CALLER_SID, "completed"))
    site.at_rest()
    for _ in range(4):
        site.clock.advance(11)
        site.house.housekeeper.round()
        site.at_rest()
    assert all(leg.over for leg in site.provider.dialled)
    assert not site.control.session(session.id).open


def test_a_park_the_provider_does_not_take_at_once_keeps_the_agent_until_it_does(site: Site) -> None:
    """The customer goes first: an agent who left before would leave them alone."""
    session = site.given_talk()
    site.provider.will("redirect", *[BUSY] * 3)
    with pytest.raises(ProviderUnavailable):
        site.control.run(session.id, c.Park())
    assert site.provider.count("hang_up") == 0
    site.clock.advance(3)
    site.house.housekeeper.round()
    site.at_rest()
    moves = [method for method, _ in site.provider.asked if method in ("redirect", "hang_up")]
    assert moves == ["redirect"] * 4 + ["hang_up"]


@pytest.mark.parametrize(("status", "gone"), [("ringing", False), ("in-progress", False), ("completed", True)])
def test_a_caller_whose_call_is_not_yet_answered_is_not_taken_for_gone(site: Site, status: str, gone: bool) -> None:
    """A softphone that is not there fails before the first document has reached the caller, who must still hear the last message."""
    session = site.call_in()
    site.provider.statuses[CALLER_SID] = status
    site.provider.will("redirect", Trouble(Meaning.GONE, code=21220))
    site.control.take_in(session.id, f.CallProgressed(str(session.legs[1].call_sid), "busy", session.legs[1].id))
    site.at_rest()
    assert site.provider.count("redirect") == (1 if gone else 2)
    assert site.control.session(session.id).live is not gone


def test_digits_of_unknown_outcome_are_not_played_twice(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("announce", LOST)
    with pytest.raises(ProviderUnavailable):
        site.control.run(session.id, c.SendDigits("12"))
    assert site.provider.count("announce") == 1


def test_what_was_to_follow_a_failure_is_not_asked_for(site: Site) -> None:
    session = site.given_talk()
    site.provider.will("set_hold", REFUSED)
    with pytest.raises(ProviderRefused):
        site.control.run(session.id, c.SingleStepTransfer(BOB, session.line))
    assert site.provider.count("create_participant") == 1
    assert site.provider.count("hang_up") == 0
    assert phase_of(site.control.session(session.id)) is Phase.TALK


def test_a_leg_whose_conversation_ended_meanwhile_is_not_dialled(site: Site) -> None:
    session = site.given_talk()
    operation = hold_back(site, session.id, c.StartConsult(BOB, session.line))
    site.control.take_in(session.id, f.CallProgressed(CALLER_SID, "completed"))
    site.clock.advance(100)
    site.house.housekeeper.round()
    site.at_rest()
    assert operation
    assert site.provider.count("create_participant") == 1
    assert not site.control.session(session.id).open


# A process that dies


def hold_back(site: Site, session_id: str, command: c.Command) -> str:
    """Decide a command and write it down as a process would that dies before it asks the provider; return the operation's id."""
    asked: list[tuple[str, str]] = []

    class Dead:
        def run(self, operation_id: str, session_id: str, claimed_until: float) -> None:
            asked.append((operation_id, session_id))

        later = run

    alive, site.control.runner = site.control.runner, Dead()  # type: ignore[assignment]
    site.control.run(session_id, command)
    site.control.runner = alive
    return asked[0][0]


def test_an_operation_of_a_dead_process_is_taken_up_when_its_lease_has_run_out(site: Site) -> None:
    session = site.given_talk()
    hold_back(site, session.id, c.Hold())
    site.clock.advance(10)
    site.house.housekeeper.round()
    assert site.provider.count("set_hold") == 0, "its owner may still be at work"
    site.clock.advance(20)
    site.house.housekeeper.round()
    until(lambda: site.provider.count("set_hold") == 1)
    site.at_rest()
    assert phase_of(site.control.session(session.id)) is Phase.HOLD


def test_an_operation_that_died_after_its_request_is_looked_at_before_it_is_repeated(site: Site) -> None:
    session = site.given_talk()
    operation_id = hold_back(site, session.id, c.StartConsult(BOB, session.line))
    with site.house.engine.begin() as connection:
        for item in operations.open_intents(connection, operation_id):
            operations.begin_attempt(connection, item)
    # What the dead process had asked for was done.
    site.provider.held.add(CALLER_SID)
    site.provider.create_participant(
        session.conference_name, label=f"{session.id}-2", to="client:bob", caller=session.line, timeout=25,
        progress_url="", wait_url="", conference_url="",
    )  # fmt: skip
    asked = len(site.provider.asked)
    site.clock.advance(30)
    site.house.housekeeper.round()
    site.at_rest()
    assert site.provider.asked[asked:] == []
    after = site.control.session(session.id)
    assert phase_of(after) is Phase.CONSULT_DIALING
    assert after.legs[2].call_sid == site.provider.dialled[-1].call_sid


def test_of_two_who_take_up_an_operation_one_gets_it(site: Site) -> None:
    session = site.given_talk()
    operation_id = hold_back(site, session.id, c.Hold())
    now = site.clock.now() + 60
    with site.house.engine.begin() as connection:
        assert [operations.claim(connection, operation_id, now, now + 25) for _ in range(3)] == [True, False, False]


# Commands at the same moment


def test_of_two_holds_at_once_one_takes_effect_and_the_other_is_told_so(site: Site) -> None:
    session = site.given_talk()
    hold_back(site, session.id, c.Hold())
    with pytest.raises(WrongState):
        site.control.run(session.id, c.Hold())
    assert site.provider.count("set_hold") == 0


def test_a_reply_and_its_webhook_are_the_same_fact_whichever_comes_first(site: Site) -> None:
    session = site.given_talk()
    conference = session.conferences[-1]
    site.control.run(session.id, c.Hold())
    held = site.control.session(session.id)
    site.control.take_in(session.id, f.HoldChanged(CALLER_SID, True, session.customer.id, conference, 3))
    assert site.control.session(session.id).hold == held.hold
    site.control.run(session.id, c.Retrieve())
    site.control.take_in(session.id, f.HoldChanged(CALLER_SID, False, session.customer.id, conference, 4))
    assert phase_of(site.control.session(session.id)) is Phase.TALK
    assert [line for line in site.log(session.id) if "eld by" in line or "etrieved" in line] == [
        "Held by Alice",
        "Retrieved by Alice",
    ]
