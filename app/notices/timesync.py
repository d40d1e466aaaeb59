"""The timesync extension: tells a client how far its clock is from ours, without taking the time a connect was held for lag."""

from __future__ import annotations

from app.notices.envelope import Message
from app.notices.protocol import Answer

_CLOSE_ENOUGH = 25  # milliseconds


def with_timesync(answer: Answer, arrived: float, now: float) -> Message:
    """Return the answer's reply, with ``ext.timesync`` if the client asked and its idea of our time is not good enough yet.

    ``arrived`` and ``now`` are unix seconds. The client sends its time ``tc``, and what it believes of the lag ``l`` and the offset
    ``o``, in milliseconds; it gets ``tc`` back, our time of arrival ``ts``, the time ``p`` that we kept it, and its error ``a``.
    """
    ext = answer.request.get("ext")
    asked = ext.get("timesync") if isinstance(ext, dict) else None
    if not isinstance(asked, dict) or not str(answer.reply.get("channel", "")).startswith("/meta/"):
        return answer.reply
    sent, lag, offset = (asked.get(name, 0) for name in ("tc", "l", "o"))
    if not all(isinstance(value, int) and abs(value) < 2**53 for value in (sent, lag, offset)):
        return answer.reply
    at = round(arrived * 1000)
    error = sent + offset + lag - at
    if lag and abs(error) <= _CLOSE_ENOUGH:
        return answer.reply
    sync = {"tc": sent, "ts": at, "p": round((now - arrived) * 1000), "a": error}
    return answer.reply | {"ext": {**answer.reply.get("ext", {}), "timesync": sync}}
