"""A served API and a telephone world to go with it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.dialects.evo_voice.routes import blueprint
from tests.dialects.evo_voice.fakes import Control, Directory, services


@dataclass
class Client:
    """Sends requests as somebody (Basic, password ``demo``); ``who=None`` sends no credentials."""

    flask: Flask
    control: Control
    directory: Directory

    def __call__(self, method: str, path: str, who: str | None = "alice", **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{who}:demo".encode()).decode()
        return self.flask.test_client(use_cookies=False).open(path, method=method, headers=headers, **options)


@pytest.fixture
def send() -> Client:
    """The API on an empty world."""
    control, directory = Control(), Directory()
    app = Flask("evo")
    app.register_blueprint(blueprint(services(control, directory)))
    return Client(app, control, directory)
