"""The tables are whole: every error has a row, every operation a contract that JSON and XML agree on."""

from __future__ import annotations

import pytest

from app.core.errors import HookflashError, every_error
from app.dialects.evo_voice import enums, shapes
from app.dialects.evo_voice.errors import TABLE, of_core
from app.dialects.evo_voice.operations import OPERATIONS

PUBLISHED_ORDINALS = {
    enums.SessionDialState: "None Active",
    enums.SessionCallState: "Disconnected Ringing Connected Hold Passive",
    enums.SessionQueueStates: "None Queued Ringing Connected Hold Disconnected",
    enums.SessionHoldReasons: "None Transferring",
    enums.SessionMemberCallState: "None Ringing Connected Hold",
    enums.SessionMemberRoles: "None Caller Agent Transfer",
    enums.SessionDirections: "Incoming Outgoing",
    enums.FlowChannels: "Voice Chat Fax",
    enums.SortOrders: "Ascend Descend",
}


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_product_has_a_row_and_an_http_status(kind: type[HookflashError]) -> None:
    assert kind in TABLE
    problem = of_core(kind(field="Thing"))
    assert 400 <= problem.status < 600
    assert problem.body().response_status.errors[0].field_name == "Thing"


@pytest.mark.parametrize(
    ("kind", "names"), PUBLISHED_ORDINALS.items(), ids=lambda value: getattr(value, "__name__", "")
)
def test_enumerations_have_the_published_ordinals(kind: type[enums.SortOrders], names: str) -> None:
    assert [str(member) for member in kind] == names.split()


def test_only_the_login_operations_are_open_to_everybody() -> None:
    assert {operation.name for operation in OPERATIONS if operation.public} == {"Authenticate", "GetAuthStatus"}


def test_the_roles_are_the_published_ones() -> None:
    needs_user = {operation.name for operation in OPERATIONS if operation.roles == ("User",)}
    assert needs_user == {"HoldSession", "EndSession", "RedirectSession", "GetMySessions", "GetActiveSessions"}


def test_requests_have_their_members_in_the_published_xml_order() -> None:
    orders = {
        operation.name: [member.name for member in shapes.shape_of(operation.contract).sorted]
        for operation in OPERATIONS
    }
    assert orders["HoldSession"] == ["CallSid", "Reason", "SessionId"]
    assert orders["RedirectSession"] == ["CallerId", "Destination", "SessionId"]
    assert orders["Authenticate"] == ["provider", "UserName", "Password", "RememberMe"]
