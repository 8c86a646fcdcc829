"""Named reads and locks of registrations and categories."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eduforum.core import faults
from eduforum.core.db import db, table_of
from eduforum.core.errors import NotFound
from eduforum.core.signing import Purpose, read_link_secret
from eduforum.events.models import Event
from eduforum.registration.models import Category, CategoryEvent, Registration
from eduforum.registration.rules import BLOCKS_ANOTHER, Admission, State

P = TypeVar("P", bound=Any)


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


_CATEGORY = select(Category).where(
    Category.series_id == bindparam("series_id"), Category.code == bindparam("code")
)


def category_by_code(series_id: int, code: str) -> Category | None:
    return db.session.scalar(_CATEGORY, {"series_id": series_id, "code": code})


_CHOOSABLE = (
    select(Event)
    .join(CategoryEvent, CategoryEvent.event_id == Event.id)
    .where(
        CategoryEvent.category_id == bindparam("category_id"),
        Event.slug.in_(bindparam("slugs", expanding=True)),
    )
)


def choosable(category_id: int, slugs: Collection[str]) -> Sequence[Event]:
    """The events with these slugs that the category may choose."""
    return db.session.scalars(_CHOOSABLE, {"category_id": category_id, "slugs": slugs}).all()


_PEOPLE = table_of(Registration)
_BEFORE = select(
    _PEOPLE.c.id, _PEOPLE.c.state, (_PEOPLE.c.submit_id == bindparam("submit_id")).label("again")
).where(
    # Added to nothing, so that SQLite finds the few by their contact instead of walking the series.
    _PEOPLE.c.series_id + 0 == bindparam("series_id"),
    or_(
        _PEOPLE.c.submit_id == bindparam("submit_id"),
        and_(_PEOPLE.c.mobile == bindparam("mobile"), _PEOPLE.c.name_key == bindparam("name_key")),
        and_(_PEOPLE.c.email == bindparam("email"), _PEOPLE.c.name_key == bindparam("name_key")),
    ),
)


def seen_before(
    series_id: int, submit_id: str, name_key: str, mobile: str, email: str
) -> Sequence[Any]:
    """What an application may be repeating, as rows `id state again`: the registration of the
    same submission (`again`), and those of the same person (same name and same contact).
    """
    asked = {
        "series_id": series_id,
        "submit_id": submit_id,
        "name_key": name_key,
        "mobile": mobile or None,  # NULL equals nothing
        "email": email or None,
    }
    return db.session.execute(_BEFORE, asked).all()


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
    series = Registration.series_id + 0 == series_id  # as in `_BEFORE`
    same: list[ColumnElement[bool]] = [
        and_(series, Registration.name_key == name_key, column == value)
        for column, value in ((Registration.mobile, mobile), (Registration.email, email))
        if value
    ]
    if id_index:
        same.append(
            and_(
                Registration.series_id == series_id,
                Registration.id_index == id_index,
                Registration.id_index != literal_column("''"),  # so that the index may be used
            )
        )
    if not same:
        return []
    found = select(Registration).where(or_(*same))
    if besides:
        found = found.where(Registration.id != besides)
    return db.session.scalars(found.order_by(Registration.applied_at.desc())).all()


def by_submit_id(series_id: int, submit_id: str) -> Registration | None:
    """The registration that was made with this submit id."""
    if faults.active("forget_submit_id"):
        return None
    return db.session.scalar(
        select(Registration).where(
            Registration.series_id == series_id, Registration.submit_id == submit_id
        )
    )


def blocking(people: Iterable[P]) -> P | None:
    """The registration, or row of one, among `people` that leaves no room for another."""
    return next((person for person in people if person.state in BLOCKS_ANOTHER), None)


REMIND_BEFORE = timedelta(hours=24)
"""How long before its end a returned person is reminded of the time to answer."""


def to_be_reminded(now: datetime) -> Sequence[tuple[int, UUID]]:
    """(series_id, id) of returned people whose time to answer ends soon and who do not know."""
    rows = db.session.execute(
        select(Registration.series_id, Registration.id)
        .where(
            Registration.state == State.RETURNED,
            Registration.answer_by > now,
            Registration.answer_by <= now + REMIND_BEFORE,
            Registration.reminded_at.is_(None),
        )
        .order_by(Registration.answer_by)
        .limit(200)
    )
    return [(series_id, registration_id) for series_id, registration_id in rows]


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
