"""``make run``: the simulator and the controller together, and a guide to what can be tried.

The two are separate processes and neither dies with the other. A simulator that already answers is used, and left running at the end;
with a real Twilio account in the environment none is started.
"""

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

import requests

from app import guide
from app.config import Settings, read_settings

_PATIENCE_SECONDS = 30.0
# A controller that is just ending may still have its port.
_PORT_PATIENCE_SECONDS = 3.0
_PR_SET_PDEATHSIG = 1  # from linux/prctl.h


def main() -> int:
    """Run until Ctrl-C or SIGTERM, or until the controller ends. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-simulator", action="store_true", help="use a simulator that is running, start none")
    arguments = parser.parse_args()
    settings = read_settings()
    _see_that_port_is_free(settings.port)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    children: list[subprocess.Popen[bytes]] = []
    try:
        if settings.twilio_account_sid and not settings.twilio_api_url:
            environment = _real_account(settings)
        else:
            environment = _simulated_account(settings, children, start=not arguments.no_simulator)
        return _serve(settings, environment, children, stop)
    finally:
        # The controller goes first, so that it can tell the simulator what is to end.
        for child in reversed(children):
            _end(child)


def _see_that_port_is_free(port: int) -> None:
    """Exit when somebody else has the controller's port: before the simulator's lines are pointed there, and its answers taken for ours."""
    until = time.monotonic() + _PORT_PATIENCE_SECONDS
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return
            except OSError as error:
                if time.monotonic() > until:
                    sys.exit(f"Port {port} cannot be used ({error.strerror}): free it, or set PORT to another.")
        time.sleep(0.1)


def _real_account(settings: Settings) -> dict[str, str]:
    missing = [name for name in ("TWILIO_AUTH_TOKEN", "PUBLIC_URL") if not os.environ.get(name)]
    if missing:
        sys.exit(f"TWILIO_ACCOUNT_SID is set, so {' and '.join(missing)} must be set too.")
    print(f"Running against Twilio account {settings.twilio_account_sid}; no simulator is started.")
    return dict(os.environ)


def _simulated_account(settings: Settings, children: list[subprocess.Popen[bytes]], start: bool) -> dict[str, str]:
    url = f"http://127.0.0.1:{settings.simulator_port}"
    account = _account(url)
    if account is None and start:
        print(f"Starting the simulator on {url} …")
        children.append(_start([sys.executable, "-m", "twiml.simulator"], os.environ))
    elif account is not None:
        print(f"Using the simulator that is running on {url}.")
    account = account or _await(lambda: _account(url), f"No simulator answers on {url}.", children)
    return {
        **os.environ,
        "DEMO": "true",
        "TWILIO_API_URL": url,
        "TWILIO_ACCOUNT_SID": account["account_sid"],
        "TWILIO_AUTH_TOKEN": account["auth_token"],
        "PUBLIC_URL": os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{settings.port}",
    }


def _serve(
    settings: Settings, environment: Mapping[str, str], children: list[subprocess.Popen[bytes]], stop: threading.Event
) -> int:
    prepared = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app.cli", "db", "upgrade"], env=environment, check=False
    )
    if prepared.returncode != 0:
        return prepared.returncode
    url = f"http://127.0.0.1:{settings.port}"
    print(f"Starting the controller on {url} …")
    controller = _start([sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"], environment)
    children.append(controller)
    _await(lambda: _answers(f"{url}/healthz"), f"The controller does not answer on {url}.", children, stop)
    if environment.get("DEMO") and not stop.is_set():
        print(guide.text(url, f"http://127.0.0.1:{settings.simulator_port}"), flush=True)
    while not stop.wait(0.5):
        if controller.poll() is not None:
            print(f"The controller has ended ({controller.returncode}).")
            return controller.returncode or 1
    print("Stopping …")
    return 0


def _start(command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches this process alone, which ends the others in order.
    # Should this process be killed, they are told to stop all the same: nobody is to find a port taken by a program they cannot see.
    with_us = _stop_with_parent if sys.platform == "linux" else None
    return subprocess.Popen(command, env=dict(environment), start_new_session=True, preexec_fn=with_us)


def _stop_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(timeout=20)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _account(url: str) -> dict[str, str] | None:
    try:
        answer = requests.get(f"{url}/simulator/account", timeout=2)
        return dict(answer.json()) if answer.ok else None
    except (requests.RequestException, ValueError):
        return None


def _answers(url: str) -> bool | None:
    try:
        return requests.get(url, timeout=2).ok or None
    except requests.RequestException:
        return None


def _await(question, otherwise: str, children: list[subprocess.Popen[bytes]], stop: threading.Event | None = None):  # type: ignore[no-untyped-def]
    """Return the question's first answer. Exits when one of the children ends, or after half a minute."""
    until = time.monotonic() + _PATIENCE_SECONDS
    pause = stop or threading.Event()
    while time.monotonic() < until:
        answer = question()
        if answer is not None or pause.is_set():
            return answer
        if any(child.poll() is not None for child in children):
            break
        pause.wait(0.1)
    sys.exit(otherwise)


if __name__ == "__main__":
    sys.exit(main())
