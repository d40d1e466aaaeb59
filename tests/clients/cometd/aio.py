"""The Python client aiocometd-ng: python aio.py URL USER TRANSPORT; tells what it hears like the others."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from aiocometd_ng import Client, ConnectionType
from aiocometd_ng.extensions import AuthExtension


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


class Bearer(AuthExtension):  # type: ignore[misc]
    """Puts the credentials on every request."""

    def __init__(self, user: str) -> None:
        self._user = user

    async def incoming(self, payload: Any, headers: Any = None) -> None:
        """Nothing to do."""

    async def outgoing(self, payload: Any, headers: Any) -> None:
        """Add the header."""
        headers["Authorization"] = f"Bearer {self._user}"

    async def authenticate(self) -> None:
        """Nothing to fetch."""


async def main(url: str, user: str, transport: str) -> None:
    async with Client(url, connection_types=ConnectionType(transport), auth=Bearer(user)) as client:
        tell(handshake=True)
        await client.subscribe("/v2/me/*")
        tell(subscribed=True)
        quitting = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        while True:
            receiving = asyncio.ensure_future(client.receive())
            await asyncio.wait({receiving, quitting}, return_when=asyncio.FIRST_COMPLETED)
            if not receiving.done():
                receiving.cancel()
                return
            message = receiving.result()
            tell(event=message["data"], channel=message["channel"])


asyncio.run(main(*sys.argv[1:]))
