"""What a delegation's people may choose: categories, and their events as columns of the grid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby

from eduforum.core.dates import clock_text, day_text, local
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.delegations.rules import common_end
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState
from eduforum.registration.models import Category

_NOON, _EVENING = time(12), time(18)
_HALVES = (Text("上午", "Morning"), Text("下午", "Afternoon"), Text("晚上", "Evening"))


@dataclass(frozen=True, slots=True)
class Slot:
    """Events that take place at one time, of which a person chooses at most one: one column.

    key: its name in the form and in the workbook's order.
    """

    key: str
    label: Text
    events: tuple[Event, ...]

    def chosen(self, slugs: Iterable[str]) -> str:
        """The slug of this slot among `slugs`, "" if there is none."""
        here = {event.slug for event in self.events}
        return next((slug for slug in slugs if slug in here), "")


@dataclass(frozen=True, slots=True)
class Choices:
    """Categories with their events. slots: those that exclude each other; rest: all others."""

    series: Series
    categories: tuple[Category, ...]
    slots: tuple[Slot, ...]
    rest: tuple[Event, ...]

    @property
    def events(self) -> list[Event]:
        slotted = [event for slot in self.slots for event in slot.events]
        return sorted([*slotted, *self.rest], key=_when)

    @property
    def only_category(self) -> Category | None:
        return self.categories[0] if len(self.categories) == 1 else None

    @property
    def has_minors(self) -> bool:
        """Whether guardians have to agree for some of the people."""
        return any(one.guardian_consent for one in self.categories)

    @property
    def rest_label(self) -> Text:
        halves = {_half(event, self.series.time_zone) for event in self.rest}
        days = {local(e.starts_at, self.series.time_zone).date() for e in self.rest}
        if len(halves) == 1 and len(days) == 1:
            half = _HALVES[halves.pop()]
            return Text(f"{half.zh}活动", f"{half.en} events")
        return Text("其他活动", "Other events") if self.slots else Text("活动", "Events")

    def category(self, code: str) -> Category | None:
        return next((one for one in self.categories if one.code == code), None)

    def open_to(self, category: Category) -> set[str]:
        """The slugs that this category may choose."""
        return {event.slug for event in category.events}

    def usual(self, category: Category | None) -> tuple[str, ...]:
        """What is ticked for somebody new: whatever excludes nothing else."""
        allowed = self.open_to(category) if category else None
        return tuple(e.slug for e in self.rest if allowed is None or e.slug in allowed)

    def in_order(self, slugs: Iterable[str]) -> tuple[str, ...]:
        """These slugs, each once, in the order of time; unknown ones are left out."""
        wanted = set(slugs)
        return tuple(event.slug for event in self.events if event.slug in wanted)

    def category_named(self, typed: str) -> Category | None:
        """The category with this code or name."""
        return next((c for c in self.categories if _is_named(typed, c.code, c.name)), None)


def choices_of(series: Series, categories: Iterable[Category], now: datetime) -> Choices:
    """What `categories` may choose now: events that are neither cancelled nor over."""
    kept = tuple(categories)
    events = {event.id: event for category in kept for event in category.events}
    coming = sorted(
        (e for e in events.values() if e.state is EventState.SCHEDULED and e.ends_at > now),
        key=_when,
    )
    groups = [list(g) for _, g in groupby(coming, key=lambda e: (e.starts_at, e.ends_at))]
    parallel = [group for group in groups if len(group) > 1]
    slots = tuple(
        Slot(f"slot{n}", _slot_label(group, series.time_zone, coming), tuple(group))
        for n, group in enumerate(parallel, 1)
    )
    rest = tuple(event for group in groups if len(group) == 1 for event in group)
    return Choices(series, kept, slots, rest)


def named_event(events: Sequence[Event], typed: str) -> Event | None:
    """The event with this slug or name, or the only one whose name holds what was typed."""
    wanted = clean(typed)
    exact = next((e for e in events if _is_named(wanted, e.slug, e.name)), None)
    if exact is not None or len(wanted) < 2:
        return exact
    holding = [
        e for e in events if wanted in e.name_zh or wanted.casefold() in e.name_en.casefold()
    ]
    return holding[0] if len(holding) == 1 else None


def _is_named(typed: str, code: str, name: Text) -> bool:
    wanted = clean(typed).casefold()
    return bool(wanted) and wanted in {code, name.zh.casefold(), name.en.casefold()}


def _slot_label(group: Sequence[Event], zone: str, coming: Sequence[Event]) -> Text:
    half = _HALVES[_half(group[0], zone)]
    kind = common_end([event.name_zh for event in group])
    days = {local(event.starts_at, zone).date() for event in coming}
    day = day_text(local(group[0].starts_at, zone).date()) if len(days) > 1 else Text("", "")
    at = clock_text(group[0].starts_at, zone)
    short = kind[-2:] if len(kind) >= 2 else f"{at}（选一）"
    word = common_end([event.name_en for event in group]).split()[-1:]
    english = f"{half.en} {word[0]}" if word else f"{half.en}, one of"
    return Text(f"{day.zh}{half.zh}{short}", f"{day.en} {english}".strip())


def _half(event: Event, zone: str) -> int:
    start = local(event.starts_at, zone).time()
    return 0 if start < _NOON else 1 if start < _EVENING else 2


def _when(event: Event) -> tuple[datetime, datetime, int]:
    return event.starts_at, event.ends_at, event.position
