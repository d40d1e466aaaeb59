"""The one callable that gunicorn serves.

Held connections go to ``app.notices``, ordinary status callbacks to ``app.together``, everything else to Flask in pools of threads:
webhooks, health and the rest each in their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app import health
from app.bridge import Receive, Scope, Send, ThreadBridge
from app.config import read_settings
from app.control.addresses import PREFIX as WEBHOOKS
from app.dialects.workspace.auth import authenticator
from app.dialects.workspace.events import renderer
from app.house import MOST_BODY_BYTES, House, create_house
from app.logs import set_up_logging
from app.notices.desk import Identity
from app.notices.server import NoticeServer
from app.notices.stopping import on_terminate
from app.reasons import with_reasons
from app.together import Together
from app.webhooks import callbacks

NOTIFICATIONS = "/api/v2/notifications"
_HEALTH_THREADS = 2


class Application:
    """One process of the controller as an ASGI application."""

    def __init__(self, house: House) -> None:
        settings = house.settings
        self.house = house
        self.notices = NoticeServer(
            engine=house.engine,
            bell=house.bell,
            authenticate=authenticator(house.services, Identity),
            render=renderer(house.services),
            now=house.clock.now,
            new_id=house.ids.token,
            hold_seconds=settings.poll_seconds,
            keep_seconds=settings.notice_seconds,
            trusted_proxy=settings.trusted_proxy,
        )
        wsgi = with_reasons(house.flask.wsgi_app)
        self._requests = ThreadBridge(wsgi, settings.request_threads, MOST_BODY_BYTES)
        # Commands wait for the provider, webhooks never do: those that wait are not to keep the provider's own news waiting.
        self._webhooks = ThreadBridge(wsgi, settings.webhook_threads, MOST_BODY_BYTES)
        # Whoever asks whether this process works is not to hear that the provider is slow.
        self._health = ThreadBridge(wsgi, _HEALTH_THREADS, MOST_BODY_BYTES)
        self._callbacks = Together(house.services.control, callbacks.Reader(settings), self._webhooks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket" or scope["path"].startswith(NOTIFICATIONS):
            await self.notices(scope, receive, send)
        elif scope["path"].startswith(WEBHOOKS):
            serve = self._callbacks if callbacks.concerns(scope["path"]) else self._webhooks
            await serve(scope, receive, send)
        elif scope["path"] in health.PATHS:
            await self._health(scope, receive, send)
        else:
            await self._requests(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        undo: Callable[[], None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.notices.startup()
                undo = self._red_at_once()
                self.house.housekeeper.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if undo is not None:
                    undo()
                await self.notices.shutdown()
                self.house.housekeeper.stop()
                self.house.services.control.runner.close()
                self.house.engine.dispose()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _red_at_once(self) -> Callable[[], None]:
        """From the signal on, ``/readyz`` says no: whoever spreads the requests is to send none here any more, before the process stops
        to listen. Return how to undo that."""
        loop = asyncio.get_running_loop()
        # By way of the loop: a signal handler that set the event itself could interrupt its own thread doing the same.
        return on_terminate(lambda: loop.call_soon_threadsafe(self.house.services.control.stopping.set))


def create_application() -> Application:
    """Return the application that the environment's settings describe (for ``gunicorn 'app.asgi:create_application()'``)."""
    settings = read_settings()
    set_up_logging(settings.log_level)
    return Application(create_house(settings))
