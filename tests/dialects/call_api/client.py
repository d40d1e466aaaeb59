"""The Call API as a program uses it: requests over HTTP to a running controller."""

from __future__ import annotations

import itertools
from typing import Any

import requests

KEY = "demo-access-token"


class CallApi:
    """A program with a key. Every answer must come with HTTP status 200 and the id that was sent."""

    def __init__(self, base_url: str, token: str = KEY) -> None:
        self.url = f"{base_url}/v4.0"
        self.token = token
        self._ids = itertools.count(1)
        self._http = requests.Session()
        # The environment's proxies are for the outside world.
        self._http.trust_env = False
        # A program that stays connected would hold up the product's stopping.
        self._http.headers["Connection"] = "close"

    def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return the whole answer."""
        sent = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        reply = self._http.post(self.url, json=sent, timeout=15)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        assert answer["id"] == sent["id"]
        return answer

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request with the key."""
        return self.send(method, {"access_token": self.token, **params})

    def data(self, method: str, **params: Any) -> Any:
        """Send a request with the key and return the data of what must be a success."""
        answer = self.ask(method, **params)
        assert "error" not in answer, answer
        return answer["result"]["data"]

    def command(self, method: str, session: int, **params: Any) -> None:
        """Give a command that must succeed."""
        assert self.data(method, call_session_id=session, **params) == {"success": "true"}

    def refusal(self, method: str, **params: Any) -> str:
        """Send a request with the key and return the mnemonic of what must be an error."""
        mnemonic: str = self.ask(method, **params)["error"]["data"]["mnemonic"]
        return mnemonic

    def calls(self) -> list[dict[str, Any]]:
        """Return the live calls."""
        listed: list[dict[str, Any]] = self.data("list.calls")
        return listed

    def states(self, session: int) -> list[str]:
        """Return the states of a call's legs, the contact's first; nothing when the call is over."""
        return [leg["state"] for call in self.calls() if call["call_session_id"] == session for leg in call["legs"]]

    def leg(self, session: int, called: str) -> int:
        """Return the leg_id of the one who was called under a number."""
        for call in self.calls():
            for leg in call["legs"]:
                if (call["call_session_id"], leg["called_phone_number"]) == (session, called):
                    found: int = leg["leg_id"]
                    return found
        raise AssertionError(f"no leg of {called} in {session}")
