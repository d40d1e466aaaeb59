"""Identities of a session in the three APIs, derived from its number, so that none has to be stored or looked up.

A session has one call identity of its own (index 0) and one more for each consult or recall (1, 2 …). The shapes are those of the
published APIs: callUuid is 32 characters of the base-32hex alphabet of which the last ones count, connId is 16 lower-case hex digits.
"""

from functools import lru_cache

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_UUID_PREFIX = "01HOOKFLASHCALLS0000"  # 20 characters, the same for every call, as in the API's own ids
_UUID_PREFIX = "".join(c if c in _ALPHABET else "0" for c in _UUID_PREFIX)
_PER_SESSION = 1024  # identities a session may use up; the legs of a session are limited to fewer


def _counter(number: int, index: int) -> int:
    return number * _PER_SESSION + index


@lru_cache(maxsize=4096)  # every look at a call asks for it, and every change looks twice
def call_uuid(number: int, index: int) -> str:
    """Return the callUuid of a session's ``index``-th call identity."""
    value, digits = _counter(number, index), ""
    for _ in range(12):
        value, digit = divmod(value, 32)
        digits = _ALPHABET[digit] + digits
    return _UUID_PREFIX + digits


def conn_id(number: int, index: int) -> str:
    """Return the connId that goes with ``call_uuid(number, index)``."""
    return f"0071{_counter(number, index):012x}"


def parse_call_uuid(text: str) -> tuple[int, int] | None:
    """Return (session number, index) of a callUuid, or None when it is not one of ours."""
    if len(text) != 32 or not text.startswith(_UUID_PREFIX) or any(c not in _ALPHABET for c in text):
        return None
    return divmod(int(text[20:], 32), _PER_SESSION)


def leg_number(number: int, n: int) -> int:
    """Return the Call API's leg_id of a session's ``n``-th leg."""
    return number * _PER_SESSION + n


def parse_leg_number(leg_number: int) -> tuple[int, int]:
    """Return (session number, n) of a Call API leg_id."""
    return divmod(leg_number, _PER_SESSION)
