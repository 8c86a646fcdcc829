"""What a person may choose on the public pages: categories, and their events by half day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby, pairwise
from uuid import UUID

from eduforum.core import clock
from eduforum.core.dates import clock_text, local
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Region, Series
from eduforum.events.queries import regions
from eduforum.events.rules import EventState, Mode
from eduforum.registration.models import Category, Invitation, Pool
from eduforum.registration.queries import (
    EventSeats,
    categories_of,
    for_everybody,
    is_public,
    pools_of,
    quota,
    seats,
)
from eduforum.registration.services.admission import needs_approval
from eduforum.schedule.models import Session

_NOON, _EVENING = time(12), time(18)


@dataclass(frozen=True, slots=True)
class SessionChoice:
    """A session with seats of its own; `free` seats of `size`, `waiting` people in line."""

    session: Session
    free: int
    size: int
    waiting: int
    may_wait: bool


@dataclass(frozen=True, slots=True)
class EventChoice:
    """An event with its seats for one category, on site and (None: not offered) online.

    kept: the person holds a seat here already, however full it is.
    """

    event: Event
    seats: EventSeats
    online: EventSeats | None
    sessions: tuple[SessionChoice, ...]
    kept: bool

    @property
    def open(self) -> bool:
        """Whether it can be chosen: a seat is free, or one may wait for one."""
        return self.kept or any(_open(seats) for seats in (self.seats, self.online) if seats)

    @property
    def place(self) -> int | None:
        """The place in line that one gets by choosing it now; None while seats are free."""
        full = self.seats.state == "full" and not self.kept
        return self.seats.waiting + 1 if full else None


@dataclass(frozen=True, slots=True)
class Slot:
    """Events that are chosen together: at most one if they are `parallel`, else any.

    half: 0 morning, 1 afternoon, 2 evening. whole: nothing else happens in that half day.
    """

    day: date
    half: int
    parallel: bool
    whole: bool
    choices: tuple[EventChoice, ...]
    begins: str
    ends: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two events that happen at the same time, in the order in which they begin."""

    first: Event
    second: Event

    @property
    def sentence(self) -> Text:
        return Text(
            "“{first}”与“{second}”时间重叠。", "“{first}” and “{second}” overlap in time."
        ).fill(first=self.first.name, second=self.second.name)


@dataclass(frozen=True, slots=True)
class Offer:
    """All that one category may choose."""

    category: Category
    slots: tuple[Slot, ...]
    shut: tuple[EventChoice, ...]
    has_online: bool
    has_onsite: bool
    days: int
    regions: Sequence[Region] = ()
    """The host regions, where seats are counted by them; otherwise none is asked for."""

    @property
    def choices(self) -> list[EventChoice]:
        return [choice for slot in self.slots for choice in slot.choices]

    def chosen(self, slugs: Collection[str]) -> list[EventChoice]:
        """The choices with these slugs, in the order of time."""
        return [choice for choice in self.choices if choice.event.slug in slugs]

    def clashes(self, slugs: Collection[str]) -> list[Clash]:
        """Chosen events that overlap, each pair once."""
        events = [choice.event for choice in self.chosen(slugs)]
        return [
            Clash(first, second)
            for n, first in enumerate(events)
            for second in events[n + 1 :]
            if _overlap(first, second)
        ]

    def one_too_many(self, slugs: Collection[str]) -> Clash | None:
        """Two chosen events of which only one can be chosen, if there are."""
        for slot in self.slots:
            both = [c.event for c in slot.choices if c.event.slug in slugs]
            if slot.parallel and len(both) > 1:
                return Clash(both[0], both[1])
        return None


