"""Learning in time that the process is to stop.

Neither gunicorn nor uvicorn tells an application before it has waited for the open requests, and a held connect is
one: without this, stopping would last as long as the server's patience and then cut every poll.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def on_terminate(callback: Callable[[], object]) -> Callable[[], None]:
    """Have ``callback`` called at SIGTERM or SIGINT, before whatever handler is in place; return how to undo that.

    The server's own handling goes on unchanged, also gunicorn's, which hears of signals through the event loop.
    Outside the main thread Python hands out no signals: then nothing happens, and whoever runs the loop there has to
    call ``stop`` itself.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    former = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        callback()
        handler = former.get(signal.Signals(number))
        if callable(handler):
            handler(number, frame)
        elif handler is signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def undo() -> None:
        for number, handler in former.items():
            if signal.getsignal(number) is handle and handler is not None:
                signal.signal(number, handler)

    for number in _SIGNALS:
        signal.signal(number, handle)
        signal.siginterrupt(number, False)
    return undo
