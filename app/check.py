"""``flask check``: what is wrong with this installation, before a call shows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import requests
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from twilio.request_validator import RequestValidator

from app.config import Settings
from app.control.addresses import PREFIX, Addresses
from app.core.errors import StoreUnavailable
from app.media.library import DEFAULT_MEDIA_ID
from app.provider.errors import Meaning, ProviderError
from app.provider.port import Provider
from app.store import tables as t

_PATIENCE_SECONDS = 10.0
_NO_CALL = "CA" + "0" * 32


@dataclass(frozen=True)
class Verdict:
    """One check: what was looked at, whether it is as it should be, and what to do if not."""

    what: str
    good: bool
    advice: str = ""


def verdicts(settings: Settings, engine: Engine, provider: Provider) -> Iterator[Verdict]:
    """Yield the verdicts, the ones that others depend on first. Nothing is changed anywhere."""
    yield Verdict("settings", *_settings(settings))
    yield Verdict("store", *_store(engine))
    yield Verdict("provider", *_provider(provider))
    base = settings.webhook_base
    if base:
        yield Verdict(
            "public address", *_answers(lambda: requests.get(f"{base}/healthz", timeout=_PATIENCE_SECONDS), 200)
        )
        yield Verdict("unsigned webhook is refused", *_answers(lambda: _webhook(base, "not a signature"), 403))
        yield Verdict("signed webhook is accepted", *_answers(lambda: _webhook(base, _signed(base, settings)), 404))
        media = Addresses(base).media(str(DEFAULT_MEDIA_ID))
        yield Verdict("hold melody", *_answers(lambda: requests.get(media, timeout=_PATIENCE_SECONDS), 200))


def _settings(settings: Settings) -> tuple[bool, str]:
    needed = ("twilio_account_sid", "twilio_auth_token", "public_url")
    missing = [name.upper() for name in needed if not getattr(settings, name)]
    return not missing, f"set {', '.join(missing)}"


def _store(engine: Engine) -> tuple[bool, str]:
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            connection.execute(select(t.account.c.id).limit(1)).first()
    except (StoreUnavailable, SQLAlchemyError) as error:
        return False, f"check DATABASE_URL, and run `flask db upgrade` ({type(error).__name__})"
    return True, ""


def _provider(provider: Provider) -> tuple[bool, str]:
    try:
        provider.call_status(_NO_CALL)
    except ProviderError as error:
        # A call that does not exist: the answer to whoever may ask.
        return error.meaning is Meaning.GONE, f"check the account and its token or key ({error.text})"
    return True, ""


def _answers(ask: Callable[[], requests.Response], status: int) -> tuple[bool, str]:
    try:
        answer = ask()
    except requests.RequestException as error:
        return False, f"not reached ({type(error).__name__}): check PUBLIC_URL and what is in front of the controller"
    return (
        answer.status_code == status,
        f"answered {answer.status_code}, not {status}: check PUBLIC_URL and TWILIO_AUTH_TOKEN",
    )


def _webhook(base: str, signature: str) -> requests.Response:
    # An address under the webhooks that nothing listens on: behind the signature it is 404, before it 403.
    headers = {"X-Twilio-Signature": signature}
    return requests.post(f"{base}{PREFIX}/check", data={"Check": "1"}, headers=headers, timeout=_PATIENCE_SECONDS)


def _signed(base: str, settings: Settings) -> str:
    validator = RequestValidator(settings.twilio_auth_token)
    return str(validator.compute_signature(f"{base}{PREFIX}/check", {"Check": "1"}))
