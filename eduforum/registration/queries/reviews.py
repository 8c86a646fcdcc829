"""The queue of applications to be reviewed, one at a time, the longest waiting first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from eduforum.core.db import db
from eduforum.registration.models import Category, Registration, Review
from eduforum.registration.rules import State


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which applications somebody reviews. categories: codes; none means all."""

    series_id: int
    categories: tuple[str, ...] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [
            Registration.series_id == self.series_id,
            Registration.state == State.SUBMITTED,
        ]
        if self.categories:
            mine = select(Category.id).where(
                Category.series_id == self.series_id, Category.code.in_(self.categories)
            )
            found.append(Registration.category_id.in_(mine))
        return found


def next_to_review(wanted: Wanted, actor: str, now: datetime, after: UUID | None) -> UUID | None:
    """The next application that nobody else has before them: the one behind `after`, and when
    there is none the first of all but that."""
    free = _free(wanted, actor, now)
    place = None
    if after is not None:
        free = free.where(Registration.id != after)
        place = db.session.execute(
            select(Registration.applied_at, Registration.id).where(
                Registration.series_id == wanted.series_id, Registration.id == after
            )
        ).first()
    if place is not None:
        here = tuple_(Registration.applied_at, Registration.id)
        behind = db.session.scalar(free.where(here > tuple_(*place)))
        if behind is not None:
            return behind
    return db.session.scalar(free)


def _free(wanted: Wanted, actor: str, now: datetime) -> Select[UUID]:
    return (
        select(Registration.id)
        .outerjoin(Review, Review.registration_id == Registration.id)
        .where(
            *wanted.conditions(),
            or_(Review.actor.is_(None), Review.actor == actor, Review.until <= now),
        )
        .order_by(Registration.applied_at, Registration.id)
        .limit(1)
        .with_for_update(of=Registration, skip_locked=True)  # another takes it in this moment
    )


def left_to_review(wanted: Wanted) -> int:
    return db.session.execute(
        select(func.count()).select_from(Registration).where(*wanted.conditions())
    ).scalar_one()


def to_review_by_category(series_id: int) -> dict[int, int]:
    """How many applications of each category wait for review."""
    rows = db.session.execute(
        select(Registration.category_id, func.count())
        .where(*Wanted(series_id).conditions())
        .group_by(Registration.category_id)
    )
    return dict(rows.all())


def overdue(series_id: int, now: datetime) -> int:
    """How many returned people let the time to answer pass."""
    return db.session.execute(
        select(func.count())
        .select_from(Registration)
        .where(
            Registration.series_id == series_id,
            Registration.state == State.RETURNED,
            Registration.answer_by <= now,
        )
    ).scalar_one()


def reviewers(series_id: int, now: datetime, besides: str) -> Collection[str]:
    """Who else has an application of the series before them just now."""
    return set(
        db.session.scalars(
            select(Review.actor)
            .join(Registration, Registration.id == Review.registration_id)
            .where(Registration.series_id == series_id, Review.until > now, Review.actor != besides)
        )
    )
