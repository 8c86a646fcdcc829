"""One delegation: made, changed, looked at."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import BadInput, NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.delegations import queries
from eduforum.delegations.desk.forms import DelegationForm, ExtendForm, quota_key
from eduforum.delegations.desk.frame import (
    ACTORS,
    READERS,
    ROOT,
    may_act,
    pages,
    to_one,
    who_came,
)
from eduforum.delegations.grid import grid_of
from eduforum.delegations.services import manage
from eduforum.events.access import guarded_series, principal
from eduforum.events.queries import days_of_series, events_of
from eduforum.registration.forms import ConfirmForm
from eduforum.registration.models import Delegation
from eduforum.web.access import Role, requires


@pages.route(f"{ROOT}/new", methods=["GET", "POST"])
@requires(*ACTORS)
def new_delegation(series: str) -> ResponseReturnValue:
    here = guarded_series()
    form = _form(None)
    if form.validate_on_submit():
        try:
            made = manage.create(here, form.given())
        except BadInput as refusal:
            _blame(form, refusal)
        else:
            return to_one(
                made.id,
                Text(
                    "已新建代表团，请把链接发给联络员。",
                    "The delegation is made. Give its liaison the link.",
                ),
            )
    return _page(form, None)


@pages.route(f"{ROOT}/<uuid:delegation_id>/edit", methods=["GET", "POST"])
@requires(*ACTORS)
def edit_delegation(series: str, delegation_id: UUID) -> ResponseReturnValue:
    here = guarded_series()
    old = queries.delegation_or_404(here.id, delegation_id)
    form = _form(old)
    if form.validate_on_submit():
        try:
            manage.change(here.id, delegation_id, form.given())
        except NotFound:
            raise
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            return to_one(delegation_id, Text("代表团已保存。", "The delegation is saved."))
    return _page(form, queries.delegation_or_404(here.id, delegation_id))


@pages.get(f"{ROOT}/<uuid:delegation_id>")
@requires(*READERS)
def delegation(series: str, delegation_id: UUID) -> ResponseReturnValue:
    """Its people and their states, its seats, its link."""
    return one_page(delegation_id)


def one_page(
    delegation_id: UUID, *, link: tuple[str, str] | None = None, extend: ExtendForm | None = None
) -> str:
    """link: the liaison's address and the text to pass on, once somebody asked for it."""
    here, now = guarded_series(), clock.now()
    found = queries.delegation_or_404(here.id, delegation_id)
    return render_template(
        "delegations/desk_one.html",
        grid=grid_of(found, now),
        delegation=found,
        came=who_came().get(found.id),
        may_act=may_act(),
        may_erase=principal().has_role(here.id, Role.ORGANISER),
        link=link,
        form=ConfirmForm(),
        extend=extend or ExtendForm(here.time_zone, found.edit_until),
    )


def _form(old: Delegation | None) -> DelegationForm:
    here = guarded_series()
    events = events_of(here.id)
    days = days_of_series([here.id]).get(here.id)
    pools = queries.pools_of([old.id])[old.id] if old else []
    return DelegationForm(
        zone=here.time_zone,
        events=events,
        categories=queries.reportable(here.id),
        old=old,
        pools=pools,
        until=days[0] if days else None,
    )


def _page(form: DelegationForm, old: Delegation | None) -> ResponseReturnValue:
    status = 422 if request.method == "POST" else 200
    page = render_template("delegations/desk_form.html", form=form, old=old, quota_key=quota_key)
    return page, status


def _blame(form: DelegationForm, refusal: Refusal) -> None:
    beside = [name for name in refusal.errors if name in form]
    for name in beside:
        for line in refusal.errors[name]:
            form.refuse(name, line)
    if not beside:
        form.form_errors.append(refusal.sentence)
