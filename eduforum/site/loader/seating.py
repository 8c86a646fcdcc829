"""Categories and pools of a loaded series.

A category has one pool; when the file gives it `online_seats`, one for each way of taking part. An
event has a pool for its room and, with `online_seats`, one for those who watch. `waiting` is the
longest line of a category's pools, unlimited where the file says nothing; an event's own line is
unlimited, for the categories' lines limit it.

Registration opens when the category is loaded. Open categories close when their last event starts,
all others twelve hours before their first one, so that there is time to review and to print; people
may edit as long. Windows that organisers have moved stay; the others follow the events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from eduforum.core import audit, clock
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.events.changes import Diff, apply
from eduforum.events.models import Event, Series
from eduforum.events.rules import Mode
from eduforum.registration.models import Category, Pool, Registration, RegistrationEvent
from eduforum.registration.queries import categories_of, pools_of
from eduforum.registration.rules import Admission, State
from eduforum.registration.services import resize_pool
from eduforum.site.loader.nodes import BadFile
from eduforum.site.loader.plans import CategoryPlan, EventPlan, SeriesPlan
from eduforum.site.loader.report import Report

_BEFORE_FIRST = timedelta(hours=12)
_PAST_WINDOW = timedelta(days=14)
_ONLINE = Text("（线上）", " (online)")
_MOST_CLASSES = 254

PoolKey = tuple[int | None, int | None, Mode | None]


@dataclass(slots=True)
class Seating:
    """Stores the categories and pools of one series.

    events: by slug. before: when they started before this file, where they existed.
    """

    series: Series
    events: Mapping[str, Event]
    before: Mapping[str, datetime]
    report: Report
    pools: dict[PoolKey, Pool] = field(default_factory=dict)

    def store(self, plan: SeriesPlan) -> None:
        self.pools = {
            (pool.event_id, pool.category_id, pool.mode): pool
            for pool in pools_of(self.series.id)
            if pool.session_id is None
        }
        held = {category.code: category for category in categories_of(self.series.id)}
        for position, part in enumerate(plan.categories):
            category = self._category(part, position, held.get(part.code))
            self._category_pools(part, category)
        for event_part in plan.events:
            self._event_pools(event_part, self.events[event_part.slug])

    def _category(self, plan: CategoryPlan, position: int, held: Category | None) -> Category:
        chosen = [self.events[slug] for slug in plan.events]
        values: dict[str, Any] = {
            "name_zh": plan.zh,
            "name_en": plan.en or (held.name_en if held else ""),
            "admission": plan.admission,
            "guardian_consent": plan.guardian_consent,
            "position": position,
        }
        closes = _closing(plan.admission, [event.starts_at for event in chosen])
        if held is None:
            category = Category(
                series_id=self.series.id, code=plan.code, ticket_class=self._next_class(plan)
            )
            values |= {"closes_at": closes, "edit_until": closes}
        else:
            category, values = held, values | self._moved_window(held, closes)
        opens = category.opens_at or clock.now()
        end = values.get("closes_at", category.closes_at)
        values["opens_at"] = opens if opens < end else end - _PAST_WINDOW
        diff = apply(category, values)
        self._choose(category, chosen, diff)
        db.session.add(category)
        db.session.flush()
        self.report.note("categories", new=held is None, diff=diff)
        if diff:
            action = "category.create" if held is None else "category.edit"
            self._record(action, f"category:{category.id}", diff)
        return category

    def _moved_window(self, held: Category, closes: datetime) -> dict[str, Any]:
        """The ends of the window that stood where the file's events put them, put anew."""
        starts = [self.before[event.slug] for event in held.events if event.slug in self.before]
        was = _closing(held.admission, starts) if starts else None
        return {name: closes for name in ("closes_at", "edit_until") if getattr(held, name) == was}

    def _choose(self, category: Category, chosen: Sequence[Event], diff: Diff) -> None:
        was, now = sorted(e.slug for e in category.events), sorted(e.slug for e in chosen)
        if was != now:
            diff.before["events"], diff.after["events"] = was, now
            category.events = list(chosen)

    def _next_class(self, plan: CategoryPlan) -> int:
        last = db.session.scalar(
            select(func.max(Category.ticket_class)).where(Category.series_id == self.series.id)
        )
        if last == _MOST_CLASSES:
            raise BadFile([f"{plan.path}: a series has at most {_MOST_CLASSES} categories"])
        return (last or 0) + 1

    def _category_pools(self, plan: CategoryPlan, category: Category) -> None:
        onsite = None if plan.online_seats is None else Mode.ONSITE
        self._split(plan, category, onsite)
        key = (None, category.id)
        if plan.seats is not None:
            self._pool((*key, onsite), category.name, plan.seats, plan.waiting)
        if plan.online_seats is not None:
            name = _online(category.name)
            self._pool((*key, Mode.ONLINE), name, plan.online_seats, plan.waiting)

    def _split(self, plan: CategoryPlan, category: Category, onsite: Mode | None) -> None:
        """Let a pool for all be one for the room only, or the other way, while nobody counts."""
        other = None if onsite is Mode.ONSITE else Mode.ONSITE
        pool = self.pools.get((None, category.id, other))
        if pool is None or (None, category.id, onsite) in self.pools:
            return
        if pool.held or pool.waiting:
            raise BadFile(
                [
                    f"{plan.path}.online_seats: people hold seats in this category already; "
                    "divide its seats at the desk"
                ]
            )
        pool.mode = onsite
        self.pools[None, category.id, onsite] = self.pools.pop((None, category.id, other))

    def _event_pools(self, plan: EventPlan, event: Event) -> None:
        if plan.seats is not None:
            self._pool((event.id, None, Mode.ONSITE), event.name, plan.seats, None)
        if plan.online_seats is not None:
            name = _online(event.name)
            self._pool((event.id, None, Mode.ONLINE), name, plan.online_seats, None)

    def _pool(self, key: PoolKey, name: Text, size: int, waiting: int | None) -> None:
        held = self.pools.get(key)
        if held is None:
            self._new_pool(key, name, size, waiting)
            self.report.note("pools", new=True)
            return
        diff = apply(held, {"name_zh": name.zh, "name_en": name.en})
        resized = (held.size, held.waiting_limit) != (size, waiting)
        if resized:
            resize_pool(self.series.id, held.id, size, waiting)
        self.report.note("pools", diff=bool(diff) or resized)

    def _new_pool(self, key: PoolKey, name: Text, size: int, waiting: int | None) -> None:
        event_id, category_id, mode = key
        pool = Pool(
            series_id=self.series.id,
            event_id=event_id,
            category_id=category_id,
            mode=mode,
            name_zh=name.zh,
            name_en=name.en,
            size=size,
            waiting_limit=waiting,
        )
        pool.held, pool.waiting = _counted(pool)
        pool.grandfathered = max(0, pool.held - size)
        db.session.add(pool)
        db.session.flush()
        after = {"name_zh": name.zh, "size": size, "waiting_limit": waiting}
        self._record("pool.create", f"pool:{pool.id}", Diff({}, after))

    def _record(self, action: str, subject: str, diff: Diff) -> None:
        audit.record(
            action, subject, series_id=self.series.id, before=diff.before, after=diff.after
        )


