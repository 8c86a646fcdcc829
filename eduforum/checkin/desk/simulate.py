"""What a ticket would get at a place and time: asked at the desk, stored nowhere."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from eduforum.checkin import queries, services
from eduforum.checkin.desk.frame import pages
from eduforum.checkin.forms import ForesightForm
from eduforum.checkin.rules import saying
from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.web.access import Role, requires

_NOBODY = Text("没有找到此人，请核对后再填。", "Nobody was found. Check what you entered.")
_SEVERAL = Text("不止一人符合，请在下面选择。", "Several people fit. Choose one of them below.")


@pages.route("/simulate", methods=["GET", "POST"])
@requires(Role.ORGANISER, Role.DOOR)
def simulate(series: str) -> ResponseReturnValue:
    """Say what a ticket would get. By POST, for a ticket's text belongs in no address."""
    here = guarded_series()
    points = queries.points_of(here.id)
    form = ForesightForm()
    form.offer(points, here.time_zone)
    if not form.is_submitted():
        form.at.process_data(clock.now())
    answer = words = None
    if form.validate_on_submit() and (code := _code(form, here.id)):
        place = queries.place_or_404([here.id], UUID(form.point.data))
        answer = services.foresee(place, code, form.moment)
        words = saying(answer.verdict, place.rules.kind)
    page = render_template(
        "checkin/simulate.html", form=form, points=points, answer=answer, words=words
    )
    return page, 422 if form.errors else 200


def _code(form: ForesightForm, series_id: int) -> str:
    """What was read, or who was chosen; "" when nobody is meant, which the form then says."""
    if form.code.data:
        return str(form.code.data)
    found = queries.search(series_id, form.person.data or "")
    chosen = form.chosen.data or ""
    if any(str(one.id) == chosen for one in found):
        return f"{services.PICKED}{chosen}"
    if len(found) == 1:
        return f"{services.PICKED}{found[0].id}"
    form.found = found
    form.refuse("person", _SEVERAL if found else _NOBODY)
    return ""
