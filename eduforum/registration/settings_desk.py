"""The desk's pages of categories and pools."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import BadInput, NotFound, Refusal
from eduforum.core.i18n import Text, plural
from eduforum.events.access import guarded_series
from eduforum.events.models import Event, Region
from eduforum.events.queries import events_of
from eduforum.events.rules import MODE_NAMES
from eduforum.questions.queries import forms_of, options_of
from eduforum.registration.desk.detail import place_of
from eduforum.registration.models import Category, Delegation, Invitation, Pool
from eduforum.registration.queries import categories_of, for_everybody, quota
from eduforum.registration.rules import ADMISSION_NAMES, Admission, InvitationKind
from eduforum.registration.services import pools, settings
from eduforum.registration.settings_forms import CategoryForm, NewPoolForm, PoolForm, whom_choices
from eduforum.schedule.models import Session
from eduforum.web.access import Role, requires
from eduforum.web.forms import Form

pages = Blueprint("registration_settings", __name__)

_MOST_INVITATIONS = 300
_ROOT = "/desk/s/<series>/settings/categories"


@pages.get(_ROOT)
@requires(Role.ORGANISER)
def categories(series: str) -> ResponseReturnValue:
    here = guarded_series()
    held = db.session.scalars(
        select(Pool)
        .outerjoin(Invitation, Invitation.id == Pool.invitation_id)
        .where(
            Pool.series_id == here.id,
            # Seats that are kept for one guest each are told with the invitations.
            or_(Invitation.id.is_(None), Invitation.kind == InvitationKind.CODE),
        )
        .order_by(Pool.id)
        .options(
            joinedload(Pool.event),
            joinedload(Pool.session).joinedload(Session.room),
            joinedload(Pool.category),
            joinedload(Pool.delegation),
            joinedload(Pool.invitation),
        )
    ).all()
    return render_template(
        "registration/desk_categories.html",
        categories=categories_of(here.id),
        pools=held,
        place_of=place_of,
        options=options_of(here.id),
        whose=_Whose(),
        quota=quota,
        for_everybody=for_everybody,
        admissions=ADMISSION_NAMES,
        modes=MODE_NAMES,
        now=clock.now(),
    )


@pages.route(f"{_ROOT}/new", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new_category(series: str) -> ResponseReturnValue:
    here = guarded_series()
    choosable = events_of(here.id)
    form = CategoryForm(
        zone=here.time_zone, choosable=choosable, old=None, forms=forms_of(here.id),
        data=_usual(choosable),
    )  # fmt: skip
    if form.validate_on_submit():
        try:
            settings.create_category(here.id, form.code.data, form.category_input())
        except BadInput as refusal:
            _blame(form, refusal)
        else:
            return _done(
                Text("已新建类别。请为它设置名额。", "The category is made. Give it seats.")
            )
    return _form("desk_category", form, old=None)


@pages.route(f"{_ROOT}/<int:category_id>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def edit_category(series: str, category_id: int) -> ResponseReturnValue:
    here, old = guarded_series(), _category(category_id)
    form = CategoryForm(zone=here.time_zone, choosable=events_of(here.id), old=old,
                        forms=forms_of(here.id))  # fmt: skip
    if form.validate_on_submit():
        try:
            settings.edit_category(here.id, category_id, form.category_input())
        except BadInput as refusal:
            _blame(form, refusal)
        else:
            return _done(Text("类别已保存。", "The category is saved."))
    return _form("desk_category", form, old=_category(category_id))


@pages.post(f"{_ROOT}/<int:category_id>/delete")
@requires(Role.ORGANISER)
def delete_category(series: str, category_id: int) -> ResponseReturnValue:
    try:
        settings.delete_category(guarded_series().id, category_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return _done(refusal.sentence, "bad")
    return _done(Text("类别已删除。", "The category is deleted."))


@pages.route(f"{_ROOT}/pools/new", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new_pool(series: str) -> ResponseReturnValue:
    here = guarded_series()
    form = NewPoolForm(
        categories=categories_of(here.id),
        choosable=events_of(here.id),
        sessions=_sessions(here.id),
        options=options_of(here.id),
        whom=whom_choices(_regions(), _delegations(here.id), _invitations(here.id)),
        zone=here.time_zone,
        data=_wanted_pool(),
    )
    if form.validate_on_submit():
        try:
            made = pools.create_pool(here.id, form.pool_input())
        except BadInput as refusal:
            _blame(form, refusal)
        else:
            return _done(
                plural(
                    made.held,
                    "已新建名额池，现有 {n} 人计入。",
                    "The pool is made; {n} person counts in it.",
                    "The pool is made; {n} people count in it.",
                )
            )
    return _form("desk_pool", form, old=None)


@pages.route(f"{_ROOT}/pools/<int:pool_id>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def edit_pool(series: str, pool_id: int) -> ResponseReturnValue:
    here, old = guarded_series(), _pool(pool_id)
    form = PoolForm.of(old, here.time_zone)
    names_somebody = not for_everybody(old)
    if form.validate_on_submit():
        name = Text(form.name_zh.data, form.name_en.data or "")
        try:
            offered = pools.edit_pool(
                here.id,
                pool_id,
                name,
                int(form.size.data),
                form.limit,
                form.keeping if names_somebody else None,
            )
        except BadInput as refusal:
            _blame(form, refusal)
        else:
            return _done(
                plural(
                    len(offered),
                    "名额池已保存，已向 {n} 位候补人员发出席位。",
                    "The pool is saved; {n} person in line was offered a seat.",
                    "The pool is saved; {n} people in line were offered a seat.",
                )
                if offered
                else Text("名额池已保存。", "The pool is saved.")
            )
    return _form("desk_pool", form, old=_pool(pool_id))


@pages.post(f"{_ROOT}/pools/<int:pool_id>/release")
@requires(Role.ORGANISER)
def release_pool(series: str, pool_id: int) -> ResponseReturnValue:
    """Give what a pool keeps free to everybody, now."""
    offered = pools.release_pool(guarded_series().id, pool_id)
    return _done(
        plural(
            len(offered),
            "预留席位已释放，已向 {n} 位候补人员发出席位。",
            "The seats are released; {n} person in line was offered one.",
            "The seats are released; {n} people in line were offered one.",
        )
        if offered
        else Text("预留席位已释放。", "The seats are released.")
    )


@pages.post(f"{_ROOT}/pools/<int:pool_id>/delete")
@requires(Role.ORGANISER)
def delete_pool(series: str, pool_id: int) -> ResponseReturnValue:
    try:
        pools.delete_pool(guarded_series().id, pool_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return _done(refusal.sentence, "bad")
    return _done(Text("名额池已删除。", "The pool is deleted."))


def _usual(choosable: Sequence[Event]) -> dict[str, object]:
    """What a new category starts with: open from now until its series begins."""
    starts = min((event.starts_at for event in choosable), default=None)
    return {
        "admission": Admission.BY_APPROVAL.value,
        "opens_at": clock.now(),
        "closes_at": starts,
        "edit_until": starts,
        "offer_hours": "12",
        "pending_holds": True,
    }


def _wanted_pool() -> dict[str, str]:
    """A link beside a category names it."""
    return {
        "category": request.args.get("category", ""),
        "option": request.args.get("option", ""),
    }


def _sessions(series_id: int) -> Sequence[Session]:
    return db.session.scalars(
        select(Session)
        .join(Event)
        .where(Event.series_id == series_id, Session.cancelled.is_(False))
        .order_by(Session.starts_at, Session.position)
    ).all()


class _Whose:
    """In words: for whom a pool is, besides category, place and mode."""

    def __init__(self) -> None:
        self.regions = {one.code: one.name for one in _regions()}

    def __call__(self, pool: Pool) -> Text | None:
        if pool.delegation is not None:
            return Text(pool.delegation.unit, pool.delegation.unit)
        if pool.invitation is not None:
            name = pool.invitation.code or pool.invitation.name
            return Text("邀请 {name}", "Invitation {name}").fill(name=name)
        return self.regions.get(pool.region) if pool.region else None


def _regions() -> Sequence[Region]:
    return db.session.scalars(select(Region).order_by(Region.position)).all()


def _delegations(series_id: int) -> Sequence[Delegation]:
    return db.session.scalars(
        select(Delegation)
        .where(Delegation.series_id == series_id, Delegation.revoked_at.is_(None))
        .order_by(Delegation.unit)
    ).all()


def _invitations(series_id: int) -> Sequence[Invitation]:
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.series_id == series_id)
        .order_by(Invitation.code.desc(), Invitation.name)
        .limit(_MOST_INVITATIONS)
    ).all()


def _category(category_id: int) -> Category:
    found = [one for one in categories_of(guarded_series().id) if one.id == category_id]
    if not found:
        raise NotFound
    return found[0]


def _pool(pool_id: int) -> Pool:
    pool = db.session.get(Pool, pool_id)
    if pool is None or pool.series_id != guarded_series().id:
        raise NotFound
    return pool


def _blame(form: Form, refusal: BadInput) -> None:
    for name, lines in refusal.errors.items():
        for sentence in lines:
            form.refuse(name, sentence)


def _form(template: str, form: Form, old: object) -> ResponseReturnValue:
    page = render_template(f"registration/{template}.html", form=form, old=old, place_of=place_of,
                           modes=MODE_NAMES, options=options_of(guarded_series().id), whose=_Whose(),
                           for_everybody=for_everybody)  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _done(told: Text, tone: str = "ok") -> ResponseReturnValue:
    flash(str(told), tone)
    return redirect(url_for(".categories", series=guarded_series().slug), 303)
