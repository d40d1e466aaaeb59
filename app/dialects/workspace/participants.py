"""How a party's number is written in a call resource."""

from __future__ import annotations

from typing import Any

import phonenumbers

from app.core.session import Party


def participant(party: Party) -> dict[str, Any]:
    """Return one entry of a call's ``participants``.

    An extension (or anything else that is no telephone number) is itself in every form and has an empty ``e164Number``. Of a telephone
    number ``phoneNumber`` and ``digits`` are national, as the API has them; the country's names and places are left out, since
    the tables for them would take more memory than all the rest of a worker.
    """
    number = _parsed(party.address) if party.dn is None else None
    if number is None:
        text = party.dn or party.address
        return {"e164Number": "", "formattedPhoneNumber": text, "phoneNumber": text, "digits": text}
    national = phonenumbers.national_significant_number(number)
    return {
        "e164Number": party.address,
        "formattedPhoneNumber": phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL),
        "phoneNumber": national,
        "digits": national,
    }


def goes_by(party: Party, text: str) -> bool:
    """Return whether a participant is meant by ``text``: any of the forms in which it is listed."""
    return bool(text) and text in participant(party).values()


def _parsed(address: str) -> phonenumbers.PhoneNumber | None:
    if not address.startswith("+"):
        return None
    try:
        return phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        # Callers who withhold their number come with texts that only look like one.
        return None
