"""The simulator beside Twilio's published OpenAPI document, whose path TWILIO_OPENAPI names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import running_simulator
from tests.support.twilio_side import Simulator
from tests.support.webhook_receiver import receiving
from tests.twiml.simulator.world import World


@pytest.fixture(scope="session")
def openapi_document() -> dict[str, Any]:
    """Twilio's document. Without it there is nothing to judge by, so its absence is a failure, not a pass."""
    path = os.environ.get("TWILIO_OPENAPI")
    assert path, "set TWILIO_OPENAPI to the path of Twilio's twilio_api_v2010.json"
    document: dict[str, Any] = json.loads(Path(path).read_text())
    return document


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_simulator() as program, receiving() as app:
        simulator = Simulator(program.base_url)
        yield World(simulator, app, simulator.rest())
        simulator.reset()
        simulator.close()
