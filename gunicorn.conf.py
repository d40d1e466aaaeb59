"""How gunicorn serves the controller: every server setting is here."""

import gc
import os
import sys
from typing import Any

from app.config import read_settings
from app.notices import worker_hooks
from app.reasons import serve_reasons

_settings = read_settings()

wsgi_app = "app.asgi:create_application()"
# Held connections (CometD) live in asyncio, everything else in a pool of threads beside it: app/asgi.py.
worker_class = "asgi"
workers = _settings.web_concurrency
# Demo log-ins are never to be reached from elsewhere.
bind = f"{'127.0.0.1' if _settings.demo else '0.0.0.0'}:{_settings.port}"
# One idle connection each for thousands of agents.
worker_connections = 10_000
backlog = 2048
keepalive = 75
# A worker's event loop beats by itself; requests have limits of their own.
timeout = 60
# Held polls are released at once on SIGTERM; this is for provider requests under way.
graceful_timeout = 15
accesslog = None
errorlog = "-"
loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "warning")


def on_starting(_server: Any) -> None:
    """Called by gunicorn before anything else. Exits when no call could be carried: every address that Twilio is told begins with
    PUBLIC_URL."""
    if not _settings.demo and not _settings.public_url:
        sys.exit(
            "PUBLIC_URL is not set: without the https address where Twilio reaches this controller no call can be carried."
        )


def post_worker_init(worker: Any) -> None:
    """Called by gunicorn in each worker before it listens."""
    worker_hooks.post_worker_init(worker)
    serve_reasons(worker)
    # What is loaded by now stays. Were it looked through each time, the collector would stop everything for a tenth of a second.
    gc.collect()
    gc.freeze()
