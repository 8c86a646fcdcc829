"""The desk's schedule: what happens when and where, its events and its rooms."""

from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.dates import local
from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, plural, t
from eduforum.events.access import guarded_series, principal
from eduforum.events.forms import tell
from eduforum.events.models import Event
from eduforum.events.queries import event_or_404, events_of
from eduforum.events.rules import FIELD_NAMES, KIND_NAMES, MODE_NAMES, EventState
from eduforum.events.services import people_of_event
from eduforum.schedule import queries, services
from eduforum.schedule.clashes import bookings, clashes
from eduforum.schedule.forms import CancelForm, EventForm, NewEventForm, RoomForm
from eduforum.schedule.models import Room
from eduforum.schedule.rules import PART_NAMES
from eduforum.web.access import Role, requires
from eduforum.web.rail import RailItem

pages = Blueprint("schedule_desk", __name__, url_prefix="/desk/s/<series>/schedule")

_READERS = (Role.ORGANISER, Role.REGISTRAR, Role.VIEWER)
RAIL_ITEM = RailItem(Text("日程", "Schedule"), "schedule_desk.schedule", frozenset(_READERS))


def may_edit() -> bool:
    return principal().has_role(guarded_series().id, Role.ORGANISER)


@pages.get("")
@requires(*_READERS)
def schedule(series: str) -> ResponseReturnValue:
    here = guarded_series()
    programme = queries.programme(here)
    days = groupby(programme.events, lambda event: local(event.starts_at, here.time_zone).date())
    return render_template(
        "schedule/desk.html",
        days=[(day, list(events)) for day, events in days],
        programme=programme,
        clashes=clashes(bookings(programme)),
        rooms=queries.rooms_of(here.id),
        may_edit=may_edit(),
        **_WORDS,
    )


@pages.get("/e/<event>")
@requires(*_READERS)
def event(series: str, event: str) -> ResponseReturnValue:
    here = guarded_series()
    found = event_or_404(here.id, event)
    programme = queries.programme(here)
    return render_template(
        "schedule/desk_event.html",
        event=found,
        programme=programme,
        people=people_of_event(found.id),
        met=clashes(bookings(programme)).get(found.id, []),
        may_edit=may_edit(),
        **_WORDS,
    )


