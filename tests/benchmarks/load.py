"""HTTP requests over keep-alive connections to this machine, with as little work of our own as possible, and how long each took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a load gave: requests per second, and each request's time in seconds, in the order of the answers."""

    per_second: float
    times: tuple[float, ...]


def percentile(times: Sequence[float], share: float) -> float:
    """Return the time below which ``share`` (0 to 1) of the times stayed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """Return the middle value: what single disturbed rounds move least."""
    return percentile(values, 0.5)


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return a whole HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Line:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Line:
        """Connect to a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> bytes:
        """Send a request and return the answer's body. Raises AssertionError for a status other than 2xx: a load of errors
        measures nothing."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._body(head.lower())
        assert head.split(b" ", 2)[1].startswith(b"2"), (head, body)
        return body

    async def _body(self, head: bytes) -> bytes:
        if b"content-length:" in head:
            return await self._reader.readexactly(int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
        body = b""
        if b"chunked" in head:
            while (size := int(await self._reader.readline(), 16)) > 0:
                body += (await self._reader.readexactly(size + 2))[:-2]
            await self._reader.readline()
        return body

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def run(port: int, lanes: Sequence[Sequence[bytes]]) -> Measured:
    """Send each lane's requests one after the other on a connection of its own, all lanes at once."""
    return asyncio.run(_run(port, lanes))


async def _run(port: int, lanes: Sequence[Sequence[bytes]]) -> Measured:
    began = time.perf_counter()
    times = await asyncio.gather(*(_lane(port, lane) for lane in lanes))
    took = time.perf_counter() - began
    everything = tuple(one for lane in times for one in lane)
    return Measured(len(everything) / took, everything)


async def _lane(port: int, requests: Sequence[bytes]) -> list[float]:
    line = await Line.open(port)
    times = []
    for request in requests:
        began = time.perf_counter()
        await line.ask(request)
        times.append(time.perf_counter() - began)
    line.close()
    return times
