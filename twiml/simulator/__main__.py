"""``python -m twiml.simulator``: obeys SIMULATOR_PORT (8010) and SIMULATOR_CPS (30 calls a second)."""

from __future__ import annotations

import asyncio
import os
import sys

from .server import HOST, serve


def _setting(name: str, default: int, low: int, high: int) -> int:
    raw = os.environ.get(name) or str(default)
    if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
        sys.exit(f"{name} must be a whole number between {low} and {high}")
    return int(raw)


def main() -> None:
    port = _setting("SIMULATOR_PORT", 8010, 1, 65_535)
    rate = _setting("SIMULATOR_CPS", 30, 1, 10_000)
    print(f"Simulator of Twilio's voice platform on http://{HOST}:{port}", flush=True)
    try:
        asyncio.run(serve(port, rate))
    except OSError as error:
        sys.exit(f"The simulator cannot listen on port {port}: {error.strerror}")


if __name__ == "__main__":
    main()
