"""The desk's pages of walk-ins: the form, the ticket at once, which categories take them."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.checkin.models import Point
from eduforum.checkin.queries import place_or_404, point_or_404, points_of, scans_of_ticket
from eduforum.checkin.rules import PointKind, saying
from eduforum.checkin.services import PICKED, Reading, Scanner, record
from eduforum.core import clock
from eduforum.core.audit import current_actor
from eduforum.core.db import new_id
from eduforum.core.errors import BadInput, NotFound, Refusal
from eduforum.core.i18n import t
from eduforum.events.access import guarded_series, principal
from eduforum.registration.models import Registration
from eduforum.registration.queries import categories_of, registration_or_404
from eduforum.registration.rules import PoolFull
from eduforum.tickets import qr
from eduforum.tickets.rules import show_staff_code
from eduforum.walkins import queries, services
from eduforum.walkins.forms import CategoriesForm, WalkInForm
from eduforum.walkins.rules import Namesake, NotForWalkIns, SameName
from eduforum.web.access import Role, requires

pages = Blueprint("walkins_desk", __name__, url_prefix="/desk/s/<series>/walk-ins")

_WORKERS = (Role.ORGANISER, Role.REGISTRAR, Role.DOOR)
_ENTRIES = (PointKind.ARRIVAL, PointKind.SESSION, PointKind.ZONE)


@pages.route("", methods=["GET", "POST"])
@requires(*_WORKERS)
def new(series: str) -> ResponseReturnValue:
    """Register somebody who stands here; the answer is the ticket."""
    here = guarded_series()
    points = [point for point in points_of(here.id) if point.kind in _ENTRIES]
    form = WalkInForm()
    form.offer(queries.offers(here, clock.now()), points)
    if not form.validate_on_submit():
        return _new(form, status=422 if form.is_submitted() else 200)
    point = point_or_404([here.id], UUID(form.point.data)) if form.point.data else None
    try:
        made = services.admit(
            here, form.newcomer(), submit_id=f"walk-in:{form.submit_id.data}", point=point
        )
    except SameName as refusal:
        return _new(form, refusal.found, refusal.status)
    except Refusal as refusal:
        _blame(form, refusal)
        return _new(form, status=refusal.status)
    if point is not None:
        _check_in(made, point)
    return redirect(url_for(".ticket", series=series, registration=made.id), 303)


@pages.get("/<uuid:registration>")
@requires(*_WORKERS)
def ticket(series: str, registration: UUID) -> ResponseReturnValue:
    """The ticket of a walk-in: to be photographed, or printed as a badge."""
    found = registration_or_404(guarded_series().id, registration)
    if found.source != services.SOURCE or found.ticket is None:
        raise NotFound
    return render_template(
        "walkins/ticket.html",
        one=found,
        qr=qr.svg(found.ticket.text),
        code=show_staff_code(found.ticket.staff_code),
        scans=scans_of_ticket(found.series_id, found.ticket.id),
        saying=saying,
    )


@pages.route("/categories", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def categories(series: str) -> ResponseReturnValue:
    """Which categories take walk-ins: none until somebody says so."""
    here = guarded_series()
    every, taken = categories_of(here.id), queries.open_ids(here.id)
    form = CategoriesForm(data={"categories": [one.code for one in every if one.id in taken]})
    form.offer(every)
    if form.validate_on_submit():
        try:
            services.set_categories(here.id, form.categories.data or [])
        except BadInput as refusal:
            form.refuse("categories", refusal.sentence)
        else:
            flash(t("已保存。", "Saved."), "ok")
            return redirect(url_for(".new", series=series), 303)
    page = render_template("walkins/categories.html", form=form, every=every)
    return page, 422 if form.is_submitted() else 200


def _new(form: WalkInForm, same: Sequence[Namesake] = (), status: int = 200) -> ResponseReturnValue:
    here, asker = guarded_series().id, principal()
    page = render_template(
        "walkins/new.html",
        form=form,
        same=same,
        may_set=asker.has_role(here, Role.ORGANISER),
        may_decide=asker.has_role(here, Role.ORGANISER, Role.REGISTRAR),
        waiting=queries.waiting_number(here),
    )
    return page, status


def _blame(form: WalkInForm, refusal: Refusal) -> None:
    """Put what was refused beside the field that mends it."""
    beside = {name: lines for name, lines in refusal.errors.items() if name in form}
    if isinstance(refusal, (PoolFull, NotForWalkIns)):
        beside = {"category": [refusal.sentence]}
    for name, lines in (beside or {"name": [refusal.sentence]}).items():
        for sentence in lines:
            form.refuse(name, sentence)


def _check_in(made: Registration, point: Point) -> None:
    reading = Reading(
        id=new_id(), seq=0, code=f"{PICKED}{made.ticket_id}", scanned_at=clock.now(), manual=True
    )
    place = place_or_404([made.series_id], point.id)
    record(place, Scanner(current_actor()), [reading])
