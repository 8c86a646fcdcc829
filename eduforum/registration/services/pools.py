"""Pools: made, changed, released, and deleted while nobody needs them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.changes import Diff, apply
from eduforum.events.models import Region
from eduforum.events.queries import events_of
from eduforum.events.rules import InUse, Mode
from eduforum.registration.models import Category, Delegation, Invitation, Pool, Registration
from eduforum.registration.queries import counted_in, due_releases
from eduforum.registration.rules import IN_LINE, Scope, State, holds_a_seat, keeping_in, unused
from eduforum.registration.services import lines, seats
from eduforum.schedule.models import Session

_HOLD = [state for state in State if holds_a_seat(state, pending_holds=False)]
_PENDING = [state for state in State if holds_a_seat(state, pending_holds=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolInput:
    """A pool to make. What is None it does not ask for; `session_id` stands without `event_id`.

    reserving: its unused seats are kept free in the pools around it, until `release_at`.
    """

    name_zh: str
    name_en: str = ""
    event_id: int | None = None
    session_id: UUID | None = None
    category_id: int | None = None
    mode: Mode | None = None
    delegation_id: UUID | None = None
    invitation_id: UUID | None = None
    region: str | None = None
    option: str | None = None
    size: int
    waiting_limit: int | None = None
    reserving: bool = False
    release_at: datetime | None = None

    @property
    def scope(self) -> Scope:
        return Scope(
            event_id=self.event_id,
            session_id=self.session_id,
            category_id=self.category_id,
            mode=self.mode,
            delegation_id=self.delegation_id,
            invitation_id=self.invitation_id,
            region=self.region,
            option=self.option,
        )


@dataclass(frozen=True, slots=True)
class Keeping:
    """Whether a pool keeps its unused seats free for its people, and until when (None: always)."""

    reserving: bool
    release_at: datetime | None = None


def create_pool(series_id: int, given: PoolInput) -> Pool:
    """Make a pool. Whoever it counts holds a seat in it already, even above its size: nobody is
    un-seated, and those seats are not given again (`grandfathered`).

    Raises `BadInput` beside the field that is wrong.
    """
    _check_size(given.size, given.waiting_limit)
    with transaction():
        every_pool = seats.lock_all(series_id)
        _check_scope(series_id, given, every_pool)
        pool = Pool(series_id=series_id, held=0, waiting=0, grandfathered=0, blocked=0,
                    **asdict(given))  # fmt: skip
        with db.session.no_autoflush:
            pool.held, pool.waiting = counted(pool)
        _keep(pool, Keeping(given.reserving, given.release_at), [*every_pool, pool])
        db.session.add(pool)
        db.session.flush()
        audit.record(
            "pool.create",
            f"pool:{pool.id}",
            series_id=series_id,
            after={
                "name_zh": given.name_zh,
                "size": given.size,
                "waiting_limit": given.waiting_limit,
                "held": pool.held,
                "reserving": pool.reserving,
            },
        )
    return pool


def edit_pool(
    series_id: int,
    pool_id: int,
    name: Text,
    size: int,
    waiting_limit: int | None,
    keeping: Keeping | None = None,
) -> list[UUID]:
    """Change a pool's name, size and what it keeps free (None: as before); whom it counts stays.

    Returns who was offered a seat. Raises `NotFound`, `BadInput`.
    """
    _check_size(size, waiting_limit)
    with transaction():
        pool = _pool(pool_id, seats.lock_all(series_id))
        diff = apply(pool, {"name_zh": name.zh, "name_en": name.en})
        if diff:
            _record("pool.edit", pool, diff)
        if (pool.size, pool.waiting_limit) != (size, waiting_limit) or keeping is not None:
            return _resize(series_id, pool_id, size, waiting_limit, keeping)
    return []


def resize_pool(series_id: int, pool_id: int, size: int, waiting_limit: int | None) -> list[UUID]:
    """Change a pool's size. Lowering it below what is held un-seats nobody: those seats are
    grandfathered and not given again. Raising it offers the new seats to the line.

    Returns who was offered a seat. Raises `NotFound`, `BadInput`.
    """
    _check_size(size, waiting_limit)
    with transaction():
        return _resize(series_id, pool_id, size, waiting_limit, None)


def _resize(
    series_id: int, pool_id: int, size: int, waiting_limit: int | None, keeping: Keeping | None
) -> list[UUID]:
    every_pool = seats.lock_all(series_id)
    pool = _pool(pool_id, every_pool)
    kept = keeping or Keeping(pool.reserving, pool.release_at)
    wanted = {"size": size, "waiting_limit": waiting_limit, **asdict(kept)}
    diff = apply(pool, wanted)
    _keep(pool, kept, every_pool)
    db.session.flush()
    if diff:
        _record("pool.resize", pool, diff)
    return [person.id for person in lines.offer_line(series_id, every_pool)]


def delete_pool(series_id: int, pool_id: int) -> None:
    """Delete a pool in which nobody holds a seat or waits. Raises `InUse`, `NotFound`."""
    with transaction():
        every_pool = seats.lock_all(series_id)
        pool = _pool(pool_id, every_pool)
        if pool.held or pool.waiting:
            raise InUse(
                Text(
                    "已有 {n} 人占有席位或候补，不能删除。",
                    "{n} people hold a seat in it or wait for one, so it cannot be deleted.",
                ).fill(n=pool.held + pool.waiting)
            )
        audit.record(
            "pool.delete",
            f"pool:{pool_id}",
            series_id=series_id,
            before={"name_zh": pool.name_zh, "size": pool.size},
        )
        db.session.delete(pool)
        others = [one for one in every_pool if one is not pool]
        settle(others)
        db.session.flush()
        lines.offer_line(series_id, others)


def release_pool(series_id: int, pool_id: int) -> list[UUID]:
    """Give the unused seats of a reserving pool to everybody; it stays as a cap.

    Returns who in line was offered one. Raises `NotFound`.
    """
    with transaction():
        every_pool = seats.lock_all(series_id)
        pool = _pool(pool_id, every_pool)
        if not pool.reserving:
            return []
        freed = unused(pool.size, pool.held)
        pool.reserving = False
        settle(every_pool)
        db.session.flush()
        audit.record("pool.release", f"pool:{pool_id}", series_id=series_id,
                     after={"released": freed})  # fmt: skip
        return [person.id for person in lines.offer_line(series_id, every_pool)]


def release_due() -> int:
    """Release the pools whose date has come; how many."""
    due = due_releases(clock.now())
    with audit.acting_as("system"):
        for series_id, pool_id in due:
            release_pool(series_id, pool_id)
    return len(due)


def counted(pool: Pool) -> tuple[int, int]:
    """How many people hold a seat in a pool and how many wait, counted from the registrations."""
    pending = and_(Registration.state.in_(_PENDING), Category.pending_holds)
    held = func.count().filter(or_(Registration.state.in_(_HOLD), pending))
    waiting = func.count().filter(Registration.state.in_(IN_LINE))
    row = db.session.execute(
        select(held, waiting)
        .select_from(Registration)
        .join(Category, Category.id == Registration.category_id)
        .where(Registration.series_id == pool.series_id, *counted_in(pool))
    ).one()
    return row[0], row[1]


def count_anew(pools: Sequence[Pool]) -> None:
    """Count all (locked) pools of a series from its registrations."""
    with db.session.no_autoflush:
        for pool in pools:
            pool.held, pool.waiting = counted(pool)
        settle(pools)


def _keep(pool: Pool, keeping: Keeping, pools: Sequence[Pool]) -> None:
    """Let `pool` keep its seats free in the others, or no longer.

    Seats that do not exist are not promised: raises `BadInput` when a pool around it has too few.
    """
    pool.reserving, pool.release_at = keeping.reserving, keeping.release_at
    if pool.reserving:
        _check_keeping(pool, pools)
    before = {one.id: one.blocked for one in pools}
    settle(pools)
    for other in pools:
        more = other.blocked - before[other.id]
        if more > 0 and pool.reserving and other is not pool and other.grandfathered:
            left = max(0, other.size - other.held - before[other.id])
            raise _bad(
                "size",
                Text(
                    "“{pool}”只剩 {left} 席，不能再预留 {more} 席。",
                    "“{pool}” has {left} seats left, so {more} more cannot be kept free.",
                ).fill(pool=other.name, left=left, more=more),
            )


def _check_keeping(pool: Pool, pools: Collection[Pool]) -> None:
    if pool.delegation_id is None and pool.invitation_id is None and pool.region is None:
        raise _bad(
            "reserving",
            Text(
                "只有代表团、邀请或地区的名额才能预留。",
                "Only seats of a delegation, an invitation or a region are kept free.",
            ),
        )
    for other in pools:
        if other is pool or not other.reserving or _same_guests(pool, other):
            continue
        if other.scope.within(pool.scope) or pool.scope.within(other.scope):
            raise _bad(
                "reserving",
                Text(
                    "“{pool}”已为同一批人员预留名额，不能重复预留。",
                    "“{pool}” already keeps seats free for these people.",
                ).fill(pool=other.name),
            )
    if pool.release_at is not None and pool.release_at <= clock.now():
        raise _bad(
            "release_at",
            Text("释放时间须晚于现在。", "The date of release must lie in the future."),
        )


def _same_guests(pool: Pool, other: Pool) -> bool:
    """Seats of one invitation at several events lie in a pool of all of them (`withheld.keep`)."""
    return pool.invitation_id is not None and pool.scope.whom == other.scope.whom


def settle(pools: Sequence[Pool]) -> None:
    """Work out anew what every pool of the series keeps free for others. What was held and
    promised above a size stays so."""
    keeping = [pool for pool in pools if pool.reserving]
    for pool in pools:
        pool.blocked = sum(unused(one.size, one.held) for one in keeping_in(pool, keeping))
        pool.grandfathered = max(0, pool.held + pool.blocked - pool.size)


def _check_size(size: int, waiting_limit: int | None) -> None:
    for name, number in (("size", size), ("waiting_limit", waiting_limit)):
        if number is not None and number < 0:
            sentence = Text("请填写不小于 0 的整数。", "Enter a whole number, 0 or more.")
            raise _bad(name, sentence)


def _check_scope(series_id: int, given: PoolInput, pools: Collection[Pool]) -> None:
    """What the pool names is of this series, and no other pool counts the same people."""
    _check_named(Category, given.category_id, series_id)
    _check_named(Delegation, given.delegation_id, series_id)
    _check_named(Invitation, given.invitation_id, series_id)
    if given.event_id is not None and given.event_id not in {e.id for e in events_of(series_id)}:
        raise NotFound
    if given.session_id is not None:
        session = db.session.get(Session, given.session_id)
        if session is None or session.event.series_id != series_id:
            raise NotFound
    if given.region is not None and db.session.get(Region, given.region) is None:
        raise NotFound
    if any(pool.scope == given.scope for pool in pools):
        raise _bad(
            "place",
            Text(
                "已有范围相同的名额池，请修改它的数量。",
                "There is a pool for exactly these people; change its size instead.",
            ),
        )


_OfSeries = TypeVar("_OfSeries", Category, Delegation, Invitation)


def _check_named(kind: type[_OfSeries], key: int | UUID | None, series_id: int) -> None:
    if key is None:
        return
    row = db.session.get(kind, key, with_for_update=True, populate_existing=True)
    if row is None or row.series_id != series_id:
        raise NotFound


def _pool(pool_id: int, pools: Collection[Pool]) -> Pool:
    pool = next((one for one in pools if one.id == pool_id), None)
    if pool is None:
        raise NotFound
    return pool


def _record(action: str, pool: Pool, diff: Diff) -> None:
    audit.record(
        action,
        f"pool:{pool.id}",
        series_id=pool.series_id,
        before=diff.before,
        after=diff.after,
    )


def _bad(field_name: str, sentence: Text) -> BadInput:
    return BadInput(sentence, {field_name: [sentence]})
