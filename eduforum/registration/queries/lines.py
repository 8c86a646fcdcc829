"""The waiting list: who is next, read a few at a time however long it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eduforum.core import faults
from eduforum.core.db import db
from eduforum.events.models import Event
from eduforum.registration.models import Pool, Registration, RegistrationEvent
from eduforum.registration.queries.pools import counted_in, quota
from eduforum.registration.rules import State, keeping_in

AT_ONCE = 50
"""How many people are read while seats are offered."""


def seatable(series_id: int, pools: Sequence[Pool], now: datetime) -> Sequence[Registration]:
    """Who in line has a seat in every pool, in the order in which seats are offered: the first
    `AT_ONCE`. Each is judged alone, so whoever is offered a seat may take it from the next.

    pools: all of the series. Where nobody waits for a full pool, it keeps nobody from a seat.
    """
    if not any(pool.waiting for pool in pools):
        return []
    full = [pool for pool in pools if pool.waiting and not quota(pool).free]
    to_come = (
        select(RegistrationEvent.registration_id)
        .join(Event, Event.id == RegistrationEvent.event_id)
        .where(Event.series_id == series_id, Event.ends_at > now)
    )
    return db.session.scalars(
        in_order(series_id)
        .where(
            Registration.id.in_(to_come),
            *(not_(shut) for shut in _shut(full, pools)),
        )
        .limit(AT_ONCE)
        .options(
            selectinload(Registration.events),
            selectinload(Registration.sessions),
            selectinload(Registration.options),
            joinedload(Registration.category),
        )
    ).all()


def in_order(series_id: int) -> Select[Registration]:
    """Everybody who waits: by priority, then by time."""
    place: tuple[Any, ...] = (
        Registration.priority.desc(),
        Registration.waiting_since,
        Registration.id,
    )
    if faults.active("last_comes_first"):
        place = (Registration.priority, Registration.waiting_since.desc(), Registration.id.desc())
    return (
        select(Registration)
        .where(Registration.series_id == series_id, Registration.state == State.WAITLISTED)
        .order_by(*place)
    )


def _shut(full: Sequence[Pool], pools: Sequence[Pool]) -> list[ColumnElement[bool]]:
    """For each full pool: who waits for it. Pools of many delegations are asked about together."""
    alike: dict[object, list[Pool]] = {}
    for pool in full:
        one_of_many = pool.delegation_id is not None and not _keeping(pool, pools)
        alike.setdefault(_but_for_delegation(pool) if one_of_many else pool.id, []).append(pool)
    found: list[ColumnElement[bool]] = []
    for group in alike.values():
        conditions = _counted_in_any(group) if len(group) > 1 else counted_in(group[0])
        kept = [and_(*counted_in(one)) for one in _keeping(group[0], pools)]
        if kept:
            conditions = [*conditions, not_(func.coalesce(or_(*kept), false()))]
        # What is not known (NULL) is not so: nobody without a delegation waits for its pool.
        found.append(func.coalesce(and_(*conditions), false()))
    return found


def _keeping(pool: Pool, pools: Sequence[Pool]) -> list[Pool]:
    """The pools that keep seats free in this one and have some left: their people are not shut
    out by it."""
    return [one for one in keeping_in(pool, pools) if one.held < one.size]


def _but_for_delegation(pool: Pool) -> object:
    return (pool.event_id, pool.session_id, pool.category_id, pool.mode, pool.invitation_id,
            pool.region, pool.option)  # fmt: skip


def _counted_in_any(alike: Sequence[Pool]) -> list[ColumnElement[bool]]:
    """As `counted_in`, for pools that differ by their delegation alone."""
    delegations = [pool.delegation_id for pool in alike]
    return [
        Registration.delegation_id.in_(delegations),
        *counted_in(alike[0], besides_delegation=True),
    ]


def waiting_for(pool: Pool, *, limit: int) -> Sequence[Registration]:
    """The first `limit` people who wait for this pool, in order."""
    return db.session.scalars(
        in_order(pool.series_id)
        .where(*counted_in(pool))
        .limit(limit)
        .options(
            selectinload(Registration.events),
            selectinload(Registration.sessions),
            selectinload(Registration.options),
            joinedload(Registration.category),
        )
    ).all()


def ends_of_line(series_id: int) -> tuple[int, int]:
    """The lowest and the highest priority among those who wait; 0 and 0 when nobody does."""
    row = db.session.execute(
        select(func.min(Registration.priority), func.max(Registration.priority)).where(
            Registration.series_id == series_id, Registration.state == State.WAITLISTED
        )
    ).one()
    return row[0] or 0, row[1] or 0
