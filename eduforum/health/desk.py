"""One page for whoever keeps the system running: all is well, or what to do."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.health import queries
from eduforum.health.rules import judge, worst
from eduforum.reports.invariants import findings
from eduforum.web.access import Role, requires

pages = Blueprint("health_desk", __name__)


@pages.get("/desk/system")
@requires(Role.ADMIN, Role.ORGANISER)
def system() -> ResponseReturnValue:
    """How the system is; with `?check=data` every invariant is checked too, which takes seconds."""
    found = judge(queries.facts())
    checks = findings() if request.args.get("check") == "data" else None
    return render_template("health/system.html", findings=found, worst=worst(found), checks=checks)
