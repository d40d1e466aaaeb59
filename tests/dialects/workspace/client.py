"""An agent's program over real HTTP: her REST session and her notifications."""

from __future__ import annotations

from typing import Any

import requests

from tests.support.bayeux import Bayeux


class Desk:
    """A logged-in agent, whose connections are closed on exit. The password of every demo agent is ``demo``."""

    def __init__(self, base_url: str, name: str, password: str = "demo") -> None:
        self.base_url = base_url
        self.http = requests.Session()
        self.http.trust_env = False  # the environment's proxies are for the outside world
        self.me: dict[str, Any] = self.get("/me", auth=(name, password))["user"]

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **options: Any) -> dict[str, Any]:
        """GET below ``/api/v2``; the answer is a success."""
        answer = self.http.get(f"{self.base_url}/api/v2{path}", timeout=15, **options)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        assert body["statusCode"] == 0
        return body

    def calls(self) -> list[dict[str, Any]]:
        """All calls of the agent, whole."""
        calls: list[dict[str, Any]] = self.get("/me/calls?fields=*")["calls"]
        return calls

    def call(self, state: str = "", call_type: str = "") -> dict[str, Any]:
        """The one call in this state, or of this type."""
        matching = [c for c in self.calls() if state in ("", c["state"]) and call_type in ("", c["callType"])]
        assert len(matching) == 1, matching
        return matching[0]

    def post(self, call_id: str, operation: str, **parameters: Any) -> requests.Response:
        """POST an operation on a call."""
        return self.operate(f"/me/calls/{call_id}", operation, **parameters)

    def operate(self, path: str, operation: str, **parameters: Any) -> requests.Response:
        """POST an operation on any resource below ``/api/v2``."""
        body = {"operationName": operation, **parameters}
        return self.http.post(f"{self.base_url}/api/v2{path}", json=body, timeout=15)

    def does(self, call_id: str, operation: str, **parameters: Any) -> None:
        """POST an operation on a call; it is accepted."""
        answer = self.post(call_id, operation, **parameters)
        assert (answer.status_code, answer.json()) == (200, {"statusCode": 0}), answer.text

    def refused(self, call_id: str, operation: str, **parameters: Any) -> tuple[int, int]:
        """POST an operation that is refused; return (HTTP status, statusCode)."""
        answer = self.post(call_id, operation, **parameters)
        assert set(answer.json()) == {"statusCode", "statusMessage"}, answer.text
        return answer.status_code, answer.json()["statusCode"]

    def listen(self, *channels: str) -> Bayeux:
        """Open the agent's notifications, by the REST session's cookie."""
        return Bayeux(f"{self.base_url}/api/v2/notifications", self.http, *(channels or ("/v2/me/calls",)))
