"""Which number somebody we dial is shown."""

from __future__ import annotations

from typing import Any

import pytest

from app.control.addresses import Addresses
from app.control.provider_requests import ProviderRequests
from app.core import commands as c
from app.core.intents import CreateLeg
from app.core.session import Party
from app.provider.port import Created
from tests.core.builders import BOB, LINE, given_talk

OUTSIDE = Party("+15550100009", "+15550100009")


class Recorder:
    """A provider that takes every leg and remembers whom it was to show as the caller."""

    caller = ""

    def create_participant(self, conference: str, *, caller: str, **others: Any) -> Created:
        """Take a leg."""
        assert conference and others
        self.caller = caller
        return Created("CA" + "1" * 32, "CF" + "1" * 32)


@pytest.mark.parametrize(
    ("to", "setting", "shown"),
    [(OUTSIDE, "", LINE), (OUTSIDE, "+15550009999", "+15550009999"), (BOB, "+15550009999", LINE)],
    ids=["the line", "the setting", "a softphone is shown the line"],
)
def test_an_outside_phone_is_shown_the_line_unless_a_setting_names_another_number(
    to: Party, setting: str, shown: str
) -> None:
    call = given_talk().do(c.StartConsult(to, LINE))
    provider = Recorder()
    requests = ProviderRequests(provider, Addresses("http://127.0.0.1"), 30, setting)  # type: ignore[arg-type]

    requests.ask(call.session, CreateLeg(call.leg_of(to).id), repeated=False)

    assert provider.caller == shown
