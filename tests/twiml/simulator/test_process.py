"""The simulator as a program: its port, its end, and that it stands on its own."""

from __future__ import annotations

import subprocess
import sys
import time

import requests

from tests.support.processes import PROJECT_ROOT, free_port, running_simulator, start
from tests.support.twilio_side import Simulator
from tests.support.webhook_receiver import receiving
from tests.twiml.simulator.world import World


def test_it_answers_on_the_port_it_was_given_on_this_machine_only() -> None:
    port = free_port()
    with running_simulator(port) as program:
        body = requests.get(f"http://127.0.0.1:{port}/simulator/account", timeout=5).json()
        assert set(body) == {"account_sid", "auth_token"}
        assert body["account_sid"].startswith("AC") and len(body["account_sid"]) == 34
        assert program.base_url.endswith(str(port))


def test_sigterm_stops_it_within_a_second_though_calls_are_live() -> None:
    with receiving() as app, running_simulator() as program:
        simulator = Simulator(program.base_url)
        world = World(simulator, app, simulator.rest())
        world.talk("busy room")
        started = time.monotonic()
        program.process.terminate()
        program.process.wait(5)
        assert time.monotonic() - started < 1
        simulator.close()


def test_a_taken_port_is_an_error_that_names_it() -> None:
    with running_simulator() as program:
        port = program.base_url.rsplit(":", 1)[1]
        second = start("second", [sys.executable, "-m", "twiml.simulator"], program.base_url, {"SIMULATOR_PORT": port})
        assert second.process.wait(10) != 0
        assert port in second.printed()
        second.stop()


def test_it_never_loads_the_controller() -> None:
    code = (
        "import sys, twiml.simulator.server\n"
        "print([name for name in sys.modules if name == 'app' or name.startswith('app.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"


def test_two_simulators_are_two_accounts() -> None:
    with running_simulator() as one, running_simulator() as other:
        accounts = {Simulator(program.base_url).account() for program in (one, other)}
    assert len(accounts) == 2