@dataclass(frozen=True, slots=True)
class Counter:
    """A series' categories and seats as they are now; read once for a page.

    invitation: by which the person came; it lets into its own category alone.
    """

    series: Series
    now: datetime
    categories: Sequence[Category]
    pools: Sequence[Pool]
    invitation: Invitation | None = None

    @property
    def open(self) -> list[Category]:
        """The categories that a person may register for now."""
        return [c for c in self.categories if self.lets_in(c) and self.is_open(c) and c.events]

    def lets_in(self, category: Category) -> bool:
        if self.invitation is not None:
            return self.invitation.category_id == category.id
        return is_public(category)

    def is_reviewed(self, category: Category) -> bool:
        """Whether an organiser decides on whoever registers now."""
        return needs_approval(category, self.invitation)

    @property
    def _invitation_id(self) -> UUID | None:
        return self.invitation.id if self.invitation else None

    @property
    def others(self) -> list[Category]:
        return [category for category in self.categories if category not in self.open]

    def is_open(self, category: Category) -> bool:
        return category.opens_at <= self.now < category.closes_at

    def category(self, code: str | None) -> Category | None:
        return next((c for c in self.categories if c.code == code), None)

    def category_seats(self, category: Category) -> EventSeats | None:
        """The seats that the category has at all its events together; None if not limited so."""
        own = [p for p in self.pools if p.category_id == category.id and p.event_id is None]
        of_all = [
            p
            for p in own
            if p.session_id is None
            and p.mode in (None, Mode.ONSITE)
            and for_everybody(p, self._invitation_id)
        ]
        if not of_all:
            return None
        found = seats(category, of_all, self.now, invitation_id=self._invitation_id)
        return min(found.values(), key=lambda s: s.free or 0)

    def offer(self, category: Category, kept: Collection[int] = ()) -> Offer:
        """What `category` may choose. kept: ids of events where the person holds a seat."""
        mine = self._invitation_id
        onsite = seats(category, self.pools, self.now, invitation_id=mine)
        has_online = self._has_online(category)
        online = (
            seats(category, self.pools, self.now, mode=Mode.ONLINE, invitation_id=mine)
            if has_online
            else {}
        )
        choices = [
            EventChoice(
                event=event,
                seats=online[event.id]
                if event.mode is Mode.ONLINE and online
                else onsite[event.id],
                online=online.get(event.id) if event.mode is Mode.HYBRID else None,
                sessions=self._sessions(event),
                kept=event.id in kept,
            )
            for event in category.events
        ]
        can = [choice for choice in choices if choice.open]
        slots = tuple(_slots(can, self.series.time_zone))
        return Offer(
            category=category,
            slots=slots,
            shut=tuple(choice for choice in choices if not choice.open),
            has_online=has_online,
            has_onsite=any(choice.event.mode is not Mode.ONLINE for choice in can),
            days=len({slot.day for slot in slots}),
            regions=regions() if self._counts_regions(category) else (),
        )

    def _counts_regions(self, category: Category) -> bool:
        return any(pool.region and pool.category_id in (None, category.id) for pool in self.pools)

    def _has_online(self, category: Category) -> bool:
        if any(event.mode is Mode.ONLINE for event in category.events):
            return True
        hybrid = {event.id for event in category.events if event.mode is Mode.HYBRID}
        return bool(hybrid) and any(
            pool.mode is Mode.ONLINE
            and for_everybody(pool)
            and pool.category_id in (None, category.id)
            and (pool.event_id is None or pool.event_id in hybrid)
            for pool in self.pools
        )

    def _sessions(self, event: Event) -> tuple[SessionChoice, ...]:
        return tuple(
            SessionChoice(
                session=pool.session,
                free=quota(pool).free,
                size=pool.size,
                waiting=pool.waiting,
                may_wait=pool.waiting_limit is None or pool.waiting < pool.waiting_limit,
            )
            for pool in self.pools
            if pool.session is not None
            and for_everybody(pool)
            and pool.session.event_id == event.id
            and not pool.session.cancelled
        )


def counter(series: Series, invitation: Invitation | None = None) -> Counter:
    """Read what the pages of one request need: categories, events and pools."""
    return Counter(series, clock.now(), categories_of(series.id), pools_of(series.id), invitation)


def _open(seats: EventSeats) -> bool:
    return seats.state == "open" or (seats.state == "full" and seats.may_wait)


def _overlap(first: Event, second: Event) -> bool:
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at


def _slots(choices: Iterable[EventChoice], zone: str) -> Iterable[Slot]:
    """Half day by half day; within one, events at exactly the same time stand together."""
    ordered = sorted(choices, key=lambda c: (c.event.starts_at, c.event.ends_at, c.event.position))
    for (day, half), here in groupby(ordered, key=lambda c: _half_day(c.event, zone)):
        parts = _parts(list(here))
        for part in parts:
            yield Slot(
                day=day,
                half=half,
                parallel=len(part) > 1 and _same_time(part),
                whole=len(parts) == 1,
                choices=tuple(part),
                begins=clock_text(part[0].event.starts_at, zone),
                ends=clock_text(part[0].event.ends_at, zone),
            )


def _half_day(event: Event, zone: str) -> tuple[date, int]:
    start = local(event.starts_at, zone)
    return start.date(), 0 if start.time() < _NOON else 1 if start.time() < _EVENING else 2


def _parts(half_day: list[EventChoice]) -> list[list[EventChoice]]:
    """Runs of events: those at one time that meet no other event, and the rest between them."""
    parts: list[list[EventChoice]] = []
    for _, group in groupby(half_day, key=lambda c: (c.event.starts_at, c.event.ends_at)):
        together = list(group)
        others = [c for c in half_day if c not in together]
        alone = not any(_overlap(together[0].event, other.event) for other in others)
        if len(together) > 1 and alone:
            parts.append(together)
        elif parts and not (len(parts[-1]) > 1 and _same_time(parts[-1])):
            parts[-1] += together
        else:
            parts.append(together)
    return parts


def _same_time(choices: Sequence[EventChoice]) -> bool:
    return all(
        (a.event.starts_at, a.event.ends_at) == (b.event.starts_at, b.event.ends_at)
        for a, b in pairwise(choices)
    )


def is_cancelled(choice: EventChoice) -> bool:
    return choice.event.state is EventState.CANCELLED
