"""A load of prepared HTTP requests over keep-alive connections to this machine, and how long each took."""

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

    def percentile(self, share: float) -> float:
        """Return the time below which ``share`` (0 to 1) of the requests stayed."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return a whole HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run(port: int, lanes: Sequence[Sequence[bytes]]) -> Measured:
    """Send each lane's requests one after the other on a connection of its own, all lanes at once.

    Raises AssertionError for an answer that is not 2xx: a load of errors measures nothing.
    """
    return asyncio.run(_run(port, lanes))


async def _run(port: int, lanes: Sequence[Sequence[bytes]]) -> Measured:
    began = time.perf_counter()
    times = await asyncio.gather(*(_lane(port, lane) for lane in lanes))
    took = time.perf_counter() - began
    everything = tuple(one for lane in times for one in lane)
    return Measured(len(everything) / took, everything)


async def _lane(port: int, requests: Sequence[bytes]) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times = []
    for request in requests:
        began = time.perf_counter()
        writer.write(request)
        await _answer(reader)
        times.append(time.perf_counter() - began)
    writer.close()
    return times


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
    if not status.startswith(b"2"):
        raise AssertionError(head.decode())
    lower = head.lower()
    if b"content-length:" in lower:
        length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if length:
            await reader.readexactly(length)
    elif b"chunked" in lower:
        while (size := int(await reader.readline(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
