"""The one account: its credentials, its numbers and its Applications."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field

from .identifiers import new_sid

DEMO_LINES = ("+15550001000", "+15550001001", "+15550001002", "+15550001009")


@dataclass
class VoiceSettings:
    """Where a call that reaches a number or an Application gets its TwiML, and who is told when it is over."""

    voice_url: str | None = None
    voice_method: str = "POST"
    voice_fallback_url: str | None = None
    voice_fallback_method: str = "POST"
    voice_caller_id_lookup: bool = False
    status_callback: str | None = None
    status_callback_method: str = "POST"
    # Kept because the resource has them; nothing here sends messages.
    sms_url: str | None = None
    sms_method: str = "POST"
    sms_fallback_url: str | None = None
    sms_fallback_method: str = "POST"
    sms_status_callback: str | None = None
    message_status_callback: str | None = None


@dataclass
class OwnedNumber:
    """An IncomingPhoneNumber. ``voice_application_sid`` overrides its URLs."""

    number: str
    created: float
    updated: float
    friendly_name: str
    sid: str = field(default_factory=lambda: new_sid("PN"))
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    voice_application_sid: str | None = None
    sms_application_sid: str | None = None
    voice_receive_mode: str = "voice"
    trunk_sid: str | None = None


@dataclass
class Application:
    """An Application: what a browser softphone dials."""

    friendly_name: str | None
    created: float
    updated: float
    sid: str = field(default_factory=lambda: new_sid("AP"))
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    public_application_connect_enabled: bool = False


class Account:
    """Credentials stay the same while the process lives; SIMULATOR_ACCOUNT_SID and SIMULATOR_AUTH_TOKEN choose them."""

    def __init__(self, now: float) -> None:
        self.sid = os.environ.get("SIMULATOR_ACCOUNT_SID") or new_sid("AC")
        self.auth_token = os.environ.get("SIMULATOR_AUTH_TOKEN") or secrets.token_hex(16)
        self.created = now
        self.friendly_name = "Simulated account"
        self.numbers: dict[str, OwnedNumber] = {}
        self.applications: dict[str, Application] = {}
        for line in DEMO_LINES:
            self.add_number(line, now)
        softphone = Application("Browser softphones", now, now)
        self.applications[softphone.sid] = softphone

    def add_number(self, number: str, now: float) -> OwnedNumber:
        owned = OwnedNumber(number, now, now, number)
        self.numbers[owned.sid] = owned
        return owned

    def number(self, address: str) -> OwnedNumber | None:
        """The owned number with this E.164 address."""
        return next((owned for owned in self.numbers.values() if owned.number == address), None)

    def voice_of(self, owned: OwnedNumber) -> VoiceSettings:
        """The settings in force for a number: its Application's, if it has one, instead of its own."""
        application = self.applications.get(owned.voice_application_sid or "")
        return application.voice if application is not None else owned.voice

    def softphone_application(self, sid: str | None = None) -> Application | None:
        """The Application a softphone reaches: the one asked for, else the one whose VoiceUrl was set last.

        The browser token names it in reality; a simulated phone holds no token.
        """
        if sid is not None:
            return self.applications.get(sid)
        dialable = [application for application in self.applications.values() if application.voice.voice_url]
        return max(dialable, key=lambda application: application.updated, default=None)
