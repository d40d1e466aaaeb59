"""Changing frozen values."""

from dataclasses import replace

import pytest

from app.core.session import Hold, HoldReason, Party
from app.core.values import changed


def test_a_changed_value_equals_what_the_standard_library_makes_of_it() -> None:
    hold = Hold(by="alice", since=3.0)

    after = changed(hold, reason=HoldReason.TRANSFERRING, since=4.0)

    assert after == replace(hold, reason=HoldReason.TRANSFERRING, since=4.0)
    assert hash(after) == hash(replace(hold, reason=HoldReason.TRANSFERRING, since=4.0))
    assert hold == Hold(by="alice", since=3.0)


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="nickname"):
        changed(Party("client:alice", "Alice"), nickname="Al")
