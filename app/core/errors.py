"""The one vocabulary of errors. Every dialect has one table that maps each of these to its own shape; a test asserts they are total."""


class HookflashError(Exception):
    """Something a client asked for cannot be done. Nothing has changed."""

    error_id = "error"
    message = "The request cannot be carried out"

    def __init__(self, message: str | None = None, **details: object) -> None:
        """``details`` are values a dialect may fill into its own text (never shown to anybody who may not see them)."""
        super().__init__(message or self.message)
        self.details = details


class InvalidInput(HookflashError):
    """A value is missing or malformed. ``field`` in the details names it."""

    error_id = "invalid_input"
    message = "The request is not valid"


class NotFound(HookflashError):
    """There is no such thing, or not for this caller. ``what`` in the details: session, leg, user, media …"""

    error_id = "not_found"
    message = "Not found"


class SessionNotFound(NotFound):
    """There is no such session, or not for this caller."""

    error_id = "session_not_found"
    message = "Session not found"


class LegNotFound(NotFound):
    """The session has no such live leg."""

    error_id = "leg_not_found"
    message = "The session has no such leg"


class MediaNotFound(NotFound):
    """There is no such media file. ``media_id`` in the details."""

    error_id = "media_not_found"
    message = "Media file not found"


class TextTooLong(HookflashError):
    """A text to speak is over the limit. ``limit`` and ``length`` in the details, in characters."""

    error_id = "text_too_long"
    message = "The text to speak is too long"


class DestinationInvalid(HookflashError):
    """What was dialled is nobody's extension, softphone or telephone number."""

    error_id = "destination_invalid"
    message = "The destination is not an extension, a softphone or a telephone number"


class WrongState(HookflashError):
    """The session or leg is not in a state that allows this. Who won, when two commands raced, is visible in the session."""

    error_id = "wrong_state"
    message = "Not possible in the present state of the call"


class SessionEnded(WrongState):
    """The session is over."""

    error_id = "session_ended"
    message = "The session has ended"


class NotPermitted(HookflashError):
    """This caller may not do that."""

    error_id = "not_permitted"
    message = "Not permitted"


class NotAuthenticated(HookflashError):
    """No valid login came with the request."""

    error_id = "not_authenticated"
    message = "Not authenticated"


class LimitExceeded(HookflashError):
    """The caller has used up what it may use. ``limit_type`` (minute or day) and ``limit`` in the details."""

    error_id = "limit_exceeded"
    message = "The limit is used up"


class KeyReused(HookflashError):
    """The idempotency key came with another request before."""

    error_id = "key_reused"
    message = "The idempotency key was used for another request"


class KeyInUse(HookflashError):
    """The first request with this idempotency key is under way."""

    error_id = "key_in_use"
    message = "The first request with this idempotency key is still being carried out; ask again in a moment"


class KeyOutcomeUnknown(HookflashError):
    """The first request with this idempotency key ended without an answer: the process that had it died."""

    error_id = "key_outcome_unknown"
    message = "Nobody knows what became of the first request with this idempotency key; look at the call, then use another key"


class ProviderRefused(HookflashError):
    """The provider refused. ``code`` in the details is the provider's own."""

    error_id = "provider_refused"
    message = "The telephone provider refused the request"


class ProviderUnavailable(HookflashError):
    """The provider did not answer, or answered that it cannot now."""

    error_id = "provider_unavailable"
    message = "The telephone provider is not available"


class TakenOver(ProviderUnavailable):
    """The operation is not this process's any more: another one carries it out, and tells what comes of it."""

    error_id = "taken_over"
    message = "The outcome is not known yet"


class StoreUnavailable(HookflashError):
    """The store does not answer."""

    error_id = "store_unavailable"
    message = "The store is not available"


def every_error() -> tuple[type[HookflashError], ...]:
    """Return all error classes, so that a dialect's table can be tested for being total."""

    def below(kind: type[HookflashError]) -> list[type[HookflashError]]:
        return [kind, *(error for sub in kind.__subclasses__() for error in below(sub))]

    return tuple(below(HookflashError))
