"""Which requests of one process keep which others waiting."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from app.asgi import Application
from app.config import Settings
from app.house import create_house
from tests.support.house import PUBLIC_URL, TOKEN, ManualClock, Site, demo_store, until_closed
from tests.support.scripted_provider import ScriptedProvider

__all__ = ["demo_store"]


class SlowProvider(ScriptedProvider):
    """Takes its time over a hold: until the test lets it go on."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.asked_to_hold, self.may_go_on = threading.Event(), threading.Event()

    def set_hold(self, *arguments: Any) -> None:
        self.asked_to_hold.set()
        self.may_go_on.wait(20)
        super().set_hold(*arguments)


async def status_of(application: Application, method: str, path: str) -> int:
    """What alice's request is answered with."""
    statuses = list[int]()
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"authorization", b"Basic YWxpY2U6ZGVtbw=="), (b"content-type", b"application/json")],
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, int]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    serve: Callable[..., Awaitable[None]] = application
    await serve(scope, receive, send)
    return statuses[0]


def test_a_slow_provider_does_not_make_the_process_look_sick(demo_store: Path, tmp_path: Path) -> None:
    store = shutil.copy(demo_store, tmp_path / "store.sqlite")
    settings = Settings(
        database_url=f"sqlite:///{store}", public_url=PUBLIC_URL, twilio_auth_token=TOKEN, demo=True, request_threads=1
    )
    provider, clock = SlowProvider(), ManualClock()
    with until_closed(create_house(settings, provider=provider, clock=clock)) as house:
        session = Site(house, provider, clock).given_talk()
        application = Application(house)

        async def story() -> None:
            hold = asyncio.create_task(status_of(application, "POST", f"/sessions/{session.id}/hold"))
            assert await asyncio.to_thread(provider.asked_to_hold.wait, 10)
            try:
                async with asyncio.timeout(10):
                    for path in ("/healthz", "/readyz", "/metrics"):
                        assert await status_of(application, "GET", path) == 200
                assert not hold.done()
            finally:
                provider.may_go_on.set()
            assert await hold == 200

        asyncio.run(story())
