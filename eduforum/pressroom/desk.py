"""The press office's page of materials."""

import re
from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text, plural
from eduforum.events.access import guarded_series
from eduforum.events.forms import tell
from eduforum.files import serving
from eduforum.files.queries import file_or_404, files_of
from eduforum.press import coverage_queries
from eduforum.pressroom import queries, services
from eduforum.pressroom.forms import FileForm, MaterialForm, data_of
from eduforum.pressroom.models import Material
from eduforum.pressroom.rules import (
    KIND_NAMES,
    LIMITS,
    STANDING_NAMES,
    CorrectionChanged,
    NothingToTell,
    Standing,
)
from eduforum.web.access import Role, requires
from eduforum.web.rail import RailItem

pages = Blueprint("pressroom_desk", __name__, url_prefix="/desk/s/<series>/press-room")

ACTORS = (Role.PRESS_OFFICER, Role.ORGANISER)
RAIL_ITEM = RailItem(Text("媒体资料", "Press room"), "pressroom_desk.materials", frozenset(ACTORS))
_NUMBER = re.compile("[0-9]{1,6}")
_TONES = {Standing.WAITING: "wait", Standing.OPEN: "ok", Standing.WITHDRAWN: "idle"}


@pages.get("")
@requires(*ACTORS)
def materials(series: str) -> ResponseReturnValue:
    """All materials, with what the public sees of each now."""
    items = queries.materials_of(guarded_series().id)
    return render_template(
        "pressroom/desk_list.html",
        items=items,
        files=queries.files_by_owner(items),
        now=clock.now(),
        kind_names=KIND_NAMES,
        standing_names=STANDING_NAMES,
        tones=_TONES,
    )


@pages.route("/new", methods=["GET", "POST"])
@requires(*ACTORS)
def new(series: str) -> ResponseReturnValue:
    here = guarded_series()
    form = MaterialForm(zone=here.time_zone)
    if form.validate_on_submit():
        try:
            made = services.create(here.id, form.material_input())
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(str(Text("已保存，可以上传文件。", "Saved. Files can be added now.")), "ok")
            return redirect(_url(made.id), 303)
    return _page(form, None), 422 if form.is_submitted() else 200


@pages.route("/<uuid:material_id>", methods=["GET", "POST"])
@requires(*ACTORS)
def material(series: str, material_id: UUID) -> ResponseReturnValue:
    """One material: its words, its time, its files."""
    here = guarded_series()
    one = queries.material_or_404(here.id, material_id)
    form = MaterialForm(zone=here.time_zone, data=None if request.form else data_of(one))
    if form.validate_on_submit():
        try:
            services.edit(here.id, one.id, form.material_input())
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(str(Text("已保存。", "Saved.")), "ok")
            return redirect(_url(one.id), 303)
    return _page(form, one), 422 if form.is_submitted() else 200


@pages.post("/<uuid:material_id>/files")
@requires(*ACTORS)
def add_file(series: str, material_id: UUID) -> ResponseReturnValue:
    here = guarded_series()
    one = queries.material_or_404(here.id, material_id)
    form = FileForm()
    if form.validate_on_submit():
        try:
            services.add_file(here.id, one.id, form.file.data)
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(str(Text("文件已上传。", "The file is kept.")), "ok")
            return redirect(_url(one.id), 303)
    words = MaterialForm(zone=here.time_zone, formdata=None, data=data_of(one))
    words.opens_at.process_data(one.opens_at)
    return _page(words, one, form), 422


@pages.get("/<uuid:material_id>/files/<uuid:file_id>")
@requires(*ACTORS)
def file(series: str, material_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """A file as the press will get it, whatever its time."""
    one = queries.material_or_404(guarded_series().id, material_id)
    return serving.attachment(file_or_404(one.owner, file_id))


@pages.post("/<uuid:material_id>/files/<uuid:file_id>/remove")
@requires(*ACTORS)
def remove_file(series: str, material_id: UUID, file_id: UUID) -> ResponseReturnValue:
    services.remove_file(guarded_series().id, material_id, file_id)
    flash(str(Text("文件已删除。", "The file is removed.")), "ok")
    return redirect(_url(material_id), 303)


@pages.route("/<uuid:material_id>/tell", methods=["GET", "POST"])
@requires(*ACTORS)
def tell_press(series: str, material_id: UUID) -> ResponseReturnValue:
    """To how many outlets a correction goes; POST tells so many and no other number."""
    here = guarded_series()
    one = queries.material_or_404(here.id, material_id)
    if request.method == "GET":
        return _question(one)
    seen = request.form.get("count", "")
    try:
        count = services.tell_correction(
            here.id,
            one.id,
            seen=int(seen) if _NUMBER.fullmatch(seen) else -1,
            correction=request.form.get("correction", ""),
        )
    except CorrectionChanged as refusal:
        return _question(one, [refusal.sentence]), 409
    except NothingToTell as refusal:
        flash(str(refusal.sentence), "bad")
    else:
        told = plural(count, "已通知 {n} 家媒体。", "{n} outlet is told.", "{n} outlets are told.")
        flash(str(told), "ok")
    return redirect(_url(one.id), 303)


def _question(one: Material, also: Sequence[Text] = ()) -> str:
    return render_template(
        "pressroom/desk_tell.html",
        one=one,
        also=also,
        may=services.may_tell(one),
        count=len(coverage_queries.accredited(one.series_id)),
    )


@pages.post("/<uuid:material_id>/withdraw")
@requires(*ACTORS)
def withdraw(series: str, material_id: UUID) -> ResponseReturnValue:
    services.withdraw(guarded_series().id, material_id)
    flash(str(Text("已撤下，公众不再看到。", "Withdrawn: nobody sees it any more.")), "ok")
    return redirect(url_for(".materials", series=series), 303)


def _page(form: MaterialForm, one: Material | None, file_form: FileForm | None = None) -> str:
    return render_template(
        "pressroom/desk_material.html",
        form=form,
        one=one,
        standing=one and one.standing(clock.now()),
        may_tell=one is not None and services.may_tell(one),
        Standing=Standing,
        standing_names=STANDING_NAMES,
        tones=_TONES,
        files=files_of(one.owner) if one else (),
        file_form=file_form or FileForm(formdata=None),
        accept=LIMITS.accept,
    )


def _url(material_id: UUID) -> str:
    return url_for(".material", series=guarded_series().slug, material_id=material_id)
