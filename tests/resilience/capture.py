"""Plays the stories on the running product and writes down what it was told: ``python -m tests.resilience.capture``.

To be run again when the simulator or what we ask of the provider changes; the files belong to the source.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from app.core.session import Session
from app.house import House, create_house
from tests.resilience.houses import settings_of
from tests.resilience.streams import FOLDER, PHONES, STORIES, command_of, file_of, picture_of
from tests.support import webhooks
from tests.support.house import until_closed
from tests.support.product import Product, running_product
from tests.support.twilio_side import LogEntry
from tests.support.waiting import until

_IDS = re.compile(r"\b(CA|CF|QU)[0-9a-f]{32}\b")
_NOT_KEPT = {"AccountSid", "ApiVersion", "Timestamp", "CallbackSource", "Direction", "Caller", "Called"}


class Recorder:
    """One story being played."""

    def __init__(self, product: Product, house: House) -> None:
        self._product = product
        self._phones = product.simulator
        self._house = house
        self._caller = ""
        self._position = 0

    def play(self, name: str) -> dict[str, Any]:
        """Play a story and return its capture."""
        self._position = self._phones.log_position()
        steps = []
        for act in STORIES[name]:
            self._do(*act)
            steps.append({"act": act, "webhooks": self._webhooks()})
        session = self._session()
        sids = {leg.n: leg.call_sid for leg in session.legs if leg.call_sid is not None}
        room = self._phones.room(session.conference_name)
        numbers = {sid: n for n, sid in sids.items()}
        body = {
            "steps": steps,
            "legs": sids,
            "participants": [
                [one.call_sid, numbers[one.call_sid], one.hold, one.muted]
                for one in (room.participants if room else ())
            ],
            "statuses": {sid: self._phones.call(sid).status for sid in sids.values()},
            "picture": picture_of(session),
        }
        return _with_names(body, session.id)

    def _do(self, what: str, whom: str) -> None:
        if what == "calls":
            self._caller = self._phones.place_call(PHONES["caller"], whom)
            until(lambda: self._phones.call(self._caller).status == "in-progress")
            self._phones.ringing(PHONES["alice"])
        elif what == "command":
            session = self._session()
            self._house.services.control.run(session.id, command_of(whom, self._house.services.directory, session))
        elif what == "answers":
            self._phones.answer(self._phones.ringing(PHONES[whom]))
        elif what == "rejects":
            self._phones.reject(self._phones.ringing(PHONES[whom]))
        else:
            leg = self._caller if whom == "caller" else self._phones.phone(PHONES[whom])[0].call_sid
            self._phones.hangup(leg)
        self._stands_still()

    def _stands_still(self) -> None:
        """Wait until nothing is sent any more, and the session has stood still for as long."""
        pictures = ((self._phones.log_position(), self._session()) for _ in itertools.count())
        last, streak = next(pictures), 0
        while streak < 40:
            before, last = last, next(pictures)
            streak = streak + 1 if before == last else 0

    def _session(self) -> Session:
        return self._house.services.control.session_by_call_sid(self._caller)

    def _webhooks(self) -> list[dict[str, Any]]:
        entries = self._phones.log(self._position)
        self._position = self._phones.log_position()
        return [_plain(entry) for entry in entries if entry.kind == "webhook" and webhooks.PREFIX in entry.url]


def _plain(entry: LogEntry) -> dict[str, Any]:
    assert entry.method == "POST", entry
    params = [(name, value) for name, value in entry.params if name not in _NOT_KEPT]
    return {"path": entry.url.partition(webhooks.PREFIX)[2], "params": params}


def _with_names(body: dict[str, Any], session_id: str) -> dict[str, Any]:
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        kind, sid = match.group(1), match.group()
        count = sum(1 for known in names if known.startswith(kind))
        return f"<{names.setdefault(sid, f'{kind}{count}')}>"

    named: dict[str, Any] = json.loads(_IDS.sub(name, json.dumps(body).replace(session_id, "<session>")))
    return named


def main() -> None:
    """Capture every story."""
    FOLDER.mkdir(exist_ok=True)
    with running_product(RECALL_SECONDS="300") as product, until_closed(create_house(settings_of(product))) as house:
        for name in STORIES:
            file_of(name).write_text(json.dumps(Recorder(product, house).play(name), indent=1) + "\n")
            product.settle()
            print(name)


if __name__ == "__main__":
    main()
