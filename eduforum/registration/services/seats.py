"""Seats: taken and given back, in every pool that a registration counts in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm.attributes import set_committed_value

from eduforum.core.db import db, table_of
from eduforum.registration.models import Pool, Registration
from eduforum.registration.queries import locked, pools_around
from eduforum.registration.rules import PoolFull, State, holds_a_seat, keeping_in, unused


def lock_all(series_id: int) -> list[Pool]:
    """Lock every pool of the series: whoever gives back a seat may have to pass it to anybody."""
    return locked(select(Pool).where(Pool.series_id == series_id).order_by(Pool.id))


def counting(registration: Registration) -> list[Pool]:
    """The pools that this registration counts in, locked."""
    return locked(pools_around(registration))


@dataclass(frozen=True, slots=True)
class Change:
    """What a locked pool gains (or loses, below 0): people who hold a seat, people who wait."""

    pool: Pool
    held: int = 0
    waiting: int = 0

    @property
    def unused(self) -> int:
        """How many more seats of the pool are unused afterwards."""
        pool = self.pool
        return unused(pool.size, pool.held + self.held) - unused(pool.size, pool.held)


def count(pools: Sequence[Pool], *, held: int = 0, waiting: int = 0, over: bool = False) -> None:
    """Add to what is held and to who waits in each of `pools`, as `shift` does."""
    shift([Change(pool, int(held), int(waiting)) for pool in pools], over=over)


def shift(changes: Sequence[Change], *, over: bool = False) -> None:
    """Count `changes` together: of one registration, in every pool that it counts or counted in.

    A seat of a reserving pool that is taken is no longer kept free in the pools around it, one
    that is given back is kept again. A seat above the size does not come again
    (`grandfathered`). Raises `PoolFull`, naming the first pool that has no room; the database
    refuses as well.

    over: where there is no room a seat above the size is made, which does not come again either.
    """
    unused_by = {change.pool.id: change.unused for change in changes}
    here = [change.pool for change in changes]
    blocked = {pool.id: sum(unused_by[one.id] for one in keeping_in(pool, here)) for pool in here}
    for change in changes:
        pool, more = change.pool, change.held + blocked[change.pool.id]
        if not over and more > 0 and pool.held + pool.blocked + more > pool.size:
            raise PoolFull(pool.name)
    alike: dict[tuple[int, int, int], list[Pool]] = {}
    for change in changes:
        by = (change.held, change.waiting, blocked[change.pool.id])
        alike.setdefault(by, []).append(change.pool)
    for (held, waiting, kept), pools in alike.items():
        if held or waiting or kept:
            _add(pools, held, waiting, kept, over=over)


def _add(pools: Sequence[Pool], held: int, waiting: int, blocked: int, *, over: bool) -> None:
    by = {"more_held": held, "more_waiting": waiting, "more_blocked": blocked}
    anew = over or held + blocked < 0
    change = _COUNT_ABOVE if anew else _COUNT
    db.session.execute(change, by | {"ids": [pool.id for pool in pools]})
    for pool in pools:
        _know(pool, held, waiting, blocked, anew=anew)


_P = table_of(Pool).c
_HELD, _BLOCKED = _P.held + bindparam("more_held"), _P.blocked + bindparam("more_blocked")
_OVER = _HELD + _BLOCKED - _P.size
_COUNT = (
    update(table_of(Pool))
    .where(_P.id.in_(bindparam("ids", expanding=True)))
    .values(held=_HELD, waiting=_P.waiting + bindparam("more_waiting"), blocked=_BLOCKED)
)
_COUNT_ABOVE = _COUNT.values(grandfathered=case((_OVER > 0, _OVER), else_=0))


def _know(pool: Pool, held: int, waiting: int, blocked: int, *, anew: bool) -> None:
    """What the database just counted, without reading it again: the pool is locked."""
    set_committed_value(pool, "held", pool.held + held)
    set_committed_value(pool, "waiting", pool.waiting + waiting)
    set_committed_value(pool, "blocked", pool.blocked + blocked)
    if anew:
        over = max(0, pool.held + pool.blocked - pool.size)
        set_committed_value(pool, "grandfathered", over)


def move(registration: Registration, pools: Sequence[Pool], before: State) -> bool:
    """Count a registration that went from `before` to its present state. True if seats came free.

    Raises `PoolFull`.
    """
    pending = registration.category.pending_holds
    held = holds_a_seat(registration.state, pending_holds=pending) - holds_a_seat(
        before, pending_holds=pending
    )
    waiting = (registration.state is State.WAITLISTED) - (before is State.WAITLISTED)
    count(pools, held=held, waiting=waiting)
    return held < 0 or waiting < 0
