"""Named reads and locks of registrations, categories and pools. Never writes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eduforum.core import faults
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.signing import Purpose, read_link_secret
from eduforum.events.models import Event
from eduforum.events.rules import EventState, Mode
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.rules import BLOCKS_ANOTHER, Admission, Quota, State


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


def registration_or_404(series_id: int, registration_id: UUID) -> Registration:
    found = db.session.scalar(
        select(Registration)
        .where(Registration.series_id == series_id, Registration.id == registration_id)
        .options(*_WHOLE)
    )
    if found is None:
        raise NotFound
    return found


def reachable_or_404(series_ids: Collection[int], registration_id: UUID) -> Registration:
    """The registration, if it belongs to one of the series."""
    found = db.session.scalar(
        select(Registration)
        .where(Registration.series_id.in_(series_ids), Registration.id == registration_id)
        .options(*_WHOLE)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list of changes: behind the registration `id` that changed `at`."""

    at: datetime
    id: UUID


def listed(
    wanted: Sequence[ColumnElement[bool]], *, after: Position | None, limit: int
) -> Sequence[Registration]:
    """Registrations that fit, the longest unchanged first: what changes meanwhile comes later."""
    found = select(Registration).where(*wanted)
    if after is not None:
        here = Registration.updated_at == after.at
        found = found.where(
            or_(Registration.updated_at > after.at, here & (Registration.id > after.id))
        )
    order = (Registration.updated_at, Registration.id)
    return db.session.scalars(found.order_by(*order).limit(limit).options(*_WHOLE)).all()


def by_link(secret: str) -> Registration:
    """The registration behind a personal link. Raises `NotFound` for any other secret."""
    opened = read_link_secret(Purpose.REGISTRATION, secret)
    if opened is None:
        raise NotFound
    found = db.session.scalar(
        select(Registration).where(Registration.id == opened[0]).options(*_WHOLE)
    )
    if found is None or found.link_version != opened[1]:
        raise NotFound
    return found


def locked_registration(series_id: int, registration_id: UUID) -> Registration:
    """The registration as it is now, locked until the transaction ends."""
    found = db.session.scalar(
        select(Registration)
        .where(Registration.series_id == series_id, Registration.id == registration_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def names_of(series_id: int, ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = db.session.execute(
        select(Registration.id, Registration.name).where(
            Registration.series_id == series_id, Registration.id.in_(list(ids))
        )
    )
    return dict(rows.all())


def categories_of(series_id: int) -> Sequence[Category]:
    """The categories of a series with their events, in the organisers' order."""
    return db.session.scalars(
        select(Category)
        .where(Category.series_id == series_id)
        .order_by(Category.position, Category.id)
        .options(selectinload(Category.events))
    ).all()


def category_by_code(series_id: int, code: str) -> Category | None:
    return db.session.scalar(
        select(Category)
        .where(Category.series_id == series_id, Category.code == code)
        .options(selectinload(Category.events))
    )


def pools_of(series_id: int) -> Sequence[Pool]:
    return db.session.scalars(
        select(Pool)
        .where(Pool.series_id == series_id)
        .order_by(Pool.id)
        .options(joinedload(Pool.session))
    ).all()


def pools_counting(
    series_id: int,
    category_id: int,
    event_ids: Iterable[int],
    session_ids: Iterable[UUID],
    mode: Mode,
) -> Select[Pool]:
    """The pools that such a registration counts in, in the order in which they are locked."""
    return (
        select(Pool)
        .where(
            Pool.series_id == series_id,
            or_(Pool.category_id.is_(None), Pool.category_id == category_id),
            or_(Pool.event_id.is_(None), Pool.event_id.in_(list(event_ids))),
            or_(Pool.session_id.is_(None), Pool.session_id.in_(list(session_ids))),
            or_(Pool.mode.is_(None), Pool.mode == mode),
        )
        .order_by(Pool.id)
    )


def counts_in(pool: Pool, registration: Registration) -> bool:
    """Whether `registration` counts in `pool`: what `pools_counting` says in SQL."""
    return (
        pool.category_id in (None, registration.category_id)
        and pool.mode in (None, registration.mode)
        and (pool.event_id is None or pool.event_id in {e.id for e in registration.events})
        and (pool.session_id is None or pool.session_id in {s.id for s in registration.sessions})
    )


def series_with_a_line() -> Sequence[int]:
    """Series in which somebody waits for a seat."""
    return db.session.scalars(select(Pool.series_id).where(Pool.waiting > 0).distinct()).all()


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
    return rows


def quota(pool: Pool) -> Quota:
    return Quota(
        name=pool.name,
        size=pool.size,
        held=pool.held,
        waiting=pool.waiting,
        waiting_limit=pool.waiting_limit,
    )


def same_person(
    series_id: int, name_key: str, mobile: str, email: str, *, besides: UUID | None = None
) -> Sequence[Registration]:
    """Registrations of the same person in the series, newest first: same name and same contact."""
    contact = [
        column == value
        for column, value in ((Registration.mobile, mobile), (Registration.email, email))
        if value
    ]
    if not contact:
        return []
    found = select(Registration).where(
        Registration.series_id == series_id, Registration.name_key == name_key, or_(*contact)
    )
    if besides:
        found = found.where(Registration.id != besides)
    return db.session.scalars(found.order_by(Registration.applied_at.desc())).all()


def blocking(people: Iterable[Registration]) -> Registration | None:
    """The registration among `people` that leaves no room for another."""
    return next((person for person in people if person.state in BLOCKS_ANOTHER), None)


def line(series_id: int) -> Sequence[Registration]:
    """Everybody who waits, in the order in which seats are offered."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.series_id == series_id, Registration.state == State.WAITLISTED)
        .order_by(Registration.priority.desc(), Registration.waiting_since, Registration.id)
        .options(
            selectinload(Registration.events),
            selectinload(Registration.sessions),
            joinedload(Registration.category),
        )
    ).all()


def expired_offers(now: datetime) -> Sequence[tuple[int, UUID]]:
    rows = db.session.execute(
        select(Registration.series_id, Registration.id)
        .where(Registration.state == State.OFFERED, Registration.offer_expires_at <= now)
        .order_by(Registration.offer_expires_at)
        .limit(200)
    )
    return [(series_id, registration_id) for series_id, registration_id in rows]


def seats(
    category: Category, pools: Sequence[Pool], now: datetime, *, mode: Mode = Mode.ONSITE
) -> dict[int, EventSeats]:
    """Seats for `category` at each of its events, from the series' `pools` (see `pools_of`)."""
    counted = [
        pool
        for pool in pools
        if pool.category_id in (None, category.id)
        and pool.session_id is None
        and pool.mode in (None, mode)
    ]
    is_open = category.opens_at <= now < category.closes_at
    return {event.id: _seats_of(event, counted, is_open, now) for event in category.events}


def _seats_of(event: Event, counted: Sequence[Pool], is_open: bool, now: datetime) -> EventSeats:
    here = [quota(pool) for pool in counted if pool.event_id in (None, event.id)]
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


def is_public(category: Category) -> bool:
    """Whether people register for this category by themselves."""
    return category.admission in (Admission.OPEN, Admission.BY_APPROVAL)


_WHOLE = (
    joinedload(Registration.series),
    joinedload(Registration.category),
    joinedload(Registration.ticket),
    selectinload(Registration.events),
    selectinload(Registration.sessions),
)
