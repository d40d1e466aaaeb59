"""Starts and stops the programs under test as real processes, on ports of their own.

Nothing here reaches into the programs: they are steered by environment variables and known to be up when they
answer over HTTP, exactly as an operator would see it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests

PROJECT_ROOT = Path(__file__).resolve().parents[2]

# A cold start on a busy two-core machine; a healthy one takes well under two seconds.
START_PATIENCE = 20.0
STOP_PATIENCE = 20.0


class ProcessFailed(AssertionError):
    """The program ended by itself, did not come up, or did not stop when told to; carries what it printed."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class RunningProcess:
    """A started program: its process, its base URL (no trailing slash) and the file that takes its output."""

    name: str
    base_url: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def printed(self) -> str:
        """What the program wrote to standard output and standard error so far."""
        self.output.flush()
        return Path(self.output.name).read_text(errors="replace")

    def wait_until_answers(self, path: str, within: float = START_PATIENCE) -> None:
        """Returns when GET `path` answers 200. Raises ProcessFailed when the program ends first or time runs out."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ProcessFailed(f"{self.name} ended with {self.process.returncode}:\n{self.printed()}")
            if _answers(self.base_url + path):
                return
            time.sleep(0.05)
        raise ProcessFailed(f"{self.name} did not answer {path} within {within} s:\n{self.printed()}")

    def stop(self, within: float = STOP_PATIENCE) -> None:
        """Sends SIGTERM and waits. Raises ProcessFailed (after killing it) when the program does not obey in time."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired as late:
            self.process.kill()
            self.process.wait()
            raise ProcessFailed(f"{self.name} ignored SIGTERM for {within} s:\n{self.printed()}") from late
        finally:
            self.output.close()

    def kill(self) -> None:
        """Ends the program at once, as a crash would (SIGKILL)."""
        self.process.kill()
        self.process.wait()
        self.output.close()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def start(name: str, command: Sequence[str], base_url: str, environment: Mapping[str, str]) -> RunningProcess:
    """Starts `command` in the project's root with `environment` on top of this process's own; does not wait for it."""
    output = tempfile.NamedTemporaryFile(prefix=f"{name}-", suffix=".log")  # noqa: SIM115 - closed by stop()
    process = subprocess.Popen(
        list(command),
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    return RunningProcess(name, base_url, process, output)


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    base_url: str,
    environment: Mapping[str, str],
    ready_path: str,
) -> Iterator[RunningProcess]:
    """A program that answers `ready_path` on entry and is stopped on exit, whatever happened in between."""
    program = start(name, command, base_url, environment)
    try:
        program.wait_until_answers(ready_path)
        yield program
    finally:
        program.stop()


@contextmanager
def running_simulator(port: int | None = None, **environment: str) -> Iterator[RunningProcess]:
    """`python -m twiml.simulator` on `port` (a free one if None), ready to take requests.

    Keyword arguments are extra environment variables, such as SIMULATOR_CPS="1".
    """
    chosen = port or free_port()
    with running(
        "simulator",
        [sys.executable, "-m", "twiml.simulator"],
        f"http://127.0.0.1:{chosen}",
        {"SIMULATOR_PORT": str(chosen), **environment},
        ready_path="/simulator/account",
    ) as program:
        yield program
