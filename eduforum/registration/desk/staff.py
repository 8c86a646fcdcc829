"""The desk registers somebody, or changes what somebody registered."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.core.names import mask_email, mask_mobile, name_key
from eduforum.events.access import guarded_series
from eduforum.events.models import Region
from eduforum.events.queries import regions
from eduforum.registration import services
from eduforum.registration.desk.detail import detail_of
from eduforum.registration.desk.forms import StaffForm
from eduforum.registration.desk.frame import ACTORS, list_url, pages, with_filters
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.queries import (
    blocking,
    categories_of,
    pools_of,
    registration_or_404,
    same_person,
    seats,
)
from eduforum.registration.rules import STATE_NAMES, AlreadyRegistered, PoolFull
from eduforum.registration.services.identity import index_of as identity_index
from eduforum.registration.services.identity import masked
from eduforum.web.access import requires


@pages.route("/desk/s/<series>/registrations/new", methods=["GET", "POST"])
@requires(*ACTORS)
def new(series: str) -> ResponseReturnValue:
    """Register somebody in any category, without review."""
    form = StaffForm(list(categories_of(guarded_series().id)), _regions())
    if not form.validate_on_submit():
        return _new(form), 422 if request.method == "POST" else 200
    try:
        made = services.register(
            guarded_series(),
            form.application(),
            submit_id=f"desk:{form.submit_id.data}",
            source="desk",
            staff=True,
        )
    except Refusal as refusal:
        also = _blame(form, refusal)
        return _new(form, also, _existing(form, refusal)), refusal.status
    told = Text("已报名，当前状态：{state}。", "Registered. State: {state}.")
    flash(str(told.fill(state=STATE_NAMES[made.state])), "ok")
    return redirect(with_filters(".registration", registration_id=made.id), 303)


@pages.route("/desk/s/<series>/registrations/<uuid:registration_id>/edit", methods=["GET", "POST"])
@requires(*ACTORS)
def edit(series: str, registration_id: UUID) -> ResponseReturnValue:
    """Change it for the person, whatever the deadline."""
    known = guarded_series()
    person = registration_or_404(known.id, registration_id)
    form = StaffForm.of(person, list(categories_of(known.id)), _regions())
    if not form.validate_on_submit():
        return _edit(form, person), 422 if request.method == "POST" else 200
    try:
        services.edit(known.id, registration_id, form.application(), staff=True)
    except Refusal as refusal:
        also = _blame(form, refusal)
        person = registration_or_404(known.id, registration_id)
        return _edit(form, person, also), refusal.status
    flash(str(Text("修改已保存。", "The changes are saved.")), "ok")
    return redirect(with_filters(".registration", registration_id=registration_id), 303)


def _blame(form: StaffForm, refusal: Refusal) -> list[Text]:
    """Put the sentences beside their fields; those that have none are returned."""
    beside = {name: lines for name, lines in refusal.errors.items() if name in form}
    if isinstance(refusal, PoolFull):
        beside = {"events": [refusal.sentence]}
    for name, lines in beside.items():
        for sentence in lines:
            form.refuse(name, sentence)
    return [] if beside else [refusal.sentence]


def _existing(form: StaffForm, refusal: Refusal) -> Registration | None:
    """Who is meant by “already registered”: the desk may know."""
    if not isinstance(refusal, AlreadyRegistered):
        return None
    return blocking(
        same_person(
            guarded_series().id,
            name_key(form.name.data),
            form.parsed_mobile,
            form.parsed_email,
            identity_index(guarded_series().id, form.application()),
        )
    )


def _new(
    form: StaffForm, also: list[Text] | None = None, existing: Registration | None = None
) -> str:
    return _form("desk_new", form, also, existing=existing)


def _edit(form: StaffForm, person: Registration, also: list[Text] | None = None) -> str:
    return _form("desk_edit", form, also, detail=detail_of(guarded_series(), person.id))


def _form(template: str, form: StaffForm, also: list[Text] | None, **more: object) -> str:
    series = guarded_series()
    pools = pools_of(series.id)
    return render_template(
        f"registration/{template}.html",
        form=form,
        also=also or [],
        left={one.code: _left(one, pools) for one in form.categories},
        sessions=[
            pool.session
            for pool in pools
            if pool.session is not None and not pool.session.cancelled
        ],
        list_url=list_url,
        with_filters=with_filters,
        states=STATE_NAMES,
        mask_mobile=mask_mobile,
        mask_email=mask_email,
        id_on_file=masked(form.kept.id, form.kept.id_number) if form.kept else "",
        **more,
    )


def _regions() -> Sequence[Region]:
    """The host regions, where seats are counted by them."""
    counted = any(pool.region for pool in pools_of(guarded_series().id))
    return regions() if counted else ()


def _left(category: Category, pools: Sequence[Pool]) -> int | None:
    """The most seats that one of its events has left for the category; None without a limit."""
    counted = [pool for pool in pools if pool.category_id in (None, category.id)]
    own = seats(category, counted, clock.now())
    free = [one.free for one in own.values() if one.free is not None]
    return max(free) if free else None
