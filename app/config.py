"""Every setting, once: read from the environment into one frozen object. The table in docs/operations.md is made from this file."""

from dataclasses import dataclass, field, fields
from typing import Any

from environs import Env

from app.core.session import Policy


def setting(default: Any, meaning: str) -> Any:
    """Declare a setting: its environment variable is the field's name in capitals."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """The settings. Durations are seconds unless the name says otherwise."""

    port: int = setting(8000, "port the controller listens on")
    simulator_port: int = setting(8010, "port of the simulator that `make run` starts or finds")
    database_url: str = setting("sqlite:///var/hookflash.sqlite", "the store: a SQLite file or `postgresql://…`")
    web_concurrency: int = setting(1, "worker processes of the controller")
    request_threads: int = setting(
        12, "threads in each worker for requests other than webhooks, health and held connections"
    )
    webhook_threads: int = setting(12, "threads in each worker for webhooks other than ordinary status callbacks")
    public_url: str = setting(
        "",
        "where Twilio reaches the controller, as `https://host`; signatures are checked against it; needed outside demo mode",
    )
    trusted_proxy: bool = setting(
        False,
        "behind a proxy that ends TLS: believe its X-Forwarded-Proto, -Host and -For; otherwise cookies are not Secure there, "
        "and clients are told `http://` addresses",
    )
    twilio_account_sid: str = setting("", "account (AC…)")
    twilio_auth_token: str = setting(
        "", "its auth token: checks webhook signatures, and signs in to REST when no API key is set"
    )
    twilio_previous_auth_token: str = setting("", "accepted for signatures as well, while a token is being rotated")
    twilio_api_key: str = setting("", "API key (SK…) for REST")
    twilio_api_secret: str = setting("", "its secret")
    twilio_app_sid: str = setting("", "application (AP…) that softphones call through")
    twilio_api_url: str = setting("", "another REST base address than Twilio's: the simulator's")
    caller_id: str = setting("", "number shown to outside phones we dial; default: the session's own line")
    demo: bool = setting(False, "demo data and demo log-ins; only on the loopback address")
    provider_timeout_seconds: float = setting(
        5.0, "how long one provider request may take before its outcome counts as unknown"
    )
    ring_seconds: int = setting(30, "how long a phone rings before the call goes on to the next or to a message")
    offer_pause_seconds: float = setting(5.0, "pause of a ring queue between two rounds of its agents")
    wrap_up_seconds: float = setting(
        0.0, "for how long after a customer's call an agent is not offered calls of a ring queue"
    )
    hold_reminder_seconds: float = setting(60.0, "after this long on hold the agent is reminded")
    hold_limit_seconds: float = setting(600.0, "after this long on hold the limit acts")
    hold_limit_action: str = setting(
        "retrieve", "what the limit does while an agent is on the call: `retrieve` or `end`"
    )
    recall_seconds: float = setting(
        5.0, "how long a parked caller whose agents are gone waits before an agent is recalled"
    )
    recall_attempts: int = setting(3, "how often, before a message ends the call")
    reconcile_seconds: float = setting(15.0, "how often open sessions are compared with the provider")
    inbox_seconds: float = setting(300.0, "how long an event of an unknown call is kept")
    notice_seconds: float = setting(3600.0, "how long notices are kept for clients that were away")
    poll_seconds: float = setting(25.0, "how long a poll of a notification client is held")
    tts_max_length: int = setting(1000, "characters of a text to speak")
    call_api_points_per_day: int = setting(100_000, "Call API points a day for each key")
    workspace_csrf: bool = setting(False, "demand the CSRF header on the workspace API's modifying requests")
    workspace_extra_capabilities: tuple[str, ...] = setting(
        (), "advertised beside the standard ones, such as ClearCall,MuteCall"
    )
    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    @property
    def policy(self) -> Policy:
        """How long people wait, and what happens then."""
        return Policy(
            ring_seconds=self.ring_seconds,
            hold_reminder_seconds=self.hold_reminder_seconds,
            hold_limit_seconds=self.hold_limit_seconds,
            hold_limit_action=self.hold_limit_action,
            recall_seconds=self.recall_seconds,
            recall_attempts=self.recall_attempts,
            offer_pause_seconds=self.offer_pause_seconds,
            wrap_up_seconds=self.wrap_up_seconds,
        )

    @property
    def webhook_base(self) -> str:
        """Where the provider is told to send its webhooks: PUBLIC_URL without a trailing slash."""
        return self.public_url.rstrip("/")


def read_settings() -> Settings:
    """Read the settings from the process's environment. Raises environs.EnvError for a value of the wrong kind."""
    env = Env()
    readers: dict[type, Any] = {int: env.int, float: env.float, bool: env.bool, str: env.str}
    values: dict[str, Any] = {}
    for item in fields(Settings):
        name = item.name.upper()
        if isinstance(item.default, tuple):
            values[item.name] = tuple(env.list(name, list(item.default)))
        else:
            # An empty variable means the default, as with most deployment tools.
            values[item.name] = readers[type(item.default)](name) if env.str(name, "") else item.default
    return Settings(**values)
