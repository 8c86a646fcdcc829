"""The desk's check-in pages: points, devices, what was scanned, what did not fit."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.checkin import queries, services
from eduforum.checkin.forms import ForesightForm, NoteForm, PointForm
from eduforum.checkin.models import Point
from eduforum.checkin.qr import link_png
from eduforum.checkin.rules import (
    CODE_LIFE,
    INCIDENT_NAMES,
    POINT_KIND_NAMES,
    QUARANTINE_REASONS,
    saying,
)
from eduforum.core import clock
from eduforum.core.audit import current_actor
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text, t
from eduforum.events.access import guarded_series, principal
from eduforum.events.queries import events_of
from eduforum.web.access import Role, requires
from eduforum.web.rail import RailItem

pages = Blueprint("checkin_desk", __name__, url_prefix="/desk/s/<series>/checkin")

RAIL_ITEM = RailItem(
    Text("签到", "Check-in"),
    "checkin_desk.checkin",
    frozenset({Role.ORGANISER, Role.DOOR, Role.VIEWER}),
)


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
        **_rights(),
    )


@pages.route("/points/new", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new_point(series: str) -> ResponseReturnValue:
    return _edit(None)


@pages.route("/points/<uuid:point>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def point(series: str, point: UUID) -> ResponseReturnValue:
    return _edit(queries.point_or_404([guarded_series().id], point))


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
    if form.validate_on_submit() and form.at.moment:
        place = queries.place_or_404([here.id], UUID(form.point.data))
        answer = services.foresee(place, form.code.data or "", form.at.moment)
        words = saying(answer.verdict, place.rules.kind)
    page = render_template(
        "checkin/simulate.html", form=form, points=points, answer=answer, words=words
    )
    return page, 422 if form.errors else 200


@pages.post("/enrol-code")
@requires(Role.ORGANISER, Role.DOOR)
def enrol_code(series: str) -> ResponseReturnValue:
    """Shown in the answer itself: the code is kept only as a hash and cannot be shown again."""
    here = guarded_series()
    code = services.new_enrol_code(here.id)
    address = f"{current_app.config['BASE_URL']}{url_for('checkin.door')}"
    png = b64encode(link_png(f"{address}#code={code}")).decode()
    return render_template(
        "checkin/enrol_code.html",
        code=code,
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


@pages.get("/incidents")
@requires(Role.ORGANISER, Role.DOOR)
def incidents(series: str) -> ResponseReturnValue:
    return _incidents()


@pages.post("/incidents/<uuid:incident>/settle")
@requires(Role.ORGANISER, Role.DOOR)
def settle_incident(series: str, incident: UUID) -> ResponseReturnValue:
    form = NoteForm()
    try:
        services.settle_incident(guarded_series(), incident, form.note.data or "", clock.now())
    except BadInput as refusal:
        return _incidents(incident, form, refusal)
    return _settled()


@pages.post("/quarantine/<uuid:scan>/dismiss")
@requires(Role.ORGANISER, Role.DOOR)
def dismiss_scan(series: str, scan: UUID) -> ResponseReturnValue:
    form = NoteForm()
    try:
        services.dismiss_scan(guarded_series().id, scan, form.note.data or "")
    except BadInput as refusal:
        return _incidents(scan, form, refusal)
    return _settled()


@pages.post("/quarantine/<uuid:scan>/assign")
@requires(Role.ORGANISER, Role.DOOR)
def assign_scan(series: str, scan: UUID) -> ResponseReturnValue:
    here, form = guarded_series(), NoteForm()
    try:
        answer = services.assign_scan(
            here.id, scan, _one_person(here.id, form.person.data or ""), form.note.data or ""
        )
    except BadInput as refusal:
        return _incidents(scan, form, refusal)
    words = saying(answer.verdict, queries.scan_or_404(here.id, answer.id).point.kind)
    flash(t("已归到该人名下，结果：{word}。", "It is theirs now. The verdict: {word}.",
            word=words.word), "ok")  # fmt: skip
    return redirect(url_for(".incidents", series=series))


def _settled() -> ResponseReturnValue:
    flash(t("已记录处理情况。", "It is noted how that was settled."), "ok")
    return redirect(url_for(".incidents", series=guarded_series().slug))


def _one_person(series_id: int, text: str) -> UUID:
    """The one person meant. Raises `BadInput` when nobody is, or more than one."""
    found = queries.search(series_id, text)
    if len(found) == 1:
        person: UUID = found[0].id
        return person
    sentence = (
        Text("不止一人符合，请填写证件上的 8 位编号。", "Several fit. Enter the 8-letter code.")
        if found
        else Text("没有找到此人，请核对后再填。", "Nobody was found. Check what you entered.")
    )
    raise BadInput(sentence, {"person": [sentence]})


def _incidents(
    subject: UUID | None = None, form: NoteForm | None = None, refusal: BadInput | None = None
) -> ResponseReturnValue:
    """The list; with what was typed about `subject`, and what is wrong with it, beside it."""
    here = guarded_series()
    told = queries.incidents_of(here, clock.now())
    strays = queries.recent_scans(here.id, quarantined=True)
    page = render_template(
        "checkin/incidents.html",
        told=told,
        strays=strays,
        notes=queries.settled_scans(here.id, [line.scan.id for line in strays]),
        names=INCIDENT_NAMES,
        reasons=QUARANTINE_REASONS,
        wrong=subject,
        typed=form,
        errors=refusal.errors if refusal else {},
    )
    return page, 422 if refusal else 200


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
        "capacity": place.capacity,
        "checkout": time.fromisoformat(place.checkout_time) if place.checkout_time else None,
    }


def _rights() -> dict[str, bool]:
    """What the page offers to whoever reads it; a viewer sees names only in part."""
    here, asker = guarded_series().id, principal()
    return {
        "may_edit": asker.has_role(here, Role.ORGANISER),
        "may_enrol": asker.has_role(here, Role.ORGANISER, Role.DOOR),
        "sees_names": asker.has_role(here, Role.ORGANISER, Role.DOOR, Role.REGISTRAR),
    }
