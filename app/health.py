"""Health for those who run the controller: ``/healthz`` (this process works), ``/readyz`` (send it traffic), ``/metrics``."""

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.control.services import Services
from app.core.errors import StoreUnavailable
from app.store import tables as t
from app.store.codec import decode_session

PATHS = ("/healthz", "/readyz", "/metrics")


def blueprint(services: Services, engine: Engine) -> Blueprint:
    """Return the health routes. They carry no number, CallSid or token."""
    routes = Blueprint("health", __name__)
    registry = CollectorRegistry()
    registry.register(_Calls(engine))

    @routes.get("/healthz")
    def healthz() -> tuple[Response, int]:
        try:
            with engine.connect().execution_options(read_only=True) as connection:
                connection.execute(select(t.account.c.id).limit(1)).first()
        except (SQLAlchemyError, StoreUnavailable):
            return jsonify(status="the store does not answer"), 503
        return jsonify(status="ok"), 200

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        if services.control.stopping.is_set():
            return jsonify(status="stopping"), 503
        try:
            with engine.begin() as connection:
                # Changes nothing: a full disk or a standby can be read, but who has a call there cannot be served.
                connection.execute(update(t.lease).values(until=t.lease.c.until))
        except (SQLAlchemyError, StoreUnavailable):
            return jsonify(status="the store cannot be written"), 503
        return jsonify(status="ok"), 200

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return routes


_INTENTS_OPEN = (
    select(func.count())
    .select_from(t.operation.join(t.intent))
    .where(t.operation.c.outcome.is_(None), t.intent.c.outcome.is_(None))
)


class _Calls:
    """Reads the figures when they are asked for: they are true for all processes together."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> list[GaugeMetricFamily]:
        """Return the gauges."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            live = connection.execute(
                select(func.count()).select_from(t.session).where(t.session.c.open, t.session.c.ended_at.is_(None))
            ).scalar_one()
            waiting = connection.execute(
                select(func.count()).select_from(t.operation).where(t.operation.c.outcome.is_(None))
            ).scalar_one()
            bodies = connection.execute(select(t.session.c.body).where(t.session.c.open)).scalars().all()
            queued = sum(leg.queued for body in bodies for leg in decode_session(body).legs)
            requests = connection.execute(_INTENTS_OPEN).scalar_one()
        return [
            GaugeMetricFamily("hookflash_sessions_live", "Sessions that have not ended", value=live),
            GaugeMetricFamily(
                "hookflash_operations_open", "Operations with provider requests still to be made", value=waiting
            ),
            GaugeMetricFamily("hookflash_requests_waiting", "Provider requests still to be made", value=requests),
            # The provider starts one call a second for a new account; the others wait their turn there.
            GaugeMetricFamily("hookflash_legs_queued", "Legs asked for that do not ring yet", value=queued),
        ]
