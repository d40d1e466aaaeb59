"""The table from our errors to this API's codes, and the answers to what goes wrong below it."""

from __future__ import annotations

import pytest

from app.core.errors import HookflashError, every_error
from app.dialects.workspace import errors
from tests.dialects.workspace.world import ALICE, World


@pytest.mark.parametrize("kind", every_error())
def test_every_error_of_the_core_has_a_code_of_its_own_line(kind: type[HookflashError]) -> None:
    assert kind in errors.TABLE
    assert errors.http_status(errors.TABLE[kind]) >= 400


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("path", ["/nothing", "/me/nothing", "/", "/me/call/x"])
def test_what_is_not_served_is_404_with_code_6(world: World, path: str, method: str) -> None:
    response = world.agent(ALICE).send(method, path)
    assert (response.status_code, response.json["statusCode"]) == (404, 6)  # type: ignore[index]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_call_cannot_be_put_or_deleted(world: World, method: str) -> None:
    world.talk()
    response = world.agent(ALICE).send(method, "/me/calls/01HOOKFLASHCALLS0000000000000100")
    assert (response.status_code, response.json["statusCode"]) == (404, 6)  # type: ignore[index]


def test_a_mistake_of_ours_is_500_with_code_4_and_tells_nothing(world: World) -> None:
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    world.directory.account = lambda account_id: 1 / 0  # type: ignore[assignment,method-assign,return-value]
    response = world.agent(ALICE).get("/services")
    assert (response.status_code, response.json) == (500, {"statusCode": 4, "statusMessage": "Internal Server Error"})