def _closing(admission: Admission, starts: Sequence[datetime]) -> datetime:
    return max(starts) if admission is Admission.OPEN else min(starts) - _BEFORE_FIRST


def _online(name: Text) -> Text:
    return Text(name.zh + _ONLINE.zh, name.en and name.en + _ONLINE.en)


def _counted(pool: Pool) -> tuple[int, int]:
    """How many people hold a seat in a new pool, and how many wait: it may come late."""
    pending = and_(
        Registration.state.in_([State.SUBMITTED, State.RETURNED]), Category.pending_holds
    )
    holds = or_(Registration.state.in_([State.CONFIRMED, State.OFFERED]), pending)
    return _people(pool, holds), _people(pool, Registration.state == State.WAITLISTED)


def _people(pool: Pool, which: ColumnElement[bool]) -> int:
    found = (
        select(func.count())
        .select_from(Registration)
        .join(Category, Category.id == Registration.category_id)
        .where(Registration.series_id == pool.series_id, which)
    )
    if pool.category_id is not None:
        found = found.where(Registration.category_id == pool.category_id)
    if pool.mode is not None:
        found = found.where(Registration.mode == pool.mode)
    if pool.event_id is not None:
        found = found.join(
            RegistrationEvent, RegistrationEvent.registration_id == Registration.id
        ).where(RegistrationEvent.event_id == pool.event_id)
    return db.session.execute(found).scalar_one()
