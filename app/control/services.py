"""What a dialect, a webhook or a page is given to work with."""

from dataclasses import dataclass

from app.config import Settings
from app.control.control import Control
from app.control.directory import Directory
from app.control.messages import Messages
from app.control.ports import Clock
from app.control.replays import Replays


@dataclass(frozen=True)
class Services:
    """The one way in: sessions and commands, people, hold messages, time, settings."""

    control: Control
    directory: Directory
    messages: Messages
    replays: Replays
    clock: Clock
    settings: Settings
