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

from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Series
from eduforum.events.rules import Mode
from eduforum.registration.models import Category, Pool
from eduforum.registration.queries import categories_of, for_everybody, pools_of
from eduforum.registration.rules import Admission
from eduforum.registration.services import pools, settings
from eduforum.registration.services.pools import PoolInput
from eduforum.registration.services.settings import CategoryInput
from eduforum.site.loader.asking import store_forms
from eduforum.site.loader.nodes import BadFile
from eduforum.site.loader.plans import CategoryPlan, EventPlan, SeriesPlan
from eduforum.site.loader.report import Report

_BEFORE_FIRST = timedelta(hours=12)
_PAST_WINDOW = timedelta(days=14)
_ONLINE = Text("（线上）", " (online)")

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
    forms: dict[str, int] = field(default_factory=dict)

    def store(self, plan: SeriesPlan) -> None:
        self.pools = {
            (pool.event_id, pool.category_id, pool.mode): pool
            for pool in pools_of(self.series.id)
            if pool.session_id is None and for_everybody(pool)
        }
        self.forms = store_forms(self.series, plan.forms, self.report)
        held = {category.code: category for category in categories_of(self.series.id)}
        for part in plan.categories:
            category = self._category(part, held.get(part.code))
            self._category_pools(part, category)
        for event_part in plan.events:
            self._event_pools(event_part, self.events[event_part.slug])

    def _category(self, plan: CategoryPlan, held: Category | None) -> Category:
        chosen = [self.events[slug] for slug in plan.events]
        closes = _closing(plan.admission, [event.starts_at for event in chosen])
        ends = (closes, closes) if held is None else self._moved_window(held, closes)
        opens = clock.now() if held is None else held.opens_at
        given = CategoryInput(
            name_zh=plan.zh,
            name_en=plan.en or (held.name_en if held else ""),
            admission=plan.admission,
            opens_at=opens if opens < ends[0] else ends[0] - _PAST_WINDOW,
            closes_at=ends[0],
            edit_until=ends[1],
            offer_hours=held.offer_hours if held else 12,
            pending_holds=held.pending_holds if held else True,
            guardian_consent=plan.guardian_consent,
            asks_id=plan.asks_id if plan.asks_id is not None else bool(held and held.asks_id),
            transferable=bool(held and held.transferable),
            form_id=self.forms[plan.form] if plan.form else held.form_id if held else None,
            event_ids=tuple(event.id for event in chosen),
        )
        if held is None:
            self.report.note("categories", new=True)
            return settings.create_category(self.series.id, plan.code, given)
        diff = settings.edit_category(self.series.id, held.id, given)
        self.report.note("categories", diff=diff)
        return held

    def _moved_window(self, held: Category, closes: datetime) -> tuple[datetime, datetime]:
        """The ends of the window: those that stood where the file's events put them, put anew."""
        starts = [self.before[event.slug] for event in held.events if event.slug in self.before]
        was = _closing(held.admission, starts) if starts else None
        return (
            closes if held.closes_at == was else held.closes_at,
            closes if held.edit_until == was else held.edit_until,
        )

    def _category_pools(self, plan: CategoryPlan, category: Category) -> None:
        onsite = None if plan.online_seats is None else Mode.ONSITE
        self._check_undivided(plan, category, onsite)
        if plan.seats is not None:
            key = (None, category.id, onsite)
            self._pool(key, category.name, plan.seats, plan.waiting)
        if plan.online_seats is not None:
            key = (None, category.id, Mode.ONLINE)
            self._pool(key, _online(category.name), plan.online_seats, plan.waiting)

    def _check_undivided(self, plan: CategoryPlan, category: Category, onsite: Mode | None) -> None:
        """A pool for everybody becomes one for the room only (or the other way) while it is empty:
        it is taken away, and made anew. Raises `BadFile` when people count in it.
        """
        key = (None, category.id, None if onsite is Mode.ONSITE else Mode.ONSITE)
        other = self.pools.get(key)
        if other is None or (None, category.id, onsite) in self.pools:
            return
        if other.held or other.waiting:
            sentence = "people hold seats in this category already; divide its seats at the desk"
            raise BadFile([f"{plan.path}.online_seats: {sentence}"])
        pools.delete_pool(self.series.id, other.id)
        del self.pools[key]

    def _event_pools(self, plan: EventPlan, event: Event) -> None:
        if plan.seats is not None:
            self._pool((event.id, None, Mode.ONSITE), event.name, plan.seats, None)
        if plan.online_seats is not None:
            key = (event.id, None, Mode.ONLINE)
            self._pool(key, _online(event.name), plan.online_seats, None)

    def _pool(self, key: PoolKey, name: Text, size: int, waiting: int | None) -> None:
        held = self.pools.get(key)
        if held is not None:
            says = (held.name_zh, held.name_en, held.size, held.waiting_limit)
            pools.edit_pool(self.series.id, held.id, name, size, waiting)
            self.report.note("pools", diff=says != (name.zh, name.en, size, waiting))
            return
        given = PoolInput(
            name_zh=name.zh,
            name_en=name.en,
            event_id=key[0],
            category_id=key[1],
            mode=key[2],
            size=size,
            waiting_limit=waiting,
        )
        pools.create_pool(self.series.id, given)
        self.report.note("pools", new=True)


def _closing(admission: Admission, starts: Sequence[datetime]) -> datetime:
    return max(starts) if admission is Admission.OPEN else min(starts) - _BEFORE_FIRST


def _online(name: Text) -> Text:
    return Text(name.zh + _ONLINE.zh, name.en and name.en + _ONLINE.en)
