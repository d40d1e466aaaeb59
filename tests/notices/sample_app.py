"""A small application around the notification server, for tests over a real port.

Users are whoever ``Authorization: Bearer <name>`` or the cookie ``user=<name>`` says. ``POST /publish`` with a JSON array of
[user, channel, data] writes these notices in one transaction and rings, as a command would; ``GET /pid`` names the process.
``POST /logout`` with a user's name ends her sessions; with ``LOGGED_OUT``, a directory, her credentials are nobody's from then on.
A process goes on loading for as long as there is a file ``STILL_LOADING``; it writes its id into it.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from app.notices.bell import open_bell
from app.notices.server import Identity, NoticeServer
from app.store import notices as store
from app.store.engine import open_engine
from app.store.notices import StoredNotice
from tests.notices.serving import BASE

loading = Path(os.environ.get("STILL_LOADING", "/nowhere"))
if loading.exists():
    loading.write_text(str(os.getpid()))
while loading.exists():
    time.sleep(0.02)

logged_out = Path(os.environ.get("LOGGED_OUT", "/nowhere"))  # one file for each user: every process is to know

engine = open_engine(os.environ["DATABASE_URL"])
bell = open_bell(engine)


def authenticate(headers: Mapping[str, str]) -> Identity | None:
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    cookie = SimpleCookie(headers.get("cookie", "")).get("user")
    name = bearer or (cookie.value if cookie else "")
    return Identity(name, f"login-of-{name}") if name and not (logged_out / name).exists() else None


def render(notice: StoredNotice, base_url: str) -> Iterable[tuple[str, dict[str, Any]]]:
    yield notice.body["channel"], {**notice.body["data"], "uri": f"{base_url}/n/{notice.n}"}


def publish(entries: list[list[Any]]) -> list[int]:
    with engine.begin() as connection:
        notices = [(user, {"channel": channel, "data": data}) for user, channel, data in entries]
        numbers = store.append(connection, notices, time.time())
    bell.ring({entry[0] for entry in entries})
    return numbers


def log_out(user: str) -> int:
    if logged_out.exists():
        (logged_out / user).touch()
    with engine.begin() as connection:
        return store.close_sessions_of_login(connection, f"login-of-{user}")


notices = NoticeServer(
    engine=engine,
    bell=bell,
    authenticate=authenticate,
    render=render,
    now=time.time,
    new_id=lambda: secrets.token_hex(16),
    hold_seconds=float(os.environ.get("HOLD_SECONDS", "25")),
    max_interval=float(os.environ.get("MAX_INTERVAL", "60")),
    sweep_seconds=0.2,
    allowed_origins=frozenset({"https://desk.example.com"}),
)


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["path"].startswith(BASE):
        await notices(scope, receive, send)
    else:
        body = b""
        more = True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        loop = asyncio.get_running_loop()
        if scope["path"] == "/publish":
            answer: Any = await loop.run_in_executor(None, publish, json.loads(body))
        elif scope["path"] == "/logout":
            answer = await loop.run_in_executor(None, log_out, json.loads(body))
        else:
            answer = os.getpid()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            await notices.startup()
            await send({"type": "lifespan.startup.complete"})
        elif event["type"] == "lifespan.shutdown":
            await notices.shutdown()
            await send({"type": "lifespan.shutdown.complete"})
            return
