"""What must hold of everything agents are told, whatever happened."""

from collections.abc import Iterable

from app.core.notices import DATA, PARTICIPANTS, STATUS, Notice
from app.core.session import Session
from app.core.views import CallView, views_of

_OF_STATE = (STATUS, PARTICIPANTS, DATA)


def visible(view: CallView) -> tuple[object, ...]:
    """Return what a client compares two views of a call by. Changed capabilities alone are not told: a GET shows them."""
    return (view.state, view.parties, view.muted, view.user_data)


def assert_told_consistently(told: Iterable[Notice]) -> None:
    """Nothing follows a Released, and none repeats its predecessor unchanged."""
    last: dict[tuple[str, int], Notice] = {}
    for notice in told:
        key = (notice.user_id, notice.view.index)
        before = last.get(key)
        assert before is None or before.view.state != "Released", f"{notice.kind} after Released: {key}"
        if notice.kind in _OF_STATE:
            assert before is None or visible(before.view) != visible(notice.view), f"told twice: {notice}"
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
