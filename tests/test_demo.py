"""What ``make run`` does before anything is started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from tests.support.processes import PROJECT_ROOT, free_port


def test_a_port_that_is_taken_is_told_in_one_line_and_nothing_is_started() -> None:
    simulator_port = free_port()
    with socket.socket() as somebody_else:
        somebody_else.bind(("127.0.0.1", 0))
        somebody_else.listen()
        port = somebody_else.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "app.demo"],
            cwd=PROJECT_ROOT,
            env={**os.environ, "PORT": str(port), "SIMULATOR_PORT": str(simulator_port)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Port {port} cannot be used") and done.stderr.count("\n") == 1
