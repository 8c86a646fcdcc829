"""For the machines that watch: alive, ready, and numbers."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from eduforum.core import clock
from eduforum.health import queries
from eduforum.health.collector import Counts
from eduforum.health.rules import Level, judge
from eduforum.web import metrics as requests
from eduforum.web.access import public

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@pages.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """503 until the database answers and its migrations are those of the code.

    `problems` names in English what else is not well; none of it keeps requests from being served.
    """
    try:
        found = queries.database_revision()
        wrong = found != queries.newest_revision()
        facts = None if wrong else queries.facts()
        waited = queries.oldest_due_notice(clock.now()).total_seconds()
    except SQLAlchemyError:
        return jsonify(status="unavailable", database="no answer"), 503
    revision = ", ".join(sorted(found))
    if facts is None:
        return jsonify(status="unavailable", database="other migrations", migration=revision), 503
    problems: list[dict[str, Any]] = [
        {"part": finding.part.en, "level": finding.level.name.lower(), "says": finding.says.en}
        for finding in judge(facts)
        if finding.level is not Level.OK
    ]
    return jsonify(
        status="ok", migration=revision, oldest_due_notice_seconds=waited, problems=problems
    )


@pages.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    if not current_app.config["METRICS"]:
        abort(404)
    registry = requests.registry()
    registry.register(Counts())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
