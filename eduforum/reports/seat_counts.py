"""The numbers that pools keep, counted anew: each is one statement, of one moment."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from eduforum.core.db import db
from eduforum.registration.models import (
    Category,
    Invitation,
    Pool,
    Registration,
    RegistrationEvent,
    RegistrationOption,
    RegistrationSession,
)
from eduforum.registration.rules import IN_LINE, KEEPS_A_USE, State, holds_a_seat

_ALWAYS = [state for state in State if holds_a_seat(state, pending_holds=False)]
_PENDING = [state for state in State if holds_a_seat(state, pending_holds=True)]


def pools_not_over(_now: datetime) -> list[str]:
    over = Pool.held + Pool.blocked > Pool.size + Pool.grandfathered
    return [f"pool:{one}" for one in db.session.scalars(select(Pool.id).where(over))]


def pools_held(_now: datetime) -> list[str]:
    by_pending = and_(Registration.state.in_(_PENDING), Category.pending_holds)
    return _miscounted(Pool.held, or_(Registration.state.in_(_ALWAYS), by_pending))


def pools_waiting(_now: datetime) -> list[str]:
    return _miscounted(Pool.waiting, Registration.state.in_(IN_LINE))


def _miscounted(kept: Any, counts_here: ColumnElement[bool]) -> list[str]:
    """Pools whose number is not that of the registrations that count in them."""
    chose = select(literal(1)).where(
        RegistrationEvent.registration_id == Registration.id,
        RegistrationEvent.event_id == Pool.event_id,
    )
    signed = select(literal(1)).where(
        RegistrationSession.registration_id == Registration.id,
        RegistrationSession.session_id == Pool.session_id,
    )
    said = select(literal(1)).where(
        RegistrationOption.registration_id == Registration.id,
        RegistrationOption.option == Pool.option,
    )
    belongs = and_(
        Registration.series_id == Pool.series_id,
        or_(Pool.category_id.is_(None), Pool.category_id == Registration.category_id),
        or_(Pool.mode.is_(None), Pool.mode == Registration.mode),
        or_(Pool.delegation_id.is_(None), Pool.delegation_id == Registration.delegation_id),
        or_(Pool.invitation_id.is_(None), Pool.invitation_id == Registration.invitation_id),
        or_(Pool.region.is_(None), Pool.region == Registration.region),
        or_(Pool.event_id.is_(None), chose.exists()),
        or_(Pool.session_id.is_(None), signed.exists()),
        or_(Pool.option.is_(None), said.exists()),
    )
    counted = func.coalesce(func.sum(case((counts_here, 1), else_=0)), 0)
    rows = db.session.execute(
        select(Pool.id, kept, counted)
        .outerjoin(Registration, belongs)
        .outerjoin(Category, Category.id == Registration.category_id)
        .group_by(Pool.id, kept)
        .having(kept != counted)
    )
    return [f"pool:{pool_id} says {said}, counted {number}" for pool_id, said, number in rows]


def pools_blocked(_now: datetime) -> list[str]:
    """As `keeping_in` and `unused` say it, for all pools at once."""
    inner, between = aliased(Pool), aliased(Pool)
    nested = select(literal(1)).where(
        _inside(inner, between), _inside(between, Pool), *_for_the_same(inner, between)
    )
    keeps = and_(_inside(inner, Pool), ~Pool.reserving, ~nested.correlate(Pool, inner).exists())
    kept = case((inner.size > inner.held, inner.size - inner.held), else_=0)
    counted = func.coalesce(func.sum(kept), 0)
    rows = db.session.execute(
        select(Pool.id, Pool.blocked, counted)
        .outerjoin(inner, keeps)
        .group_by(Pool.id, Pool.blocked)
        .having(Pool.blocked != counted)
    )
    return [f"pool:{pool_id} says {said}, counted {number}" for pool_id, said, number in rows]


_DIMENSIONS = ("event_id", "session_id", "category_id", "mode", "delegation_id", "invitation_id",
               "region", "option")  # fmt: skip


def _inside(inner: Any, outer: Any) -> ColumnElement[bool]:
    """As `Scope.within` says it, for a pool that keeps its seats free."""
    named = [(getattr(outer, name), getattr(inner, name)) for name in _DIMENSIONS]
    return and_(
        inner.series_id == outer.series_id,
        inner.id != outer.id,
        inner.reserving,
        *(or_(outside.is_(None), outside == inside) for outside, inside in named),
    )


def _for_the_same(inner: Any, outer: Any) -> list[ColumnElement[bool]]:
    """As `Scope.whom` says it."""
    return [
        getattr(inner, name).is_not_distinct_from(getattr(outer, name))
        for name in ("delegation_id", "invitation_id", "region")
    ]


def invitations_used(_now: datetime) -> list[str]:
    """Invitations whose uses are not the registrations that came by them."""
    keeps = Registration.state.in_(KEEPS_A_USE)
    counted = func.coalesce(func.sum(case((keeps, 1), else_=0)), 0)
    rows = db.session.execute(
        select(Invitation.id, Invitation.used, counted)
        .outerjoin(Registration, Registration.invitation_id == Invitation.id)
        .group_by(Invitation.id, Invitation.used)
        .having(Invitation.used != counted)
    )
    return [f"invitation:{key} says {said}, counted {number}" for key, said, number in rows]
