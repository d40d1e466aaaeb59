"""Idempotency keys: a client that never got its answer may send the same request again, and nothing happens twice.

The header ``Idempotency-Key`` (1 to 255 visible ASCII characters, chosen by the client) belongs to the caller it came from. The same key
with the same method, address and body gives the first answer again, marked ``Idempotency-Replayed: true``; with anything else it is
refused; while the first request is still being carried out it is refused too, and can be tried again later. An answer that says that
our side or the provider failed is not kept: the request may be made again with the same key. If the process died before it could keep
the answer, or the store was away then, the outcome is unknown: that is said from two minutes on, and the key stays refused for a day. Look
at the call, then decide.
"""

import hashlib
import json
import logging

from flask import Response, g, request
from sqlalchemy import Engine

from app.control.ports import Clock
from app.core.errors import InvalidInput, KeyInUse, KeyOutcomeUnknown, KeyReused, StoreUnavailable
from app.store import replays

KEY, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
_KEEP_SECONDS = 24 * 3600.0
# No request takes longer, with all its attempts at the provider: whoever had it is dead.
_LONGEST_SECONDS = 120.0
_NOT_KEPT = {"content-length", "date", "set-cookie"}
log = logging.getLogger(__name__)


class Replays:
    """Begins and ends requests that carry a key. A dialect calls ``begin`` once it knows who asks, before it carries anything out."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, owner: str, key: str | None = None, verb: str | None = None) -> Response | None:
        """Return the answer to give again, or None: carry the request out.

        ``owner`` names the caller; ``key`` stands for the header (a JSON-RPC client may ask for its request id to be the key), ``verb`` for
        the method, where something else says what it is. A request that only reads (GET, HEAD, OPTIONS) is always carried out. Raises
        InvalidInput, KeyReused, KeyInUse or KeyOutcomeUnknown.
        """
        key = request.headers.get(KEY) if key is None else key
        verb = request.method if verb is None else verb
        if key is None or verb in ("GET", "HEAD", "OPTIONS"):
            return None
        if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
            raise InvalidInput("The idempotency key is 1 to 255 visible characters", field=KEY)
        line = f"{verb} {request.full_path}\n".encode(errors="surrogatepass")
        digest = hashlib.sha256(line + request.get_data()).hexdigest()
        now = self._clock.now()
        with self._engine.begin() as connection:
            known = replays.begin(connection, owner, key, digest, now + _KEEP_SECONDS)
        if known is None:
            g.replay = (owner, key)
            return None
        if known.digest != digest:
            raise KeyReused
        if known.status is None:
            raise KeyOutcomeUnknown if now > known.expires_at - _KEEP_SECONDS + _LONGEST_SECONDS else KeyInUse
        return Response(known.body, known.status, {**json.loads(known.headers), REPLAYED: "true"})

    def end(self, response: Response) -> Response:
        """Keep the answer of a request that was begun, or forget it if it failed on our side. Returns the response unchanged, also when
        the store is away: what was done is done, and whoever comes with the key again is told that the outcome is not known."""
        owner, key = g.pop("replay", (None, None))
        if owner is None:
            return response
        headers = {name: value for name, value in response.headers.items() if name.lower() not in _NOT_KEPT}
        try:
            with self._engine.begin() as connection:
                if response.status_code >= 500 or g.get("replay_failed"):
                    replays.forget(connection, owner, key)
                else:
                    replays.keep(connection, owner, key, response.status_code, json.dumps(headers), response.get_data())
        except StoreUnavailable:
            log.exception("the answer to a request with an idempotency key could not be kept")
        return response
