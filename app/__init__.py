"""Hookflash: call control over Twilio that people can rely on."""

from flask import Flask


def create_app() -> Flask:
    """Return the Flask application that the environment's settings describe. (What gunicorn serves is ``app.asgi``.)"""
    # Imported here so that the pure parts of the package can be used without the rest of it.
    from app.config import read_settings
    from app.house import create_house

    return create_house(read_settings()).flask
