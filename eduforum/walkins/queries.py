"""Named reads of walk-ins: what is offered, and who has the same name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eduforum.checkin.models import Point
from eduforum.core.dates import local
from eduforum.core.db import db
from eduforum.core.names import name_key
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState, Mode
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.queries import categories_of, pools_of, seats
from eduforum.registration.rules import LIVE, STATE_NAMES
from eduforum.walkins.models import WalkInCategory
from eduforum.walkins.rules import Namesake

_MOST_NAMESAKES = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """A category that takes walk-ins, with the events they come to and the seats that are left.

    Events that are full are left out while others are not.

    free: the least of its events; None without a limit.
    """

    category: Category
    events: Sequence[Event]
    free: int | None


def open_ids(series_id: int) -> frozenset[int]:
    """Ids of the categories of a series that take walk-ins."""
    return frozenset(
        db.session.scalars(
            select(WalkInCategory.category_id)
            .join(Category, Category.id == WalkInCategory.category_id)
            .where(Category.series_id == series_id)
        )
    )


def offers(series: Series, now: datetime, point: Point | None = None) -> list[Offer]:
    """What walk-ins may choose here; categories without an event to come to are left out."""
    taken, pools = open_ids(series.id), pools_of(series.id)
    every = [
        _offer(category, pools, series.time_zone, now, point)
        for category in categories_of(series.id)
        if category.id in taken
    ]
    return [one for one in every if one is not None]


def offer_of(category: Category, zone: str, now: datetime, point: Point | None) -> Offer | None:
    """What somebody of this category may come to here; None if there is nothing."""
    return _offer(category, pools_of(category.series_id), zone, now, point)


def _offer(
    category: Category, pools: Sequence[Pool], zone: str, now: datetime, point: Point | None
) -> Offer | None:
    """Of events some of which are full, those that have a seat; of full ones alone, all."""
    coming = events_for(category, zone, now, point)
    if not coming:
        return None
    counted = seats(category, pools, now)
    free = {event.id: counted[event.id].free for event in coming}
    events = [event for event in coming if free[event.id] != 0] or coming
    limited = [number for event in events if (number := free[event.id]) is not None]
    return Offer(category, events, min(limited) if limited else None)


def events_for(
    category: Category, zone: str, now: datetime, point: Point | None = None
) -> list[Event]:
    """What somebody who comes now takes part in: the events of the point, if it names some; else
    those of the category that are still to come today, or, on a day without any, of all days."""
    coming = [
        event
        for event in category.events
        if event.state is EventState.SCHEDULED
        and event.ends_at > now
        and event.mode in (Mode.ONSITE, Mode.HYBRID)
    ]
    if point is not None and point.event_ids:
        return [event for event in coming if event.id in point.event_ids]
    today = local(now, zone).date()
    return [e for e in coming if local(e.starts_at, zone).date() == today] or coming


def namesakes(series_id: int, name: str) -> list[Namesake]:
    """People of this name who are on their way or here."""
    rows = db.session.scalars(
        select(Registration)
        .where(
            Registration.series_id == series_id,
            Registration.name_key == name_key(name),
            Registration.state.in_(LIVE),
        )
        .order_by(Registration.applied_at, Registration.id)
        .limit(_MOST_NAMESAKES)
    )
    return [
        Namesake(
            one.name,
            one.organisation,
            one.category.name,
            STATE_NAMES[one.state],
            str(one.ticket_id or ""),
        )
        for one in rows
    ]
