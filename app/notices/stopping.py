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


class _Handler:
    """Calls back once, whether the signal or :func:`tell` comes first, and hands the signal on to the handler before it."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self._former = {number: signal.getsignal(number) for number in _SIGNALS}
        self.told = False
        before = self._former[signal.SIGTERM]
        if isinstance(before, _Handler) and before.told:
            self._tell_mine()

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._tell_mine()
        former = self._former[signal.Signals(number)]
        if callable(former):
            former(number, frame)
        elif former is signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def tell(self) -> None:
        """Call back all that have not been called yet, from the newest to the oldest; no signal is handed on."""
        self._tell_mine()
        before = self._former[signal.SIGTERM]
        if isinstance(before, _Handler):
            before.tell()

    def undo(self) -> None:
        for number, former in self._former.items():
            if signal.getsignal(number) is self and former is not None:
                signal.signal(number, former)

    def _tell_mine(self) -> None:
        if not self.told:
            self.told = True
            self._callback()


def on_terminate(callback: Callable[[], object]) -> Callable[[], None]:
    """Have ``callback`` called once at SIGTERM or SIGINT, before whatever handler is in place; return how to undo that.

    The server's own handling goes on unchanged, also gunicorn's, which hears of signals through the event loop. Whoever asks
    after those before it were told is called at once: a process may be stopped while it is still starting.
    Outside the main thread Python hands out no signals: then nothing happens, and whoever runs the loop there has to
    call ``stop`` itself.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    handler = _Handler(callback)
    for number in _SIGNALS:
        signal.signal(number, handler)
        signal.siginterrupt(number, False)
    return handler.undo


def tell() -> None:
    """Tell all that asked :func:`on_terminate`, and those who will, of a signal that came before they could have heard it."""
    handler = signal.getsignal(signal.SIGTERM)
    if isinstance(handler, _Handler):
        handler.tell()
