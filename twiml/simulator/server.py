"""Puts the platform, its REST API and its own routes behind one port."""

from __future__ import annotations

import asyncio
import signal

from aiohttp import web

from .control_api import ControlApi, tell_bad_settings
from .identifiers import API_VERSION
from .platform import Platform
from .rest.service import RestService

HOST = "127.0.0.1"


def build(platform: Platform) -> web.Application:
    application = web.Application(middlewares=[tell_bad_settings], client_max_size=4 * 1024 * 1024)
    ControlApi(platform).add_to(application.router)
    # Any character, since a path may hold an escaped line feed and is to be refused like any other.
    application.router.add_route("*", rf"/{API_VERSION}{{path:/[\s\S]*}}", RestService(platform).handle)
    return application


async def serve(port: int, calls_per_second: int) -> None:
    """Serve until SIGTERM or SIGINT, then stop at once."""
    platform = Platform(calls_per_second)
    runner = web.AppRunner(build(platform), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await platform.close()
    await runner.cleanup()
