"""For the machines that watch: alive, ready, and numbers."""

from functools import cache

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, abort, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from eduforum.core import clock
from eduforum.core.db import db, migrate
from eduforum.notices.models import Notice
from eduforum.registration.models import Registration
from eduforum.web.access import public

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@pages.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """503 until the database answers and its migrations are those of the code."""
    try:
        found = set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
        oldest = oldest_due_notice()
    except SQLAlchemyError:
        return jsonify(status="unavailable", database="no answer"), 503
    revision = ", ".join(sorted(found))
    if found != _newest_migrations():
        return jsonify(status="unavailable", database="other migrations", migration=revision), 503
    return jsonify(status="ok", migration=revision, oldest_due_notice_seconds=oldest)


@pages.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    if not current_app.config["METRICS"]:
        abort(404)
    registry = CollectorRegistry()
    states = Gauge("eduforum_registrations", "Registrations by state", ["state"], registry=registry)
    for state, count in db.session.execute(
        select(Registration.state, func.count()).group_by(Registration.state)
    ):
        states.labels(state.value).set(count)
    Gauge(
        "eduforum_oldest_due_notice_seconds", "Age of the oldest notice due", registry=registry
    ).set(oldest_due_notice())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@cache
def _newest_migrations() -> frozenset[str]:
    """Where the migrations of this code end. They do not change while it runs."""
    return frozenset(ScriptDirectory.from_config(migrate.get_config()).get_heads())


def oldest_due_notice() -> float:
    """Seconds for which the oldest due notice has waited; 0 when none is due."""
    oldest = db.session.scalar(
        select(func.min(Notice.next_attempt_at)).where(Notice.next_attempt_at <= clock.now())
    )
    return (clock.now() - oldest).total_seconds() if oldest else 0.0
