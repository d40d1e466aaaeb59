"""Whatever is sent, the client receives strict JSON that says what was wrong: never a failure of ours."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from app.dialects.call_api.methods import METHODS
from tests.dialects.call_api.sessions import NUMBER, consulting
from tests.dialects.call_api.world import KEY, World

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)
MESSAGES = st.fixed_dictionaries({}, optional={"type": st.sampled_from(["tts", "media"]) | ANYTHING, "value": ANYTHING})
PARAMETERS = st.fixed_dictionaries(
    {"access_token": st.just(KEY)},
    optional={
        "call_session_id": st.just(NUMBER) | ANYTHING,
        "contact_message": MESSAGES | ANYTHING,
        "to_message": MESSAGES | ANYTHING,
        "to": st.sampled_from(["1002", "15550100009"]) | ANYTHING,
        "leg_id": st.just(NUMBER * 1024 + 1) | ANYTHING,
        "dtmf_string": st.sampled_from("0123456789*#") | ANYTHING,
        "direction": ANYTHING,
        "extra": ANYTHING,
    },
)


@settings(max_examples=300, deadline=None)
@given(method=st.sampled_from([*METHODS, "login.user"]), params=PARAMETERS | ANYTHING, rpc_id=ANYTHING)
def test_no_request_makes_us_fail(method: str, params: object, rpc_id: object) -> None:
    sent = {"jsonrpc": "2.0", "id": rpc_id, "method": method, "params": params}
    answer = World(consulting(answered=True)).send(json.dumps(sent).encode())
    assert ("result" in answer) != ("error" in answer)
    if "error" in answer:
        assert answer["error"]["data"]["mnemonic"] != "internal_error"


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=200) | st.text(alphabet='{}[]"\\:,1eE.-+ntfu ', max_size=60).map(str.encode))
def test_no_body_makes_us_fail(body: bytes) -> None:
    assert World().send(body)["error"]["data"]["mnemonic"] != "internal_error"
