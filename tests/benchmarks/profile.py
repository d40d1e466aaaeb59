"""Where the time of a webhook goes: the floor's and the controller's WSGI applications called in this process, without any server.

``python -m tests.benchmarks.profile [sqlite|postgres] [cumtime|tottime]``
"""

from __future__ import annotations

import cProfile
import os
import pstats
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.bridge import environ_of
from app.config import read_settings
from app.house import create_house
from tests.benchmarks.load import median
from tests.benchmarks.world import hold_event, settings, world

_CALLS, _PORT, _TURNS, _PER_TURN = 50, 9, 12, 2
Wsgi = Callable[..., Iterable[bytes]]


def main(kind: str = "sqlite", order: str = "cumtime") -> None:
    """Print both applications' processor time per request, then the profile of the controller's."""
    with world(kind, _CALLS) as made:
        os.environ.update(settings(made.url, _PORT))
        from tests.benchmarks import floor  # reads the environment when imported

        house = create_house(read_settings())
        applications: list[Wsgi] = [floor.flask.wsgi_app, house.flask.wsgi_app]
        turns: list[list[float]] = []
        for turn in range(_TURNS + 1):
            numbers = range(turn * _PER_TURN, (turn + 1) * _PER_TURN)
            requests = [hold_event(_PORT, session, n) for n in numbers for session in made.sessions]
            if turn == _TURNS:
                break
            turns.append([_milliseconds(application, requests) for application in applications])
        floor_ms, full_ms = (median([turn[i] for turn in turns[2:]]) for i in (0, 1))
        print(
            f"{kind}: floor {floor_ms:.3f} ms, controller {full_ms:.3f} ms of processor time per request, in this process"
        )
        profile = cProfile.Profile()
        profile.runcall(_milliseconds, house.flask.wsgi_app, requests)
        pstats.Stats(profile).sort_stats(order).print_stats(60)
        house.engine.dispose()


def _milliseconds(application: Wsgi, requests: Sequence[bytes]) -> float:
    began = time.process_time()
    for request in requests:
        _call(application, request)
    return (time.process_time() - began) * 1000 / len(requests)


def _call(application: Wsgi, request: bytes) -> None:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, path, _ = first.decode().split(" ")
    headers = [(name.lower(), value) for name, _, value in (line.partition(b": ") for line in lines)]
    scope: dict[str, Any] = {"method": method, "path": path, "http_version": "1.1", "headers": headers}

    def start_response(status: str, *_: Any) -> None:
        assert status.startswith("2"), status

    b"".join(application(environ_of(scope, body), start_response))


if __name__ == "__main__":
    main(*sys.argv[1:])
