"""Named reads and locks of registrations and categories."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.signing import Purpose, read_link_secret
from eduforum.registration.models import (
    Category,
    Registration,
)
from eduforum.registration.rules import BLOCKS_ANOTHER, Admission, State


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


def same_person(
    series_id: int,
    name_key: str,
    mobile: str,
    email: str,
    id_index: str = "",
    *,
    besides: UUID | None = None,
) -> Sequence[Registration]:
    """Registrations of the same person in the series, newest first: same name and same contact, or
    the same number of an identity document."""
    contact = [
        column == value
        for column, value in ((Registration.mobile, mobile), (Registration.email, email))
        if value
    ]
    same: list[ColumnElement[bool]] = []
    if contact:
        same.append((Registration.name_key == name_key) & or_(*contact))
    if id_index:
        same.append(Registration.id_index == id_index)
    if not same:
        return []
    found = select(Registration).where(Registration.series_id == series_id, or_(*same))
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
            selectinload(Registration.options),
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
