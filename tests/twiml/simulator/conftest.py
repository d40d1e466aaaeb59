"""One simulator and one application for all checklist tests; each test finds them as new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.twilio_side import Simulator, own_simulator
from tests.support.webhook_receiver import WebhookReceiver, receiving
from tests.twiml.simulator.world import World


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[Simulator]:
    with own_simulator() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def shared_app() -> Iterator[WebhookReceiver]:
    with receiving() as app:
        yield app


@pytest.fixture
def world(shared_simulator: Simulator, shared_app: WebhookReceiver) -> Iterator[World]:
    shared_app.forget()
    yield World(shared_simulator, shared_app, shared_simulator.rest())
    shared_simulator.reset()


@pytest.fixture
def simulator(world: World) -> Simulator:
    return world.simulator


@pytest.fixture
def app(world: World) -> WebhookReceiver:
    return world.app
