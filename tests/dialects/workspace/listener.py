"""An agent's listener on the Python client aiocometd-ng, let in by the cookie of a REST session.

python listener.py URL NAME PASSWORD; tells what it hears, one JSON object a line, until a line comes on standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import requests
from aiocometd_ng import Client, ConnectionType
from aiocometd_ng.extensions import AuthExtension


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


class SessionCookie(AuthExtension):  # type: ignore[misc]
    """Puts the REST session's cookie on every request."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def incoming(self, payload: Any, headers: Any = None) -> None:
        """Nothing to do."""

    async def outgoing(self, payload: Any, headers: Any) -> None:
        """Add the header."""
        headers["Cookie"] = f"JSESSIONID={self._token}"

    async def authenticate(self) -> None:
        """Nothing to fetch."""


async def main(url: str, name: str, password: str) -> None:
    token = requests.get(f"{url}/api/v2/me", auth=(name, password), timeout=10).cookies["JSESSIONID"]
    endpoint = f"{url}/api/v2/notifications"
    async with Client(endpoint, connection_types=ConnectionType.LONG_POLLING, auth=SessionCookie(token)) as client:
        await client.subscribe("/v2/me/*")
        tell(subscribed=True)
        quitting = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        while True:
            receiving = asyncio.ensure_future(client.receive())
            await asyncio.wait({receiving, quitting}, return_when=asyncio.FIRST_COMPLETED)
            if not receiving.done():
                receiving.cancel()
                return
            tell(event=receiving.result())


asyncio.run(main(*sys.argv[1:]))
