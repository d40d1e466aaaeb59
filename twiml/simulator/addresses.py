"""Telephone addresses: E.164 numbers, ``client:<identity>`` and SIP URIs."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_CLIENT = re.compile(r"client:[^\s\x00-\x1f?]{1,256}")
_SIP = re.compile(r"sips?:[^\s\x00-\x1f]+")
_PUNCTUATION = re.compile(r"[\s().-]")


def is_number(address: str) -> bool:
    return _E164.fullmatch(address) is not None


def is_client(address: str) -> bool:
    return _CLIENT.fullmatch(address) is not None


def normalise(raw: str) -> str | None:
    """The address that ``raw`` stands for, or None if there is none. Numbers may come with punctuation and without
    the plus sign, as Twilio accepts them."""
    text = raw.strip()
    if is_client(text) or _SIP.fullmatch(text):
        return text
    digits = _PUNCTUATION.sub("", text)
    if digits.isascii() and digits.isdigit():
        digits = "+1" + digits if len(digits) == 10 else "+" + digits
    return digits if is_number(digits) else None


def without_custom_parameters(raw: str) -> str:
    """A target such as ``client:alice?case=7`` without the parameters, which are for the called softphone alone."""
    return raw.partition("?")[0] if raw.startswith(("client:", "sip:", "app:")) else raw


def formatted(address: str) -> str:
    """The national form of a North American number, as in ``to_formatted``; other addresses unchanged."""
    if re.fullmatch(r"\+1\d{10}", address):
        return f"({address[2:5]}) {address[5:8]}-{address[8:]}"
    return address
