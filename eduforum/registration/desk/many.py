"""One decision for many people: the question with its numbers, the deed, what was skipped."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text, plural
from eduforum.events.access import guarded_series
from eduforum.registration import services, table
from eduforum.registration.desk.deed_forms import DeedForm
from eduforum.registration.desk.deeds import DEEDS, Deed
from eduforum.registration.desk.frame import ACTORS, asked_filter, list_url, pages, with_filters
from eduforum.registration.desk.listing import ids_of
from eduforum.registration.models import Registration
from eduforum.registration.queries import counts_in, pools_of, quota
from eduforum.registration.rules import STATE_NAMES, TRANSITIONS, Action, State, holds_a_seat
from eduforum.web.access import requires

MOST_AT_ONCE = 1000
"""More would hold up everybody else: the rest stays and can be taken next."""
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class SeatUse:
    """What the deed does to one pool: seats it takes, or gives back when negative."""

    name: Text
    takes: int
    free: int

    @property
    def short(self) -> int:
        """How many would find no seat."""
        return max(0, self.takes - self.free)


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom the deed would reach. total: who was chosen; left: who comes in the next go."""

    total: int
    ready: Sequence[Registration]
    skipped: int
    left: int
    seats: Sequence[SeatUse]


@pages.post("/desk/s/<series>/registrations/confirm")
@requires(*ACTORS)
def confirm(series: str) -> ResponseReturnValue:
    """Say what would happen and to how many; nothing happens yet."""
    deed = _deed()
    plan = _plan(deed, _chosen())
    if not plan.total:
        flash(str(Text("请先选择人员。", "Select somebody first.")), "wait")
        return redirect(list_url(), 303)
    form = deed.form_for(guarded_series().time_zone)
    for field in form:
        field.errors = []
    return _question(deed, form, plan)


@pages.post("/desk/s/<series>/registrations/bulk")
@requires(*ACTORS)
def bulk(series: str) -> ResponseReturnValue:
    """Do it. Whoever it does not fit is skipped, and the answer says who and why."""
    deed, chosen = _deed(), _chosen()
    form = deed.form_for(guarded_series().time_zone)
    plan = _plan(deed, chosen)
    if not form.validate_on_submit():
        return _question(deed, form, plan), 422
    if request.form.get("count") != str(plan.total):
        changed = Text(
            "符合条件的人数已变化，请核对后再提交。",
            "Other people match by now. Check the numbers and submit again.",
        )
        return _question(deed, form, plan, [changed]), 409
    result = services.bulk(guarded_series().id, chosen[:MOST_AT_ONCE], deed.key, **form.arguments())
    told = plural(
        len(result.changed),
        "已处理 {n} 人，跳过 {m} 人。",
        "{n} person changed, {m} skipped.",
        "{n} people changed, {m} skipped.",
        m=len(result.skipped),
    )
    if not result.skipped:
        flash(str(told), "ok")
        return redirect(list_url(), 303)
    return render_template(
        "registration/desk_bulk_done.html",
        deed=deed,
        told=told,
        skipped=result.skipped,
        list_url=list_url,
        with_filters=with_filters,
    )


def _deed() -> Deed:
    deed = DEEDS.get(request.form.get("action", ""))
    if deed is None or not deed.bulk:
        raise NotFound
    return deed


def _chosen() -> Sequence[UUID]:
    """Those that were ticked, or everybody the table shows."""
    if request.form.get("all") == "1":
        return table.ids(table.known_of(guarded_series()), asked_filter())
    return ids_of(request.form.getlist("id"))


def _plan(deed: Deed, chosen: Sequence[UUID]) -> Plan:
    series = guarded_series()
    people = db.session.scalars(
        select(Registration)
        .where(Registration.series_id == series.id, Registration.id.in_(chosen[:MOST_AT_ONCE]))
        .order_by(Registration.pinyin_key, Registration.id)
        .options(
            selectinload(Registration.events),
            selectinload(Registration.sessions),
            selectinload(Registration.category),
        )
    ).all()
    ready = [person for person in people if person.state in deed.states]
    left = max(0, len(chosen) - MOST_AT_ONCE)
    return Plan(
        total=len(people) + left,
        ready=ready,
        skipped=len(people) - len(ready),
        left=left,
        seats=_seats(deed, ready),
    )


def _seats(deed: Deed, ready: Sequence[Registration]) -> list[SeatUse]:
    after = TRANSITIONS[Action(deed.key)]
    used = []
    for pool in pools_of(guarded_series().id):
        takes = sum(_takes(one, after[one.state]) for one in ready if counts_in(pool, one))
        if takes:
            used.append(SeatUse(pool.name, takes, quota(pool).free))
    return used


def _takes(person: Registration, after: State) -> int:
    pending = person.category.pending_holds
    held = holds_a_seat(person.state, pending_holds=pending)
    return holds_a_seat(after, pending_holds=pending) - held


def _question(deed: Deed, form: DeedForm, plan: Plan, also: Sequence[Text] = ()) -> str:
    everybody = request.form.get("all") == "1"
    return render_template(
        "registration/desk_bulk_ask.html",
        deed=deed,
        form=form,
        plan=plan,
        also=also,
        everybody=everybody,
        ids=[] if everybody else ids_of(request.form.getlist("id")),
        most_named=MOST_NAMED,
        most_at_once=MOST_AT_ONCE,
        list_url=list_url,
        with_filters=with_filters,
        states=STATE_NAMES,
    )
