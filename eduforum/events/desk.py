"""The desk's pages of series: the list of mine, a new one, the settings of one."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.accounts.models import User
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text, t
from eduforum.events import queries, services
from eduforum.events.access import guarded_series, principal
from eduforum.events.forms import NewSeriesForm, SeriesForm, tell
from eduforum.events.roles import ROLE_NAMES
from eduforum.web.access import Role, requires, signed_in
from eduforum.web.rail import RailItem

pages = Blueprint("events_desk", __name__)

RAIL_ITEM = RailItem(Text("设置", "Settings"), "events_desk.settings", frozenset({Role.ORGANISER}))


@pages.app_context_processor
def _way_home() -> dict[str, str]:
    return {"rail_home": url_for("events_desk.home")}


@pages.get("/desk/")
@signed_in
def home() -> ResponseReturnValue:
    me: User = g.user
    asker = principal()
    mine = queries.all_series() if asker.is_admin else queries.series_of_grants(me.id)
    return render_template(
        "events/desk_home.html",
        mine=mine,
        days=queries.days_of_series([series.id for series in mine]),
        roles={
            series.id: [ROLE_NAMES[role] for role in sorted(asker.roles_in(series.id))]
            for series in mine
        },
        is_admin=asker.is_admin,
        sees_system=asker.is_admin
        or any(asker.has_role(series.id, Role.ORGANISER) for series in mine),
    )


@pages.route("/desk/new-series", methods=["GET", "POST"])
@requires(Role.ADMIN)
def new_series() -> ResponseReturnValue:
    form = NewSeriesForm(regions=queries.regions())
    if form.validate_on_submit():
        try:
            series = services.create_series(form.slug.data, form.series_input())
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(
                t("已新建系列活动，尚未发布。", "The series is made; it is not public yet."), "ok"
            )
            return redirect(url_for(".settings", series=series.slug))
    page = render_template("events/series_form.html", form=form, old=None)
    return page, 422 if form.is_submitted() else 200


@pages.get("/desk/s/<series>/settings")
@requires(Role.ORGANISER)
def settings(series: str) -> ResponseReturnValue:
    return render_template("events/settings.html", here=guarded_series())


@pages.route("/desk/s/<series>/settings/series", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def edit_series(series: str) -> ResponseReturnValue:
    here = guarded_series()
    form = SeriesForm(regions=queries.regions(), obj=here)
    if form.validate_on_submit():
        try:
            changed = services.edit_series(here.id, form.series_input())
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(t("已保存。", "Saved.") if changed else t("没有改动。", "Nothing changed."), "ok")
            return redirect(url_for(".settings", series=series))
    page = render_template("events/series_form.html", form=form, old=here)
    return page, 422 if form.is_submitted() else 200


@pages.post("/desk/s/<series>/settings/publish")
@requires(Role.ORGANISER)
def publish(series: str) -> ResponseReturnValue:
    services.publish(guarded_series().id, True)
    flash(t("已发布，公开页面可以访问。", "Published: everybody can see the public pages."), "ok")
    return redirect(url_for(".settings", series=series))


@pages.post("/desk/s/<series>/settings/unpublish")
@requires(Role.ORGANISER)
def unpublish(series: str) -> ResponseReturnValue:
    services.publish(guarded_series().id, False)
    flash(t("公开页面已隐藏。", "The public pages are hidden."), "ok")
    return redirect(url_for(".settings", series=series))
