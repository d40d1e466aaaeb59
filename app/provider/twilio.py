"""Twilio as the provider, through its own package.

Every request has a time limit. Two things are always sent though they have defaults: HoldMethod (Twilio's documents disagree on it) and
EndConferenceOnExit=false (a held participant's flag cannot be changed later, so who ends with whom is never the conference's business).
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.version import Version
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from app.core.facts import ParticipantSeen
from app.provider.errors import Meaning, ProviderError, meaning_of
from app.provider.port import Created

_T = TypeVar("_T")
_TOO_MANY, _TOO_MANY_CODE = 429, 20429
_CONFERENCE_EVENTS = ["start", "end", "join", "leave", "mute", "hold", "announcement"]
_PROGRESS_EVENTS = ["initiated", "ringing", "answered", "completed"]


class TwilioProvider:
    """The provider port over Twilio's REST API. Safe to share between threads: the package keeps one pooled HTTP session."""

    def __init__(self, account_sid: str, user: str, secret: str, *, api_url: str = "", timeout: float = 5.0) -> None:
        """``user`` and ``secret``: the account and its token, or an API key and its secret. ``api_url`` points at a simulator."""
        http_client = _HttpClient(timeout=timeout, pool_connections=True)
        self._client = Client(user, secret, account_sid, http_client=http_client)
        if api_url:
            self._client.api.base_url = api_url

    def create_participant(
        self,
        conference: str,
        *,
        label: str,
        to: str,
        caller: str,
        timeout: int,
        progress_url: str,
        wait_url: str,
        conference_url: str,
    ) -> Created:
        participant = _asked(
            lambda: self._client.conferences(conference).participants.create(
                from_=caller,
                to=to,
                label=label,
                timeout=timeout,
                early_media=True,
                beep="false",
                start_conference_on_enter=True,
                end_conference_on_exit=False,
                wait_url=wait_url,
                wait_method="POST",
                status_callback=progress_url,
                status_callback_method="POST",
                status_callback_event=_PROGRESS_EVENTS,
                conference_status_callback=conference_url,
                conference_status_callback_method="POST",
                conference_status_callback_event=_CONFERENCE_EVENTS,
            )
        )
        return Created(str(participant.call_sid), str(participant.conference_sid))

    def find_participant(self, conference: str, conference_sid: str | None, label: str) -> Created | None:
        sid = conference_sid or self.conference_sid(conference)
        if sid is None:
            return None
        try:
            participant = _asked(lambda: self._client.conferences(sid).participants(label).fetch())
        except ProviderError as error:
            if error.meaning is Meaning.GONE:
                return None
            raise
        return Created(str(participant.call_sid), sid)

    def set_hold(
        self, conference_sid: str, call_sid: str, held: bool, hold_url: str, heard_by: str | None = None
    ) -> None:
        participant = self._client.conferences(conference_sid).participants(call_sid)
        if held:
            _asked(lambda: participant.update(hold=True, hold_url=hold_url, hold_method="POST"))
        elif heard_by is not None:
            # Twilio: a coach hears everybody and is heard by the coached participant only.
            _asked(lambda: participant.update(hold=False, coaching=True, call_sid_to_coach=heard_by))
        else:
            _asked(lambda: participant.update(hold=False))

    def open_up(self, conference_sid: str, call_sid: str) -> None:
        _asked(lambda: self._client.conferences(conference_sid).participants(call_sid).update(coaching=False))

    def set_mute(self, conference_sid: str, call_sid: str, muted: bool) -> None:
        _asked(lambda: self._client.conferences(conference_sid).participants(call_sid).update(muted=muted))

    def announce(self, conference_sid: str, call_sid: str, url: str) -> None:
        participant = self._client.conferences(conference_sid).participants(call_sid)
        _asked(lambda: participant.update(announce_url=url, announce_method="POST"))

    def remove(self, conference_sid: str, call_sid: str) -> None:
        _asked(lambda: self._client.conferences(conference_sid).participants(call_sid).delete())

    def hang_up(self, call_sid: str) -> None:
        _asked(lambda: self._client.calls(call_sid).update(status="completed"))

    def redirect(self, call_sid: str, url: str) -> None:
        _asked(lambda: self._client.calls(call_sid).update(url=url, method="POST"))

    def dequeue(self, queue_sid: str, call_sid: str, url: str) -> None:
        _asked(lambda: self._client.queues(queue_sid).members(call_sid).update(url=url, method="POST"))

    def participants(self, conference_sid: str) -> Sequence[ParticipantSeen]:
        listed = _asked(lambda: self._client.conferences(conference_sid).participants.list(page_size=250))
        return [
            ParticipantSeen(str(one.call_sid), one.label, bool(one.hold), bool(one.muted), str(one.status))
            for one in listed
        ]

    def call_status(self, call_sid: str) -> str:
        return str(_asked(lambda: self._client.calls(call_sid).fetch()).status)

    def conference_sid(self, conference: str) -> str | None:
        found = _asked(lambda: self._client.conferences.list(friendly_name=conference, page_size=20))
        return next((str(one.sid) for one in found if str(one.status) != "completed"), None)

    def set_line(self, number: str, voice_url: str, status_url: str) -> bool:
        found = _asked(lambda: self._client.incoming_phone_numbers.list(phone_number=number, page_size=20))
        for one in found:
            if one.phone_number == number:
                _asked(
                    lambda one=one: one.update(  # type: ignore[misc]
                        voice_url=voice_url,
                        voice_method="POST",
                        status_callback=status_url,
                        status_callback_method="POST",
                    )
                )
                return True
        return False


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]
    """The package's own, which also hears how long a busy Twilio wants to be left alone: the package's exceptions do not tell."""

    def request(self, *arguments: Any, **options: Any) -> Response:
        """Make a request. Raises ProviderError for a 429."""
        response: Response = super().request(*arguments, **options)
        if response.status_code == _TOO_MANY:
            wanted = (response.headers or {}).get("Retry-After", "")
            # It may also be a date, by a clock that is not ours.
            seconds = float(wanted) if wanted.isascii() and wanted.isdigit() else None
            raise ProviderError(Meaning.AGAIN, "the provider is busy", _TOO_MANY_CODE, retry_after=seconds)
        return response


