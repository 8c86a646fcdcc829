"""Seats: taken, given back, and passed on to whoever is first in line."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.orm.attributes import set_committed_value

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.registration.models import Pool, Registration
from eduforum.registration.queries import (
    counts_in,
    line,
    locked,
    pools_counting,
    pools_of,
    series_with_a_line,
)
from eduforum.registration.rules import Action, PoolFull, State, after, holds_a_seat
from eduforum.registration.services.letters import tell


def lock_all(series_id: int) -> list[Pool]:
    """Lock every pool of the series: whoever gives back a seat may have to pass it to anybody."""
    return locked(select(Pool).where(Pool.series_id == series_id).order_by(Pool.id))


def counting(registration: Registration) -> list[Pool]:
    """The pools that this registration counts in, locked."""
    return locked(
        pools_counting(
            registration.series_id,
            registration.category_id,
            [event.id for event in registration.events],
            [session.id for session in registration.sessions],
            registration.mode,
        )
    )


def check_free(pools: Sequence[Pool]) -> None:
    """Raise `PoolFull`, naming the first pool that has no seat."""
    for pool in pools:
        if pool.held >= pool.size:
            raise PoolFull(pool.name)


def count(pools: Sequence[Pool], *, held: int = 0, waiting: int = 0) -> None:
    """Add to what is held and to who waits. The database refuses to pass the size.

    A seat above the size that is given back does not come again (`grandfathered`).
    """
    held, waiting = int(held), int(waiting)  # callers count with truth values too
    ids = [pool.id for pool in pools]
    if not ids or not (held or waiting):
        return
    now_held = Pool.held + held
    change = {"held": now_held, "waiting": Pool.waiting + waiting}
    if held < 0:
        change["grandfathered"] = case((now_held > Pool.size, now_held - Pool.size), else_=0)
    db.session.execute(
        update(Pool).where(Pool.id.in_(ids)).values(**change),
        execution_options={"synchronize_session": False},
    )
    for pool in pools:
        _know(pool, held, waiting)


def _know(pool: Pool, held: int, waiting: int) -> None:
    """What the database just counted, without reading it again: the pool is locked."""
    set_committed_value(pool, "held", pool.held + held)
    set_committed_value(pool, "waiting", pool.waiting + waiting)
    if held < 0:
        set_committed_value(pool, "grandfathered", max(0, pool.held - pool.size))


def move(registration: Registration, pools: Sequence[Pool], before: State) -> bool:
    """Count a registration that went from `before` to its present state. True if seats came free."""
    pending = registration.category.pending_holds
    held = holds_a_seat(registration.state, pending_holds=pending) - holds_a_seat(
        before, pending_holds=pending
    )
    waiting = (registration.state is State.WAITLISTED) - (before is State.WAITLISTED)
    if held > 0:
        check_free(pools)
    count(pools, held=held, waiting=waiting)
    return held < 0 or waiting < 0


def offer_line(series_id: int, pools: Sequence[Pool]) -> list[Registration]:
    """Offer free seats to the first in line whose every pool has one, until nobody fits.

    pools: all pools of the series, locked. Each offer holds its seat and expires; the person is
    told. Returns who was offered a seat. Whatever frees a seat calls this before it ends, so a
    seat that is free afterwards is one that nobody in line could take.
    """
    return [_offer(person, mine) for person, mine in _seatable(series_id, pools)]


def serve_lines() -> int:
    """Offer seats that came free in no change of ours, as after a repair; how many were offered."""
    offered = 0
    for series_id in series_with_a_line():
        if not any(_seatable(series_id, pools_of(series_id))):
            continue
        with transaction():
            offered += len(offer_line(series_id, lock_all(series_id)))
    return offered


def _seatable(series_id: int, pools: Sequence[Pool]) -> Iterator[tuple[Registration, list[Pool]]]:
    """Who in line could be seated, in order, with the pools to count them in."""
    if not any(pool.waiting for pool in pools):
        return
    now = clock.now()
    for person in line(series_id):
        mine = [pool for pool in pools if counts_in(pool, person)]
        still = any(event.ends_at > now for event in person.events)
        if still and all(pool.held < pool.size for pool in mine):
            yield person, mine


def _offer(person: Registration, pools: Sequence[Pool]) -> Registration:
    ends = clock.now() + timedelta(hours=person.category.offer_hours)
    person.offer_expires_at = min(ends, max(event.ends_at for event in person.events))
    person.state = after(Action.OFFER, person.state)
    db.session.flush()
    count(pools, held=1, waiting=-1)
    audit.record(
        "registration.offer",
        f"registration:{person.id}",
        series_id=person.series_id,
        before={"state": State.WAITLISTED.value},
        after={"state": State.OFFERED.value},
    )
    tell(person)
    return person


def resize_pool(series_id: int, pool_id: int, size: int, waiting_limit: int | None) -> list[UUID]:
    """Change a pool's size. Lowering it below what is held un-seats nobody: those seats are
    grandfathered and not given again. Raising it offers the new seats to the line.

    Returns who was offered a seat. Raises `NotFound`, `BadInput`.
    """
    if size < 0 or (waiting_limit is not None and waiting_limit < 0):
        sentence = Text("请填写不小于 0 的整数。", "Enter a whole number, 0 or more.")
        raise BadInput(sentence, {"size": [sentence]})
    with transaction():
        pools = lock_all(series_id)
        pool = next((p for p in pools if p.id == pool_id), None)
        if pool is None:
            raise NotFound
        before = {"size": pool.size, "waiting_limit": pool.waiting_limit}
        pool.grandfathered = max(0, pool.held - size)
        pool.size, pool.waiting_limit = size, waiting_limit
        db.session.flush()
        audit.record(
            "pool.resize",
            f"pool:{pool.id}",
            series_id=series_id,
            before=before,
            after={"size": size, "waiting_limit": waiting_limit},
        )
        return [person.id for person in offer_line(series_id, pools)]
