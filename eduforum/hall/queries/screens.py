"""Displays and their links."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Point
from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.signing import Purpose, read_link_secret
from eduforum.events.models import Event, Series
from eduforum.hall.models import Screen
from eduforum.hall.rules import CodeIsOld, point_of


def screens_of(series_id: int) -> Sequence[Screen]:
    """The links of a series that open, newest first."""
    return db.session.scalars(
        select(Screen)
        .where(Screen.series_id == series_id, Screen.revoked_at.is_(None))
        .order_by(Screen.made_at.desc(), Screen.id)
        .options(joinedload(Screen.event), joinedload(Screen.point))
    ).all()


def screen_or_404(series_id: int, screen_id: UUID) -> Screen:
    found = db.session.scalar(
        select(Screen).where(Screen.series_id == series_id, Screen.id == screen_id)
    )
    if found is None:
        raise NotFound
    return found


def screen_by_secret(secret: str) -> Screen | None:
    """The display behind a link that still opens."""
    opened = read_link_secret(Purpose.SCREEN, secret)
    if opened is None:
        return None
    return db.session.scalar(
        select(Screen)
        .where(Screen.id == opened[0], Screen.revoked_at.is_(None))
        .options(joinedload(Screen.event), joinedload(Screen.series), joinedload(Screen.point))
    )


def point_with_code(key: bytes, code: str) -> Point:
    """The point whose room shows this code now. Raises `CodeIsOld`."""
    found = db.session.scalar(
        select(Point)
        .where(Point.id == point_of(key, code, clock.now()))
        .options(joinedload(Point.series))
    )
    if found is None:
        raise CodeIsOld
    return found


def event_named(
    slug: str, series_ids: Collection[int] | None, series: str, now: datetime
) -> tuple[Series, Event]:
    """The event of this name in one of these series (None: in any). Raises `NotFound`.

    series: a series' slug, "" if it does not matter. Of several the one nearest to now is meant.
    """
    query = (
        select(Series, Event).join(Event, Event.series_id == Series.id).where(Event.slug == slug)
    )
    if series_ids is not None:
        query = query.where(Series.id.in_(series_ids))
    if series:
        query = query.where(Series.slug == series)
    found = db.session.execute(query).all()
    if not found:
        raise NotFound
    near = min(found, key=lambda row: abs(row[1].starts_at - now))
    return near[0], near[1]