def _asked(request: Callable[[], _T]) -> _T:
    """Make one request and translate what goes wrong."""
    try:
        return request()
    except TwilioException as error:
        raise _translated(error) from error
    except requests.exceptions.ConnectTimeout as error:
        raise ProviderError(Meaning.AGAIN, "no connection to the provider") from error
    except requests.exceptions.ReadTimeout as error:
        raise ProviderError(Meaning.UNKNOWN_OUTCOME, "the provider did not answer in time") from error
    except requests.exceptions.ConnectionError as error:
        # Refused: nothing happened. Cut off half-way: nobody knows. The two look alike here, so the careful reading.
        raise ProviderError(Meaning.UNKNOWN_OUTCOME, "the connection to the provider broke") from error
    except (requests.exceptions.RequestException, json.JSONDecodeError) as error:
        # An answer that breaks off, or the page of something in between: Twilio may have done it all the same.
        raise ProviderError(Meaning.UNKNOWN_OUTCOME, "the provider's answer cannot be read") from error


def _translated(error: TwilioException) -> ProviderError:
    """Return what an error of the package means."""
    # Of a refused list the package only says that it was refused, and has the answer with it.
    answer = next((one for one in error.args if isinstance(one, Response)), None)
    if answer is not None:
        error = Version.exception("GET", "", answer, "Unable to fetch page")
    if isinstance(error, TwilioRestException):
        return ProviderError(meaning_of(error.code, error.status), error.msg, error.code)
    if isinstance(error, TwilioServiceException):  # the same in its newer form, which has a title for a message
        return ProviderError(meaning_of(error.code, error.status), error.title, error.code)
    return ProviderError(Meaning.UNKNOWN_OUTCOME, "the provider's answer cannot be understood")
