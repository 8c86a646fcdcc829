"""The waiting list of one pool: who is in it, and who would be next."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.registration.desk.detail import place_of
from eduforum.registration.desk.frame import ACTORS, pages
from eduforum.registration.models import Pool, Registration
from eduforum.registration.queries import counts_in, waiting_for
from eduforum.registration.rules import Seats, would_be_offered
from eduforum.web.access import requires

MOST_SHOWN = 100
MOST_TRIED = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person in line. next: would be offered a seat; missing: the pools that have none then."""

    place: int
    person: Registration
    next: bool
    missing: Sequence[Text]


@pages.get("/desk/s/<series>/line")
@requires(*ACTORS)
def line(series: str) -> ResponseReturnValue:
    """Who waits for the seats of one pool, and who would get them if `seats` came free."""
    every_pool = _pools(guarded_series().id)
    pool = _chosen(every_pool)
    seats = _number(request.args.get("seats", "1"))
    people = waiting_for(pool, limit=MOST_SHOWN) if pool else []
    return render_template(
        "registration/desk_line.html",
        pools=[one for one in every_pool if one.waiting],
        pool=pool,
        seats=seats,
        waiting=_tried(people, pool, every_pool, seats) if pool else [],
        most=MOST_SHOWN,
        most_tried=MOST_TRIED,
        place_of=place_of,
    )


def _tried(
    people: Sequence[Registration], pool: Pool, every_pool: Sequence[Pool], seats: int
) -> list[Waiting]:
    """Walk the line as the services would, with `seats` more in this pool. Nothing is changed."""
    tried = {
        one.id: Seats(
            key=one.id,
            scope=one.scope,
            size=one.size + (seats if one is pool else 0),
            held=one.held,
            blocked=one.blocked,
            reserving=one.reserving,
        )
        for one in every_pool
    }
    names = {one.id: one.name for one in every_pool}
    walked = would_be_offered(
        (person, [tried[one.id] for one in every_pool if counts_in(one, person)])
        for person in people
    )
    return [
        Waiting(place, person, not missing, [names[one.key] for one in missing])
        for place, (person, missing) in enumerate(walked, start=1)
    ]


def _pools(series_id: int) -> Sequence[Pool]:
    return db.session.scalars(
        select(Pool)
        .where(Pool.series_id == series_id)
        .order_by(Pool.waiting.desc(), Pool.id)
        .options(joinedload(Pool.event), joinedload(Pool.session), joinedload(Pool.category))
    ).all()


def _chosen(pools: Sequence[Pool]) -> Pool | None:
    """The pool in the address; else the one with the longest line. Raises `NotFound`."""
    asked = request.args.get("pool", "")
    if not asked:
        return next((pool for pool in pools if pool.waiting), None)
    found = next((pool for pool in pools if str(pool.id) == asked), None)
    if found is None:
        raise NotFound
    return found


def _number(typed: str) -> int:
    fits = typed.isascii() and typed.isdigit() and len(typed) < 4
    return max(1, min(int(typed), MOST_TRIED)) if fits else 1
