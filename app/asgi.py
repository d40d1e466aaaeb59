"""The one callable that gunicorn serves: held connections go to ``app.notices``, everything else to Flask in a pool of threads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from typing import Any

from a2wsgi import WSGIMiddleware

from app.config import read_settings
from app.dialects.workspace.auth import authenticator
from app.dialects.workspace.events import renderer
from app.house import MOST_BODY_BYTES, House, create_house
from app.logs import set_up_logging
from app.notices.desk import Identity
from app.notices.server import NoticeServer
from app.reasons import with_reasons

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
NOTIFICATIONS = "/api/v2/notifications"


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
        self._flask: Any = WSGIMiddleware(with_reasons(_measured(house.flask.wsgi_app)), workers=settings.request_threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket" or scope["path"].startswith(NOTIFICATIONS):
            await self.notices(scope, receive, send)
        else:
            await self._flask(_ascii_query(scope), receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.notices.startup()
                self.house.housekeeper.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.notices.shutdown()
                self.house.housekeeper.stop()
                self.house.services.control.runner.close()
                self.house.engine.dispose()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _measured(application: Callable[..., Any]) -> Callable[..., Any]:
    """Give a chunked body the length it turns out to have: Flask takes one without a Content-Length for empty, and could not tell a
    body that is over the limit from one that ends there."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if "CONTENT_LENGTH" not in environ and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            body = b""
            while len(body) <= MOST_BODY_BYTES and (chunk := environ["wsgi.input"].read(64 * 1024)):
                body += chunk
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
            del environ["HTTP_TRANSFER_ENCODING"]
        return application(environ, start_response)

    return wrapped


def _ascii_query(scope: Scope) -> Scope:
    """Percent-encode stray bytes of a query string: it is to be ASCII, and a client that sends others is to get an answer."""
    query: bytes = scope.get("query_string", b"")
    if query.isascii():
        return scope
    encoded = b"".join(bytes([byte]) if byte < 128 else b"%%%02X" % byte for byte in query)
    return {**scope, "query_string": encoded}


def create_application() -> Application:
    """Return the application that the environment's settings describe (for ``gunicorn 'app.asgi:create_application()'``)."""
    settings = read_settings()
    set_up_logging(settings.log_level)
    return Application(create_house(settings))
