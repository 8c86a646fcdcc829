"""The desk's check-in pages: points, devices, what was scanned, what did not fit."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.checkin import queries, services
from eduforum.checkin.desk.frame import pages, rights
from eduforum.checkin.forms import PointForm
from eduforum.checkin.models import Point
from eduforum.checkin.qr import link_png
from eduforum.checkin.rules import CODE_LIFE, POINT_KIND_NAMES, QUARANTINE_REASONS, saying
from eduforum.core import clock
from eduforum.core.audit import current_actor
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import t
from eduforum.events.access import guarded_series
from eduforum.events.queries import events_of
from eduforum.web.access import Role, requires


@pages.get("")
@requires(Role.ORGANISER, Role.DOOR, Role.VIEWER)
def checkin(series: str) -> ResponseReturnValue:
    here = guarded_series()
    points = queries.points_of(here.id)
    return render_template(
        "checkin/desk.html",
        points=points,
        counts=queries.counts_of(points, clock.now()),
        devices=queries.devices_of(here.id),
        scans=queries.recent_scans(here.id),
        quarantine=queries.recent_scans(here.id, quarantined=True),
        kinds=POINT_KIND_NAMES,
        reasons=QUARANTINE_REASONS,
        saying=saying,
        **rights(),
    )


@pages.route("/points/new", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new_point(series: str) -> ResponseReturnValue:
    return _edit(None)


@pages.route("/points/<uuid:point>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def point(series: str, point: UUID) -> ResponseReturnValue:
    return _edit(queries.point_or_404([guarded_series().id], point))


@pages.post("/enrol-code")
@requires(Role.ORGANISER, Role.DOOR)
def enrol_code(series: str) -> ResponseReturnValue:
    """Shown in the answer itself: the code is kept only as a hash and cannot be shown again."""
    here = guarded_series()
    supervisor = bool(request.form.get("supervisor"))
    if supervisor and not rights()["may_edit"]:
        raise NotFound
    code = services.new_enrol_code(here.id, supervisor=supervisor)
    address = f"{current_app.config['BASE_URL']}{url_for('checkin.door')}"
    png = b64encode(link_png(f"{address}#code={code}")).decode()
    return render_template(
        "checkin/enrol_code.html",
        code=code,
        supervisor=supervisor,
        address=address,
        png=png,
        points=queries.points_of(here.id),
        base=current_app.config["BASE_URL"],
        minutes=int(CODE_LIFE.total_seconds() // 60),
    )


@pages.post("/devices/<uuid:device>/revoke")
@requires(Role.ORGANISER, Role.DOOR)
def revoke_device(series: str, device: UUID) -> ResponseReturnValue:
    gone = services.revoke(guarded_series().id, device)
    flash(t("设备“{name}”已停用。", "The device “{name}” is shut out.", name=gone.name), "ok")
    return redirect(url_for(".checkin", series=series))


@pages.post("/devices/<uuid:device>/supervisor")
@requires(Role.ORGANISER)
def supervise(series: str, device: UUID) -> ResponseReturnValue:
    """Give the device a supervisor's right, or take it back (`right` empty)."""
    wanted = bool(request.form.get("right"))
    one = services.set_supervisor(guarded_series().id, device, supervisor=wanted)
    told = (
        t("“{name}”现在是主管设备。", "“{name}” is a supervisor’s device now.", name=one.name)
        if wanted
        else t(
            "“{name}”不再是主管设备。",
            "“{name}” is no supervisor’s device any more.",
            name=one.name,
        )
    )
    flash(told, "ok")
    return redirect(url_for(".checkin", series=series))


@pages.post("/scans/<uuid:scan>/undo")
@requires(Role.ORGANISER)
def undo_scan(series: str, scan: UUID) -> ResponseReturnValue:
    answer = services.undo(guarded_series().id, scan, current_actor())
    if answer.result is services.Outcome.STORED:
        flash(t("已撤销这次扫码。", "That scan is taken back."), "ok")
    else:
        flash(t("未能撤销：{why}。", "It was not taken back: {why}.",
                why=QUARANTINE_REASONS[answer.reason]), "bad")  # fmt: skip
    return redirect(url_for(".checkin", series=series))


def _edit(place: Point | None) -> ResponseReturnValue:
    here = guarded_series()
    events, categories = events_of(here.id), queries.classes_of(here.id)
    form = PointForm(data=_filled(place, {e.id: e.slug for e in events}, {
        category.ticket_class: category.code for category in categories
    }))  # fmt: skip
    form.offer(events, categories, here.time_zone)
    if form.validate_on_submit():
        try:
            if place is None:
                services.add_point(here.id, form.point_input())
            else:
                services.change_point(place, form.point_input(place))
        except BadInput as refusal:
            form.refuse_all(refusal)
        else:
            flash(t("已保存。", "Saved."), "ok")
            return redirect(url_for(".checkin", series=here.slug))
    page = render_template("checkin/point_form.html", form=form, point=place)
    return page, 422 if form.is_submitted() else 200


def _filled(
    place: Point | None, slugs: Mapping[int, str], codes: Mapping[int, str]
) -> dict[str, Any]:
    if place is None:
        return {}
    return {
        "name_zh": place.name_zh,
        "name_en": place.name_en,
        "kind": place.kind.value,
        "repeat": place.repeat.value,
        "events": [slugs[i] for i in place.event_ids if i in slugs],
        "categories": [codes[i] for i in place.category_classes if i in codes],
        "opens_at": place.opens_at,
        "closes_at": place.closes_at,
        "zones": place.zones,
        "gates": "\n".join(place.gates),
        "capacity": place.capacity,
        "checkout": time.fromisoformat(place.checkout_time) if place.checkout_time else None,
    }
