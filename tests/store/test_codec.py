"""Whatever a session, an intent or a fact holds, the store gives it back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import facts, intents
from app.core.session import Session
from app.store.codec import decode_fact, decode_intent, decode_session, encode_session, encode_tagged

# What JSON can say: attached data comes from clients' JSON. (Lone surrogates are refused before.)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text
)
data = st.dictionaries(
    text, st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=6), max_size=4
)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, text)

sessions = st.builds(
    Session,
    user_data=data,
    consult_data=st.dictionaries(text, data, max_size=2),
    legs=st.lists(st.from_type(Session.__annotations__["legs"].__args__[0]), max_size=3).map(tuple),
)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@quick
@given(sessions)
def test_a_session_comes_back_as_it_was(session: Session) -> None:
    assert decode_session(encode_session(session)) == session


@pytest.mark.parametrize("kind", intents.Intent.__args__, ids=lambda kind: kind.__name__)
def test_an_intent_comes_back_as_it_was(kind: type) -> None:
    @quick
    @given(st.from_type(kind))
    def comes_back(intent: intents.Intent) -> None:
        assert decode_intent(encode_tagged(intent)) == intent

    comes_back()


# What became of an intent is taken in at once; only what the provider tells can be kept for later.
KEPT = [kind for kind in facts.Fact.__args__ if kind not in (facts.IntentDone, facts.IntentFailed)]


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: kind.__name__)
def test_a_fact_comes_back_as_it_was(kind: type) -> None:
    @quick
    @given(st.from_type(kind))
    def comes_back(fact: facts.Fact) -> None:
        assert decode_fact(encode_tagged(fact)) == fact

    comes_back()
