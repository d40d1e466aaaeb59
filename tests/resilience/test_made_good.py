"""What was lost is made good: callbacks that never came, and what happened while no process was there to hear it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import insert

from app.control.reconcile import Reconciler
from app.core import commands as c
from app.house import create_house
from app.store import tables
from tests.resilience.houses import settings_of
from tests.stories.scene import Scene
from tests.support.house import CALLER_SID, a_site, demo_store, until_closed
from tests.support.processes import PROJECT_ROOT, free_port, running_simulator
from tests.support.product import Product, running_product
from tests.support.waiting import until

__all__ = ["demo_store"]

# Lost webhooks and intents of dead processes are made good by then, with the settings as they are by default.
MADE_GOOD = 30.0


@pytest.fixture
def scene(product: Product) -> Iterator[Scene]:
    """A call between the caller and alice, on a product with the default settings."""
    scene = Scene(product)
    scene.call_in()
    scene.answers("alice")
    scene.sees("caller", "talks with alice")
    scene.shows("Connected")
    yield scene
    product.simulator.faults()


def reconcile(product: Product, *options: str) -> str:
    """Run the operator's command and return what it prints."""
    settings = settings_of(product)
    names = ("database_url", "public_url", "twilio_account_sid", "twilio_auth_token", "twilio_api_url")
    environment = {**os.environ, **{name.upper(): getattr(settings, name) for name in names}}
    command = [sys.executable, "-m", "flask", "--app", "app.cli", "reconcile", *options]
    ran = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    return ran.stdout


def test_with_default_settings_a_lost_hang_up_is_made_good_in_time(scene: Scene) -> None:
    scene.phones.faults(drop=1.0)
    scene.leaves("alice")
    until(lambda: scene.session()["ended"], MADE_GOOD, "the session has ended")
    scene.sees("caller", "is gone")
    scene.nothing_is_left()


def test_a_dry_run_prints_what_is_not_known_here_and_changes_nothing(tmp_path: Path) -> None:
    with running_product(tmp_path, RECONCILE_SECONDS="3600") as product:
        scene = Scene(product)
        scene.call_in()
        scene.answers("alice")
        scene.sees("caller", "talks with alice")
        scene.shows("Connected")
        product.simulator.faults(drop=1.0)
        assert reconcile(product, "--dry-run") == "Open sessions compared: 1, different: 0\n"
        room = product.simulator.conferences()[0]
        caller = product.simulator.rest().conferences(room.sid).participants(scene.legs["caller"])
        caller.update(hold=True)
        before, position = scene.session(), product.simulator.log_position()

        printed = reconcile(product, "--dry-run")

        assert scene.session_id in printed and "held=True" in printed and "different: 1" in printed
        assert scene.session() == before
        asked = [entry.method for entry in product.simulator.log(position) if entry.kind == "rest"]
        assert set(asked) == {"GET"}
        reconcile(product)
        scene.shows("Hold")
        product.simulator.faults()
        scene.leaves("caller")
        scene.is_over()


def test_reconciling_again_and_again_changes_a_true_session_in_nothing(scene: Scene) -> None:
    scene.evo("PATCH", callState="Hold")
    scene.sees("caller", "waits")
    with until_closed(create_house(settings_of(scene.product))) as house:
        before = house.services.control.session(scene.session_id)
        for _ in range(3):
            Reconciler(house.services.control).one(scene.session_id)
        assert house.services.control.session(scene.session_id) == before


@contextmanager
def controller(directory: Path, simulator_port: int, port: int) -> Iterator[Product]:
    """The controller alone, on a simulator that outlives it."""
    settings = {
        "SIMULATOR_PORT": str(simulator_port),
        "PORT": str(port),
        "RECALL_SECONDS": "1",
        "RECONCILE_SECONDS": "3",
    }
    with running_product(directory, **settings) as product:
        yield product


def killed(product: Product) -> None:
    """Every process of the controller dies at once, as in a power cut."""
    parent = psutil.Process(product.process.process.pid)
    for process in [parent, *parent.children(recursive=True)]:
        process.kill()
    product.process.process.wait()


def test_what_happened_while_every_process_was_dead_is_made_good_by_the_next_ones(tmp_path: Path) -> None:
    """The agent of a held caller hangs up while nobody hears it: the caller is parked and the agent rung again."""
    port, simulator_port = free_port(), free_port()
    with running_simulator(simulator_port):
        with controller(tmp_path, simulator_port, port) as product:
            scene = Scene(product)
            scene.call_in()
            scene.answers("alice")
            scene.sees("caller", "talks with alice")
            scene.evo("PATCH", callState="Hold")
            scene.sees("caller", "waits")
            killed(product)
            scene.leaves("alice")
        with controller(tmp_path, simulator_port, port) as product:
            scene.rings("alice", within=MADE_GOOD)
            scene.phones.answer(scene.legs["alice"])
            scene.sees("caller", "talks with alice")
            scene.leaves("caller")
            scene.is_over()
            scene.nothing_is_left()


def test_a_session_that_cannot_be_read_keeps_nobody_else_from_timers_and_reconciling(
    demo_store: Path, tmp_path: Path
) -> None:
    with a_site(demo_store, tmp_path) as site:
        held = site.given_talk()
        site.control.run(held.id, c.Hold())
        with site.house.engine.begin() as connection:
            row = {"id": "0" * 24, "account_id": held.account_id, "number": 1, "started_at": 0.0, "open": True}
            connection.execute(insert(tables.session).values(**row, next_due=0.0, version=1, body="{}"))

        site.clock.advance(site.control.policy.hold_reminder_seconds + 1)
        site.house.housekeeper.round()
        site.at_rest()
        assert "Reminder: the caller is still on hold" in site.log(held.id)
        site.provider.statuses[CALLER_SID] = "completed"
        site.provider.held.clear()
        site.clock.advance(60)
        site.house.housekeeper.round()
        assert not site.control.session(held.id).live