@pages.route("/new-event", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new_event(series: str) -> ResponseReturnValue:
    here = guarded_series()
    form = NewEventForm(zone=here.time_zone, rooms=queries.rooms_of(here.id), data=_next_day())
    if form.validate_on_submit():
        try:
            position = len(events_of(here.id))
            made = services.create_event(
                here, form.slug.data, form.event_input(), position=position
            )
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(t("已新建活动。请在参会类别中选择谁可以参加。", "The event is made. Choose in the categories who may come."), "ok")  # fmt: skip
            return _to_event(made)
    page = render_template("schedule/event_form.html", form=form, event=None, people=0)
    return page, 422 if form.is_submitted() else 200


@pages.route("/e/<event>/edit", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def edit_event(series: str, event: str) -> ResponseReturnValue:
    here = guarded_series()
    found = event_or_404(here.id, event)
    people = people_of_event(found.id)
    form = EventForm(zone=here.time_zone, rooms=queries.rooms_of(here.id), data=_filled(found))
    if form.validate_on_submit():
        try:
            diff = services.edit_event(found.id, form.event_input())
        except BadInput as refusal:
            tell(form, refusal)
        else:
            moved = diff.touches("starts_at", "ends_at", "room")
            _say_saved(people if moved else 0, changed=bool(diff))
            return _to_event(found)
    page = render_template("schedule/event_form.html", form=form, event=found, people=people)
    return page, 422 if form.is_submitted() else 200


@pages.route("/e/<event>/cancel", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def cancel_event(series: str, event: str) -> ResponseReturnValue:
    found = event_or_404(guarded_series().id, event)
    if found.state is EventState.CANCELLED:
        return _to_event(found)
    people, form = people_of_event(found.id), CancelForm()
    if form.validate_on_submit():
        services.cancel_event(found.id, form.reason.data or "")
        flash(_told(Text("活动已取消", "The event is cancelled"), people), "ok")
        return _to_event(found)
    page = render_template("schedule/event_cancel.html", form=form, event=found, people=people)
    return page, 422 if form.is_submitted() else 200


@pages.post("/e/<event>/restore")
@requires(Role.ORGANISER)
def restore_event(series: str, event: str) -> ResponseReturnValue:
    found = event_or_404(guarded_series().id, event)
    people = people_of_event(found.id)
    try:
        services.restore_event(found.id)
    except Refusal as refusal:
        flash(str(refusal.sentence), "bad")
    else:
        flash(_told(Text("活动照常举行", "The event takes place after all"), people), "ok")
    return _to_event(found)


@pages.post("/e/<event>/delete")
@requires(Role.ORGANISER)
def delete_event(series: str, event: str) -> ResponseReturnValue:
    found = event_or_404(guarded_series().id, event)
    try:
        services.delete_event(found.id)
    except Refusal as refusal:
        flash(str(refusal.sentence), "bad")
        return _to_event(found)
    flash(t("活动已删除。", "The event is deleted."), "ok")
    return redirect(url_for(".schedule", series=series))


@pages.route("/rooms", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def rooms(series: str) -> ResponseReturnValue:
    return _room_page(series, None)


@pages.route("/rooms/<int:room>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def room(series: str, room: int) -> ResponseReturnValue:
    return _room_page(series, queries.room_or_404(guarded_series().id, room))


@pages.post("/rooms/<int:room>/delete")
@requires(Role.ORGANISER)
def delete_room(series: str, room: int) -> ResponseReturnValue:
    here = guarded_series()
    try:
        services.delete_room(here.id, queries.room_or_404(here.id, room).id)
    except Refusal as refusal:
        flash(str(refusal.sentence), "bad")
        return redirect(url_for(".room", series=series, room=room))
    flash(t("会场已删除。", "The room is deleted."), "ok")
    return redirect(url_for(".rooms", series=series))


def _room_page(series: str, held: Room | None) -> ResponseReturnValue:
    here, form = guarded_series(), RoomForm(obj=held)
    if form.validate_on_submit():
        try:
            services.save_room(here.id, form.room_input(), held.id if held else None)
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(t("已保存。", "Saved."), "ok")
            return redirect(url_for(".rooms", series=series))
    events = [event for event in events_of(here.id) if held and event.room == held.name_zh]
    page = render_template(
        "schedule/rooms.html",
        form=form,
        held=held,
        rooms=queries.rooms_of(here.id),
        people=sum(people_of_event(event.id) for event in events),
    )
    return page, 422 if form.is_submitted() else 200


def _to_event(event: Event) -> ResponseReturnValue:
    return redirect(url_for(".event", series=guarded_series().slug, event=event.slug))


def _say_saved(people: int, *, changed: bool) -> None:
    if not changed:
        flash(t("没有改动。", "Nothing changed."), "ok")
    else:
        flash(_told(Text("已保存", "Saved"), people), "ok")


def _told(what: Text, people: int) -> str:
    if not people:
        return t("{what}。", "{what}.", what=what)
    told = plural(people, "将通知 {n} 人", "{n} person is told", "{n} people are told")
    return t("{what}，{told}。", "{what}; {told}.", what=what, told=told)


def _next_day() -> dict[str, Any]:
    """A new event is proposed for the last day of the series, so that the pickers open near by."""
    here = guarded_series()
    last = max((event.starts_at for event in events_of(here.id)), default=clock.now())
    start = local(last, here.time_zone).replace(hour=9, minute=0, second=0, microsecond=0)
    return {"starts_at": start, "ends_at": start + timedelta(hours=2)}


def _filled(event: Event) -> dict[str, Any]:
    return {**asdict(services.input_of(event)), "topics": "\n".join(event.topics)}


_WORDS = {
    "kind_names": KIND_NAMES,
    "mode_names": MODE_NAMES,
    "field_names": FIELD_NAMES,
    "part_names": PART_NAMES,
}
