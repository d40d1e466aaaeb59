"""Identities derived from a session's number: their published shapes, and that nothing is lost on the way back."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.core import ids

numbers = st.integers(1, 2**31)
indexes = st.integers(0, 1023)


@given(number=numbers, index=indexes)
def test_a_call_uuid_has_the_published_shape_and_leads_back_to_its_call(number: int, index: int) -> None:
    text = ids.call_uuid(number, index)
    assert re.fullmatch("[0-9A-V]{32}", text)
    assert ids.parse_call_uuid(text) == (number, index)


@given(number=numbers, index=indexes)
def test_a_conn_id_is_sixteen_lower_case_hex_digits(number: int, index: int) -> None:
    assert re.fullmatch("[0-9a-f]{16}", ids.conn_id(number, index))


@given(one=st.tuples(numbers, indexes), other=st.tuples(numbers, indexes))
def test_two_calls_never_share_an_identity(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (ids.call_uuid(*one) == ids.call_uuid(*other)) is (one == other)
    assert (ids.conn_id(*one) == ids.conn_id(*other)) is (one == other)


@given(number=numbers, n=indexes)
def test_a_leg_number_leads_back_to_its_leg(number: int, n: int) -> None:
    assert ids.parse_leg_number(ids.leg_number(number, n)) == (number, n)


def test_what_is_no_call_uuid_of_ours_is_nobodys() -> None:
    for text in ("", "x" * 32, "0" * 31, ids.call_uuid(7, 1).lower(), ids.call_uuid(7, 1) + "0"):
        assert ids.parse_call_uuid(text) is None
