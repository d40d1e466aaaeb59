"""What must hold of everything agents are told, whatever happened."""

from collections.abc import Iterable

from app.core.notices import DATA, PARTICIPANTS, STATUS, Notice
from app.core.phase import talking_agents
from app.core.session import Party, Session
from app.core.views import CallView, views_of
from tests.core.builders import Call

_OF_STATE = (STATUS, PARTICIPANTS, DATA)
# What a call offers, as published; the order is arbitrary.
DATA_OPERATIONS = {"AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"}
ESTABLISHED = {
    *DATA_OPERATIONS,
    "Hangup",
    "SendDtmf",
    "Hold",
    "InitiateTransfer",
    "InitiateConference",
    "SingleStepTransfer",
    "SingleStepConference",
}
HELD = {*(ESTABLISHED - {"Hold", "SendDtmf"}), "Retrieve"}


def since(call: Call, party: Party, count: int) -> list[tuple[str, str, int]]:
    """Return what an agent was told after the first ``count`` notices: (kind, state, index of the call)."""
    return call.told_to(party)[count:]


def notices_of(call: Call, party: Party) -> list[Notice]:
    """Return everything an agent was told."""
    return [notice for notice in call.told if notice.user_id == party.user_id]


def visible(view: CallView) -> tuple[object, ...]:
    """Return what a client compares two views of a call by. Changed capabilities alone are not told: a GET shows them."""
    return (view.state, view.parties, view.muted, view.user_data)


def _whole(view: CallView) -> tuple[object, ...]:
    """Return what makes a notice another one than its predecessor: after a consult the offer alone may be new."""
    return (*visible(view), view.capabilities)


def assert_told_consistently(told: Iterable[Notice]) -> None:
    """Nothing follows a Released, and none repeats its predecessor unchanged."""
    last: dict[tuple[str, int], Notice] = {}
    for notice in told:
        key = (notice.user_id, notice.view.index)
        before = last.get(key)
        assert before is None or before.view.state != "Released", f"{notice.kind} after Released: {key}"
        if notice.kind in _OF_STATE:
            assert before is None or _whole(before.view) != _whole(notice.view), f"told twice: {notice}"
        last[key] = notice


def assert_the_agents_picture_is_true(told: Iterable[Notice], session: Session) -> None:
    """Who only listens to notices knows each of her calls as a GET would show it now."""
    picture = {
        (n.user_id, n.view.index): visible(n.view) for n in told if n.kind in _OF_STATE and n.view.state != "Released"
    }
    gone = {(n.user_id, n.view.index) for n in told if n.view.state == "Released"}
    assert {key: seen for key, seen in picture.items() if key not in gone} == {
        key: visible(view) for key, view in views_of(session).items()
    }
    if session.consult is None and len(talking_agents(session)) == 1:
        # Whom another's consult had held beside it learns only from a GET that she may retrieve.
        offered = {(n.user_id, n.view.index): "Retrieve" in n.view.capabilities for n in told}
        for key, view in views_of(session).items():
            assert offered[key] is ("Retrieve" in view.capabilities), f"not told of Retrieve: {key}"
