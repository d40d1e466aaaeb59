"""What a dialect, a webhook or a page is given to work with."""

from dataclasses import dataclass

from app.config import Settings
from app.control.control import Control
from app.control.directory import Directory
from app.control.messages import Messages
from app.control.ports import Clock


@dataclass(frozen=True)
class Services:
    """The one way in: sessions and commands, people, hold messages, time, settings."""

    control: Control
    directory: Directory
    messages: Messages
    clock: Clock
    settings: Settings
