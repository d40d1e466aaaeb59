"""How the tests run gunicorn: as in production, with the notification server's hook."""

from app.notices.worker_hooks import post_worker_init

__all__ = ["post_worker_init"]

worker_class = "asgi"
graceful_timeout = 10
control_socket_disable = True
