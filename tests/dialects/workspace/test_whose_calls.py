"""Foreign calls, and what the provider or a rival command prevents."""

from __future__ import annotations

from typing import Any

import pytest

from app.core import errors as core
from app.core.ids import call_uuid
from tests.dialects.workspace.world import ALICE, BOB, DAVE, World, refused

FIRST = call_uuid(1, 0)
SECOND = call_uuid(1, 1)
TO_BOB = {"destination": {"phoneNumber": "1002"}}


@pytest.mark.parametrize("user", [BOB, DAVE])
def test_a_foreign_call_is_as_unknown_as_one_that_never_was(world: World, user: Any) -> None:
    world.talk()
    stranger = world.agent(user)
    for call_id in (FIRST, SECOND, call_uuid(99, 0), "0" * 32, "x", "007102719818000a"):
        assert refused(stranger.get(f"/me/calls/{call_id}"), 6, 404)
        assert refused(stranger.get(f"/calls/{call_id}"), 6, 404)
        assert refused(stranger.does(call_id, "Hold"), 6, 404)
        assert refused(stranger.does(call_id, "SetCallDisposition", disposition="x"), 6, 404)
    assert world.control.commands == []


@pytest.mark.parametrize(
    ("error", "code", "http"),
    [
        (core.ProviderRefused(), 4, 500),
        (core.ProviderUnavailable(), 4, 500),
        (core.WrongState(), 2, 400),
        (core.SessionEnded(), 2, 400),
        (core.NotPermitted(), 5, 403),
    ],
)
def test_what_the_provider_or_a_rival_command_prevents_is_said_in_this_apis_codes(
    world: World, error: core.HookflashError, code: int, http: int
) -> None:
    world.talk()
    world.control.refusal = error
    assert refused(world.agent(ALICE).does(FIRST, "Hold"), code, http)
