"""Clients that others wrote, unchanged, as an agent's desktop: what they hear of a call from ring to release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import javascript
from tests.clients.program import ClientProgram, client_program
from tests.dialects.workspace.client import Desk
from tests.support.waiting import until

__all__ = ["javascript"]

HERE = Path(__file__).resolve().parents[1] / "dialects" / "workspace"
STORY = ["Ringing", "Established", "Held", "Dialing", "Established", "Released", "Established", "Released"]


def take_a_call(product: Any, desktop: ClientProgram) -> None:
    """A caller rings alice, who consults bob, makes a conference of it and hangs up with everybody when the caller goes."""
    phones = product.simulator
    caller = phones.place_call("+15550100001", "+15550001001")
    phones.answer(phones.ringing("client:alice"))
    with Desk(product.url, "alice") as alice:
        call_id = until(lambda: alice.call("Established")["id"])
        alice.does(call_id, "InitiateConference", destination={"phoneNumber": "1002"})
        phones.answer(phones.ringing("client:bob"))
        consult = until(lambda: alice.call("Established", "Consult"))
        alice.does(consult["id"], "CompleteConference", consultCallUri=consult["uri"])
        phones.hangup(caller)
        until(lambda: len(desktop.events) >= len(STORY), 10, "the whole story is told")
        assert alice.calls() == []
    assert [event["data"]["call"]["state"] for event in desktop.events] == STORY
    for event in desktop.events:
        assert event["channel"] == "/v2/me/calls"
        assert event["data"]["messageType"] == "CallStateChangeMessage"
        assert event["data"]["call"]["uri"].startswith(f"{product.url}/api/v2/me/calls/")


@pytest.mark.parametrize("credentials", ["basic", "cookie"])
def test_a_desktop_on_the_official_client_hears_the_whole_call_and_logs_out(
    product: Any, javascript: Path, credentials: str
) -> None:
    with client_program(javascript, str(HERE / "desktop.cjs"), product.url, "alice", "demo", credentials) as desktop:
        desktop.wait_until_told(user="alice", device="1001")
        desktop.wait_until_told(subscribed=True)
        desktop.wait_until_told(started=0)
        take_a_call(product, desktop)
        assert desktop.quit() == 0
        assert desktop.count(ended=0) == 1


def test_a_listener_in_python_hears_the_whole_call_by_the_cookie_of_its_rest_session(product: Any) -> None:
    with client_program(HERE, "listener.py", product.url, "alice", "demo") as listener:
        listener.wait_until_told(subscribed=True)
        take_a_call(product, listener)
        assert listener.quit() == 0
