"""What happened at each gate: how many came through it, and when."""

from flask import render_template
from flask.typing import ResponseReturnValue

from eduforum.checkin.desk.frame import pages
from eduforum.checkin.queries import points_of
from eduforum.checkin.queries.gates import gate_counts
from eduforum.events.access import guarded_series
from eduforum.web.access import Role, requires


@pages.get("/gates")
@requires(Role.ORGANISER, Role.DOOR, Role.VIEWER)
def gates(series: str) -> ResponseReturnValue:
    """Points in their order, their gates by name. Scans, not people."""
    here = guarded_series()
    found = gate_counts(here.id)
    return render_template(
        "checkin/gates.html",
        points=[
            (point, [one for one in found if one.point_id == point.id])
            for point in points_of(here.id)
        ],
    )
