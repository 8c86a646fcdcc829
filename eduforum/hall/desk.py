"""The desk's page of displays: open one, make links for those where nobody signs in."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.checkin.queries import points_of
from eduforum.checkin.rules import PointKind
from eduforum.core.errors import BadInput
from eduforum.core.i18n import t
from eduforum.events.access import guarded_series, principal
from eduforum.events.queries import event_or_404, events_of
from eduforum.events.rules import EventState
from eduforum.hall import queries, services
from eduforum.hall.forms import RoomForm, ScreenForm
from eduforum.hall.queries.rooms import rooms_of
from eduforum.web.access import Role, requires

pages = Blueprint("hall_desk", __name__, url_prefix="/desk/s/<series>/screens")


@pages.route("", methods=["GET", "POST"])
@requires(Role.ORGANISER, Role.DOOR)
def screens(series: str) -> ResponseReturnValue:
    """The events with their displays, and the links; by POST one more link."""
    here = guarded_series()
    events = [one for one in events_of(here.id) if one.state is EventState.SCHEDULED]
    points = [one for one in points_of(here.id) if one.kind is PointKind.SESSION]
    form = ScreenForm()
    form.offer(events, points)
    if form.validate_on_submit():
        point = UUID(form.point.data) if form.point.data else None
        services.make_screen(event_or_404(here.id, form.event.data), point)
        flash(t("大屏链接已生成。", "The link is made."), "ok")
        return redirect(url_for(".screens", series=series), 303)
    page = render_template(
        "hall/desk.html",
        form=form,
        events=events,
        rooms=rooms_of(here.id),
        may_edit=principal().has_role(here.id, Role.ORGANISER),
        screens=[(one, services.screen_url(one)) for one in queries.screens_of(here.id)],
    )
    return page, 422 if form.is_submitted() else 200


@pages.post("/<uuid:screen>/revoke")
@requires(Role.ORGANISER, Role.DOOR)
def revoke(series: str, screen: UUID) -> ResponseReturnValue:
    services.revoke_screen(guarded_series().id, screen)
    flash(t("链接已停用，大屏将停止显示。", "The link is revoked; its display stops."), "ok")
    return redirect(url_for(".screens", series=series), 303)


@pages.route("/online/<event>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def online(series: str, event: str) -> ResponseReturnValue:
    """The link of an event's online room."""
    found = event_or_404(guarded_series().id, event)
    room = rooms_of(found.series_id).get(found.id)
    form = RoomForm(data={"url": room.url, "note": room.note} if room else {})
    if form.validate_on_submit():
        try:
            services.set_room(found, form.url.data or "", form.note.data or "")
        except BadInput as refusal:
            form.refuse("url", refusal.sentence)
        else:
            flash(t("已保存。", "Saved."), "ok")
            return redirect(url_for(".screens", series=series), 303)
    page = render_template("hall/online.html", form=form, event=found)
    return page, 422 if form.is_submitted() else 200
