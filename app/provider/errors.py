"""What a refusal by Twilio means to us: one table. A code that is not in it is unknown, and loud."""

from enum import StrEnum


class Meaning(StrEnum):
    """What to do about an error."""

    GONE = "gone"  # what we wanted to change is not there any more: done, for a hang-up
    AGAIN = "again"  # nothing happened; the same request may be repeated
    UNKNOWN_OUTCOME = "unknown outcome"  # it may have happened: look before repeating
    REFUSED = "refused"  # it will not happen
    UNKNOWN = "unknown"  # a code nobody here has met: refused, and logged as an error


# "Call is not in-progress. Cannot redirect.": it is over, or has not been answered yet.
NOT_IN_PROGRESS = 21220
# Twilio's error codes (titles from its error dictionary).
_CODES = {
    20404: Meaning.GONE,  # the resource was not found: the participant has left, the member was dequeued
    NOT_IN_PROGRESS: Meaning.GONE,
    16022: Meaning.GONE,  # the conference is completed
    20429: Meaning.AGAIN,  # too many requests
    20500: Meaning.UNKNOWN_OUTCOME,  # internal error: Twilio has been seen to do it all the same
    20503: Meaning.UNKNOWN_OUTCOME,
    20001: Meaning.REFUSED,
    20003: Meaning.REFUSED,  # authenticate
    20004: Meaning.REFUSED,
    20005: Meaning.REFUSED,  # account not active
    20422: Meaning.REFUSED,
    20423: Meaning.REFUSED,
    21201: Meaning.REFUSED,
    21205: Meaning.REFUSED,  # invalid URL
    21208: Meaning.REFUSED,
    21210: Meaning.REFUSED,  # caller id not verified
    21211: Meaning.REFUSED,  # bad destination
    21212: Meaning.REFUSED,
    21213: Meaning.REFUSED,
    21214: Meaning.REFUSED,  # destination unreachable
    21215: Meaning.REFUSED,  # geographic permission
    21217: Meaning.REFUSED,
    16000: Meaning.REFUSED,
    16001: Meaning.REFUSED,
    16002: Meaning.REFUSED,
    16003: Meaning.REFUSED,
    16020: Meaning.REFUSED,  # the conference is full
    16021: Meaning.REFUSED,
    16023: Meaning.REFUSED,
    16024: Meaning.REFUSED,
    16025: Meaning.REFUSED,  # label in use
    16026: Meaning.REFUSED,
    16027: Meaning.REFUSED,
    16028: Meaning.REFUSED,
    16030: Meaning.REFUSED,
    16099: Meaning.REFUSED,
}


def meaning_of(code: int | None, http_status: int) -> Meaning:
    """Return what an error answer means. Where there is no known code the HTTP status decides what it safely can."""
    if code in _CODES:
        return _CODES[code]
    if http_status == 429:
        return Meaning.AGAIN
    if http_status >= 500:
        return Meaning.UNKNOWN_OUTCOME
    if http_status == 404:
        return Meaning.GONE
    return Meaning.UNKNOWN


class ProviderError(Exception):
    """A provider request that did not simply succeed. ``retry_after``: how long it wants to be left alone, in seconds, if it said so."""

    def __init__(
        self, meaning: Meaning, text: str, code: int | None = None, *, retry_after: float | None = None
    ) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.meaning = meaning
        self.text = text
        self.code = code
