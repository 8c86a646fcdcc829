"""What the public pages read, in a number of queries that does not grow with the data."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.events.models import Event, Region, Series
from eduforum.events.rules import EventState
from eduforum.registration.models import Category
from eduforum.registration.queries import EventSeats, categories_of, is_public, pools_of, seats
from eduforum.registration.rules import Admission
from eduforum.schedule.queries import Programme, programme


@dataclass(frozen=True, slots=True)
class Listed:
    """A series in a list, with its events in the order of time and its categories."""

    series: Series
    events: Sequence[Event]
    categories: Sequence[Category]

    @property
    def ends_at(self) -> datetime:
        """When the last of its events ends; it has at least one."""
        return max(event.ends_at for event in self.events)


@dataclass(frozen=True, slots=True)
class Other:
    """Another series, with the starts of its first and of its last event."""

    series: Series
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """Seats of one category at one event, as the page tells them.

    state: `open`, `full`, `closed` or `soon`. waiting: people in line, None where nobody may wait.
    """

    category: Category
    free: int | None
    size: int
    waiting: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything the public pages say about one series.

    seats: by event id, for the categories that people choose by themselves.
    """

    programme: Programme
    categories: Sequence[Category]
    seats: Mapping[int, Sequence[Seat]]

    @property
    def series(self) -> Series:
        return self.programme.series

    @property
    def events(self) -> Sequence[Event]:
        return self.programme.events

    def categories_at(self, event: Event) -> list[Category]:
        """The categories that may come to `event`."""
        return [c for c in self.categories if event in c.events]

    def room_seats(self, event: Event) -> int | None:
        """How many people the event's room holds, if known."""
        mirror = self.programme.mirror(event)
        return mirror.room.seats if mirror and mirror.room else None

    def seat(self, event: Event, category: Category) -> Seat | None:
        """The seats of one category at `event`; None where people do not choose it themselves."""
        there = self.seats.get(event.id, ())
        return next((seat for seat in there if seat.category is category), None)

    def open_seats(self, event: Event) -> list[Seat]:
        """Seats that anybody may take at once or wait for, which is what a schedule shows."""
        return [
            seat
            for seat in self.seats.get(event.id, ())
            if seat.category.admission is Admission.OPEN and seat.state in ("open", "full")
        ]

    def reviewed(self, event: Event) -> list[Category]:
        """Categories that may apply now and are confirmed after review."""
        return [
            seat.category
            for seat in self.seats.get(event.id, ())
            if seat.category.admission is Admission.BY_APPROVAL and seat.state in ("open", "full")
        ]

    def takes_registrations(self, now: datetime) -> bool:
        """Whether somebody can register for anything at this moment."""
        return any(
            is_public(c) and c.opens_at <= now < c.closes_at for c in self.categories if c.events
        )


def offer_of(series: Series, now: datetime) -> Offer:
    """Read a whole series for its pages."""
    plan = programme(series)
    categories = categories_of(series.id)
    pools = pools_of(series.id)
    found: dict[int, list[Seat]] = defaultdict(list)
    for category in categories:
        if not is_public(category):
            continue
        for event_id, there in seats(category, pools, now).items():
            found[event_id].append(_seat(category, there, now))
    return Offer(plan, categories, found)


def regions() -> Sequence[Region]:
    """The partners that take turns as host, in the order of their codes: 京津冀."""
    return db.session.scalars(select(Region).order_by(Region.code)).all()


def other_series(series_id: int) -> list[Other]:
    """The other published series that have events, in the order of their first day."""
    rows = db.session.execute(
        select(Series, func.min(Event.starts_at), func.max(Event.starts_at))
        .join(Event, Event.series_id == Series.id)
        .where(Series.published, Series.id != series_id, Event.state == EventState.SCHEDULED)
        .group_by(Series.id)
        .order_by(func.min(Event.starts_at), Series.id)
    )
    return [Other(series, first, last) for series, first, last in rows]


def listed_series(now: datetime) -> tuple[list[Listed], list[Listed]]:
    """The published series: those running or to come, the next first; those past, latest first.

    A series whose events are not known yet comes last of what is ahead.
    """
    published = db.session.scalars(
        select(Series)
        .where(Series.published)
        .order_by(Series.id)
        .options(joinedload(Series.host_region))
    ).all()
    events, categories = _grouped_events(), _grouped_categories()
    found = [
        Listed(series, events.get(series.id, ()), categories.get(series.id, ()))
        for series in published
    ]
    found.sort(key=lambda one: (not one.events, one.events[0].starts_at if one.events else now))
    ahead = [one for one in found if not one.events or one.ends_at > now]
    return ahead, [one for one in reversed(found) if one not in ahead]


def _grouped_events() -> Mapping[int, Sequence[Event]]:
    rows: dict[int, list[Event]] = defaultdict(list)
    for event in db.session.scalars(
        select(Event)
        .join(Event.series)
        .where(Series.published, Event.state == EventState.SCHEDULED)
        .order_by(Event.starts_at, Event.position, Event.id)
    ):
        rows[event.series_id].append(event)
    return rows


def _grouped_categories() -> Mapping[int, Sequence[Category]]:
    rows: dict[int, list[Category]] = defaultdict(list)
    for category in db.session.scalars(
        select(Category)
        .join(Category.series)
        .where(Series.published)
        .order_by(Category.position, Category.id)
    ):
        rows[category.series_id].append(category)
    return rows


def _seat(category: Category, there: EventSeats, now: datetime) -> Seat:
    state = there.state
    if state == "open" and there.waiting:
        state = "full"  # nobody overtakes those who wait
    if state == "closed" and now < category.opens_at:
        state = "soon"
    waiting = there.waiting if there.may_wait else None
    return Seat(category, there.free, there.size, waiting, state)
