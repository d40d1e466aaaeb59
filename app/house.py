"""Wiring: how one process of the controller is put together."""

from dataclasses import dataclass

from flask import Flask, Response
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from app import health
from app.config import Settings
from app.control.addresses import Addresses
from app.control.control import Control
from app.control.directory import Directory
from app.control.housekeeping import Housekeeper
from app.control.messages import Messages
from app.control.ports import Clock, Ids, RandomIds, SystemClock
from app.control.replays import Replays
from app.control.services import Services
from app.core.errors import StoreUnavailable
from app.dialects.call_api import routes as call_api
from app.dialects.evo_voice import routes as evo_voice
from app.dialects.workspace import routes as workspace
from app.media import routes as media
from app.notices.bell import Bell, open_bell
from app.provider.port import Provider
from app.provider.twilio import TwilioProvider
from app.store.engine import open_engine
from app.webhooks import routes as webhooks

MOST_BODY_BYTES = 1024 * 1024


@dataclass(frozen=True)
class House:
    """Everything one process of the controller consists of."""

    settings: Settings
    engine: Engine
    bell: Bell
    clock: Clock
    ids: Ids
    services: Services
    housekeeper: Housekeeper
    flask: Flask


def provider_of(settings: Settings) -> Provider:
    """Return the provider that the settings describe."""
    user, secret = settings.twilio_account_sid, settings.twilio_auth_token
    if settings.twilio_api_key:
        user, secret = settings.twilio_api_key, settings.twilio_api_secret
    return TwilioProvider(
        settings.twilio_account_sid,
        user,
        secret,
        api_url=settings.twilio_api_url,
        timeout=settings.provider_timeout_seconds,
    )


def create_house(
    settings: Settings, *, provider: Provider | None = None, clock: Clock | None = None, ids: Ids | None = None
) -> House:
    """Wire a process together. Nothing runs yet: ``House.housekeeper`` is started by whoever serves."""
    clock, ids = clock or SystemClock(), ids or RandomIds()
    engine = open_engine(settings.database_url, pool_size=settings.request_threads + 8)
    bell = open_bell(engine)
    control = Control(
        engine,
        provider or provider_of(settings),
        bell,
        clock,
        ids,
        settings.policy,
        Addresses(settings.webhook_base),
        settings.inbox_seconds,
        settings.caller_id,
    )
    services = Services(
        control,
        Directory(engine, clock, ids),
        Messages(engine, settings.tts_max_length),
        Replays(engine, clock),
        clock,
        settings,
    )
    return House(
        settings=settings,
        engine=engine,
        bell=bell,
        clock=clock,
        ids=ids,
        services=services,
        housekeeper=Housekeeper(control, settings.reconcile_seconds),
        flask=create_app(services, engine),
    )


def create_app(services: Services, engine: Engine) -> Flask:
    """Return the Flask application: every route but the held connections of ``app.notices``."""
    app = Flask("app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.url_map.strict_slashes = False
    if services.settings.trusted_proxy:
        # What clients are told of our address, and whether cookies are for TLS alone, is then what the proxy says it was asked for.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.after_request(services.replays.end)
    app.register_error_handler(StoreUnavailable, _store_is_away)
    app.register_blueprint(health.blueprint(services, engine))
    app.register_blueprint(media.blueprint(engine))
    app.register_blueprint(webhooks.blueprint(services))
    app.register_blueprint(call_api.blueprint(services))
    app.register_blueprint(workspace.blueprint(services))
    app.register_blueprint(evo_voice.blueprint(services))
    return app


def _store_is_away(error: StoreUnavailable) -> Response:
    # For whatever has no shape of its own: a webhook so answered makes Twilio use its fallback and tell its debugger.
    return Response(f"{error}.", 503, content_type="text/plain")
