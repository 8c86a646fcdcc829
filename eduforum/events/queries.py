"""Named reads of series, organisations, events and grants."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, inspect, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from eduforum.accounts.models import ApiToken, User
from eduforum.core.db import Model, db
from eduforum.core.errors import NotFound
from eduforum.core.names import clean
from eduforum.events.models import (
    Event,
    Grant,
    Organisation,
    OrganisationAlias,
    Region,
    Series,
    TokenGrant,
)

_SERIES = select(Series).where(Series.slug == bindparam("slug"))


def series_by_slug(slug: str) -> Series | None:
    return db.session.scalar(_SERIES, {"slug": slug})


def visible_series(reached: Collection[int]) -> Sequence[Series]:
    """Published series, and those with the ids `reached`, in the order of their numbers."""
    return db.session.scalars(
        select(Series)
        .where(or_(Series.published, Series.id.in_(reached)))
        .options(joinedload(Series.host_region))
        .order_by(Series.number)
    ).all()


def series_with_ids(ids: Collection[int]) -> Sequence[Series]:
    return db.session.scalars(
        select(Series).where(Series.id.in_(ids)).order_by(Series.number)
    ).all()


def published_series() -> Sequence[Series]:
    return db.session.scalars(select(Series).where(Series.published).order_by(Series.id)).all()


def events_of(series_id: int) -> Sequence[Event]:
    """The events of a series in the order of the schedule."""
    return db.session.scalars(
        select(Event)
        .where(Event.series_id == series_id)
        .order_by(Event.starts_at, Event.position, Event.id)
    ).all()


def event_or_404(series_id: int, slug: str) -> Event:
    event = db.session.scalar(select(Event).where(Event.series_id == series_id, Event.slug == slug))
    if event is None:
        raise NotFound
    return event


def grants_of(user_id: int) -> Sequence[Grant]:
    return db.session.scalars(select(Grant).where(Grant.user_id == user_id)).all()


def any_series() -> bool:
    return db.session.scalar(select(Series.id).limit(1)) is not None


def regions() -> Sequence[Region]:
    """The partners that take turns as host, in their order."""
    return db.session.scalars(select(Region).order_by(Region.position, Region.code)).all()


def organisations() -> Sequence[Organisation]:
    return db.session.scalars(
        select(Organisation).order_by(Organisation.pinyin, Organisation.id)
    ).all()


_NAME: BindParameter[str] = bindparam("name")
_NAMED = (
    select(Organisation)
    .where(
        or_(
            Organisation.name_zh == _NAME,
            Organisation.id.in_(
                select(OrganisationAlias.organisation_id).where(OrganisationAlias.alias == _NAME)
            ),
        )
    )
    .order_by(Organisation.name_zh != _NAME)  # its own name before another's alias
    .limit(1)
)


def organisation_named(text: str) -> Organisation | None:
    """The organisation with exactly this name or alias; never a guess from a part of it."""
    name = clean(text)
    if not name:
        return None
    return db.session.scalar(_NAMED, {"name": name})


def is_used(row: Model, *, besides: Collection[str] = ()) -> bool:
    """Whether a row of any table, but those named in `besides`, points at this one."""
    table = inspect(row).mapper.local_table
    for other in db.metadata.sorted_tables:
        if other.name in besides:
            continue
        for key in other.foreign_keys:
            if key.column.table is table:
                value = getattr(row, key.column.name)
                if db.session.execute(select(1).where(key.parent == value).limit(1)).first():
                    return True
    return False


def series_of_grants(user_id: int) -> Sequence[Series]:
    """The series in which `user_id` holds a role, newest first."""
    return db.session.scalars(
        select(Series)
        .where(Series.id.in_(select(Grant.series_id).where(Grant.user_id == user_id)))
        .order_by(Series.id.desc())
    ).all()


def all_series() -> Sequence[Series]:
    """Every series, newest first."""
    return db.session.scalars(select(Series).order_by(Series.id.desc())).all()


def days_of_series(series_ids: Sequence[int]) -> dict[int, tuple[datetime, datetime]]:
    """When the first event of each series starts and the last one ends, by series id."""
    rows = db.session.execute(
        select(Event.series_id, func.min(Event.starts_at), func.max(Event.ends_at))
        .where(Event.series_id.in_(series_ids))
        .group_by(Event.series_id)
    )
    return {series_id: (first, last) for series_id, first, last in rows}


def grants_in(series_id: int) -> Sequence[Grant]:
    """Who holds what in a series, administrators included, in the order of their addresses."""
    return db.session.scalars(
        select(Grant)
        .join(Grant.user)
        .where(or_(Grant.series_id == series_id, Grant.series_id.is_(None)))
        .options(contains_eager(Grant.user))
        .order_by(User.email, Grant.id)
    ).all()


def all_grants() -> Sequence[Grant]:
    """Every grant with its series."""
    return db.session.scalars(
        select(Grant).options(joinedload(Grant.series)).order_by(Grant.id)
    ).all()


def tokens_of(series_id: int) -> Sequence[ApiToken]:
    """The tokens of programs that reach a series and still work, oldest first."""
    return db.session.scalars(
        select(ApiToken)
        .join(TokenGrant, TokenGrant.token_id == ApiToken.id)
        .where(TokenGrant.series_id == series_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id)
    ).all()
