"""The record of an outlet: its names, its kind, how it was verified, which officers belong to it."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select
from wtforms import SelectChoice

from eduforum.core.audit import current_actor
from eduforum.core.db import db
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.press.desk.frame import ACTORS, blame, pages, told
from eduforum.press.forms.desk import OutletRecordForm
from eduforum.press.history import actor_names
from eduforum.press.models import Application, Outlet, OutletAlias, OutletTie
from eduforum.press.rules import OutletType
from eduforum.press.rules.words import OUTLET_TYPE_NAMES
from eduforum.press.services import outlets
from eduforum.web.access import requires


@pages.route("/outlets/<uuid:outlet_id>", methods=["GET", "POST"])
@requires(*ACTORS)
def outlet(series: str, outlet_id: UUID) -> ResponseReturnValue:
    """Only outlets that apply to this series are seen from here."""
    one = _here(outlet_id)
    aliases = db.session.scalars(
        select(OutletAlias.alias).where(OutletAlias.outlet_id == one.id).order_by(OutletAlias.alias)
    ).all()
    data = {"name_zh": one.name_zh, "name_en": one.name_en, "type": one.type.value,
            "aliases": "\n".join(aliases)}  # fmt: skip
    form = OutletRecordForm(data=data)
    form.type.choices = [SelectChoice(k.value, name) for k, name in OUTLET_TYPE_NAMES.items()]
    also: list[Text] = []
    if form.validate_on_submit():
        try:
            outlets.edit(
                one.id,
                name_zh=form.name_zh.data or "",
                name_en=form.name_en.data or "",
                type_=OutletType(form.type.data),
                aliases=(form.aliases.data or "").splitlines(),
            )
        except BadInput as refusal:
            also = blame(form, refusal)
        else:
            told(Text("已保存。", "Saved."))
            return redirect(_url(one.id), 303)
    ties = db.session.scalars(select(OutletTie.actor).where(OutletTie.outlet_id == one.id)).all()
    page = render_template(
        "press/desk_outlet.html",
        one=one,
        form=form,
        also=also,
        ties=list(actor_names(ties).values()),
        tied=current_actor() in ties,
        verified_by=actor_names([one.verified_by]).get(one.verified_by)
        if one.verified_by
        else None,
    )
    return page, 422 if form.is_submitted() else 200


@pages.post("/outlets/<uuid:outlet_id>/tie")
@requires(*ACTORS)
def tie(series: str, outlet_id: UUID) -> ResponseReturnValue:
    """I belong to this outlet: from now on somebody else decides."""
    outlets.tie(_here(outlet_id).id, current_actor())
    told(
        Text(
            "已登记关联，您不再办理该单位的申请。",
            "Noted: from now on another officer decides about this outlet.",
        )
    )
    return redirect(_url(outlet_id), 303)


def _here(outlet_id: UUID) -> Outlet:
    applied = exists().where(
        Application.outlet_id == Outlet.id, Application.series_id == guarded_series().id
    )
    found = db.session.scalar(select(Outlet).where(Outlet.id == outlet_id, applied))
    if found is None:
        raise NotFound
    return found


def _url(outlet_id: UUID) -> str:
    return url_for("press_desk.outlet", series=guarded_series().slug, outlet_id=outlet_id)
