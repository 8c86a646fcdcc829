"""Named reads and locks of pools, and what they say about free seats."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import joinedload

from eduforum.core import faults
from eduforum.core.db import db
from eduforum.events.models import Event
from eduforum.events.rules import EventState, Mode
from eduforum.registration.models import (
    Category,
    Pool,
    Registration,
    RegistrationEvent,
    RegistrationOption,
    RegistrationSession,
)
from eduforum.registration.rules import Quota, keeping_in, unused


@dataclass(frozen=True, slots=True)
class EventSeats:
    """How many seats an event has for one category: the least of its pools, the longest line
    among those that are full.

    free: None where no pool counts. size: of the pool with the least free seats.
    waiting_limit: None is unlimited.
    state: `open`, `full` (waiting_limit says whether one may wait) or `closed`.
    """

    free: int | None
    size: int
    waiting: int
    waiting_limit: int | None
    state: str

    @property
    def may_wait(self) -> bool:
        return self.waiting_limit is None or self.waiting < self.waiting_limit


def pools_of(series_id: int) -> Sequence[Pool]:
    return db.session.scalars(
        select(Pool)
        .where(Pool.series_id == series_id)
        .order_by(Pool.id)
        .options(joinedload(Pool.session))
    ).all()


_COUNTING = (
    select(Pool)
    .where(
        Pool.series_id == bindparam("series_id"),
        or_(Pool.category_id.is_(None), Pool.category_id == bindparam("category_id")),
        or_(Pool.event_id.is_(None), Pool.event_id.in_(bindparam("event_ids", expanding=True))),
        or_(
            Pool.session_id.is_(None),
            Pool.session_id.in_(bindparam("session_ids", expanding=True)),
        ),
        or_(Pool.mode.is_(None), Pool.mode == bindparam("mode")),
        or_(Pool.delegation_id.is_(None), Pool.delegation_id == bindparam("delegation_id")),
        or_(Pool.invitation_id.is_(None), Pool.invitation_id == bindparam("invitation_id")),
        or_(Pool.region.is_(None), Pool.region == bindparam("region")),
        or_(Pool.option.is_(None), Pool.option.in_(bindparam("options", expanding=True))),
    )
    .order_by(Pool.id)
)


def pools_counting(
    series_id: int,
    category_id: int,
    event_ids: Iterable[int],
    session_ids: Iterable[UUID],
    mode: Mode,
    *,
    delegation_id: UUID | None,
    invitation_id: UUID | None,
    region: str,
    options: Iterable[str] = (),
) -> Select[Pool]:
    """The pools that such a registration counts in, in the order in which they are locked."""
    return _COUNTING.params(
        series_id=series_id,
        category_id=category_id,
        event_ids=list(event_ids),
        session_ids=list(session_ids),
        mode=mode,
        delegation_id=delegation_id,
        invitation_id=invitation_id,
        region=region,
        options=list(options),
    )


def pools_around(registration: Registration) -> Select[Pool]:
    """The pools that this registration counts in, as it is now."""
    return pools_counting(
        registration.series_id,
        registration.category_id,
        [event.id for event in registration.events],
        [session.id for session in registration.sessions],
        registration.mode,
        delegation_id=registration.delegation_id,
        invitation_id=registration.invitation_id,
        region=registration.region,
        options=registration.option_names,
    )


def counts_in(pool: Pool, registration: Registration) -> bool:
    """Whether `registration` counts in `pool`: what `pools_counting` says in SQL."""
    return (
        pool.category_id in (None, registration.category_id)
        and pool.mode in (None, registration.mode)
        and pool.delegation_id in (None, registration.delegation_id)
        and pool.invitation_id in (None, registration.invitation_id)
        and pool.region in (None, registration.region)
        and (pool.option is None or pool.option in registration.option_names)
        and (pool.event_id is None or pool.event_id in {e.id for e in registration.events})
        and (pool.session_id is None or pool.session_id in {s.id for s in registration.sessions})
    )


def counted_in(pool: Pool, *, besides_delegation: bool = False) -> list[ColumnElement[bool]]:
    """Which registrations of the series count in `pool`: the same as `counts_in`, as conditions.

    besides_delegation: whatever their delegation.
    """
    plain = (
        (Registration.category_id, pool.category_id),
        (Registration.mode, pool.mode),
        (Registration.delegation_id, None if besides_delegation else pool.delegation_id),
        (Registration.invitation_id, pool.invitation_id),
        (Registration.region, pool.region),
    )
    found: list[ColumnElement[bool]] = [
        column == wanted for column, wanted in plain if wanted is not None
    ]
    if pool.option is not None:
        said = select(RegistrationOption.registration_id)
        found.append(Registration.id.in_(said.where(RegistrationOption.option == pool.option)))
    if pool.event_id is not None:
        chose = select(RegistrationEvent.registration_id)
        found.append(Registration.id.in_(chose.where(RegistrationEvent.event_id == pool.event_id)))
    if pool.session_id is not None:
        signed = select(RegistrationSession.registration_id)
        found.append(
            Registration.id.in_(signed.where(RegistrationSession.session_id == pool.session_id))
        )
    return found


def series_with_a_line() -> Sequence[int]:
    """Series in which somebody waits for a seat."""
    return db.session.scalars(select(Pool.series_id).where(Pool.waiting > 0).distinct()).all()


def due_releases(now: datetime) -> Sequence[tuple[int, int]]:
    """(series_id, pool_id) of pools that keep their seats free until before `now`."""
    rows = db.session.execute(
        select(Pool.series_id, Pool.id)
        .where(Pool.reserving, Pool.release_at <= now)
        .order_by(Pool.release_at, Pool.id)
        .limit(200)
    )
    return [(series_id, pool_id) for series_id, pool_id in rows]


def locked(pools: Select[Pool]) -> list[Pool]:
    """Lock these pools until the transaction ends, and read them as they are then.

    Every change of seats starts here, so two people never get the last seat.
    """
    if faults.active("skip_lock"):
        return _unlocked(pools)
    return list(
        db.session.scalars(pools.with_for_update().execution_options(populate_existing=True))
    )


def _unlocked(pools: Select[Pool]) -> list[Pool]:
    """What the reliability tests switch on to see that they would notice: an old reading."""
    with db.engine.connect() as aside:
        seen = {row.id: row for row in aside.execute(pools.with_only_columns(*Pool.__table__.c))}
    faults.sleep_if("sleep_after_check")
    rows = list(db.session.scalars(pools.where(Pool.id.in_(seen))))
    for pool in rows:
        db.session.expunge(pool)
        pool.held, pool.waiting = seen[pool.id].held, seen[pool.id].waiting
        pool.blocked = seen[pool.id].blocked
    return rows


def quotas(pools: Sequence[Pool]) -> list[Quota]:
    """The pools as somebody sees them who counts in all of them: what is kept for him is free."""
    keeping = [pool for pool in pools if pool.reserving]
    return [quota(pool, keeping) for pool in pools]


def quota(pool: Pool, mine: Sequence[Pool] = ()) -> Quota:
    """How full `pool` is. mine: reserving pools that the person counts in."""
    kept = [unused(one.size, one.held) for one in keeping_in(pool, mine)]
    return Quota(
        name=pool.name,
        size=pool.size,
        held=pool.held,
        waiting=pool.waiting,
        waiting_limit=pool.waiting_limit,
        blocked=pool.blocked,
        promised=max(kept, default=0),
    )


def seats(
    category: Category,
    pools: Sequence[Pool],
    now: datetime,
    *,
    mode: Mode = Mode.ONSITE,
    invitation_id: UUID | None = None,
) -> dict[int, EventSeats]:
    """Seats for `category` at each of its events, from the series' `pools` (see `pools_of`).

    invitation_id: of whoever asks; what is kept for it is free.
    """
    counted = [
        pool
        for pool in pools
        if pool.category_id in (None, category.id)
        and pool.session_id is None
        and pool.mode in (None, mode)
        and for_everybody(pool, invitation_id)
    ]
    is_open = category.opens_at <= now < category.closes_at
    return {event.id: _seats_of(event, counted, is_open, now) for event in category.events}


def for_everybody(pool: Pool, invitation_id: UUID | None = None) -> bool:
    """Whether the pool asks for no delegation, region, answer, or invitation but this one."""
    named = (pool.delegation_id, pool.region, pool.option)
    return all(one is None for one in named) and pool.invitation_id in (None, invitation_id)


def _seats_of(event: Event, counted: Sequence[Pool], is_open: bool, now: datetime) -> EventSeats:
    mine = [pool for pool in counted if pool.event_id in (None, event.id)]
    here = quotas(mine)
    running = event.state is EventState.SCHEDULED and now < event.ends_at
    if not here:
        return EventSeats(None, 0, 0, None, "open" if is_open and running else "closed")
    least = min(here, key=lambda q: q.free)
    limits = [q.waiting_limit for q in here if q.waiting_limit is not None]
    state = "closed" if not (is_open and running) else "open" if least.free else "full"
    return EventSeats(
        free=least.free,
        size=least.size,
        waiting=max((q.waiting for q in here if not q.free), default=0),
        waiting_limit=min(limits) if limits else None,
        state=state,
    )
