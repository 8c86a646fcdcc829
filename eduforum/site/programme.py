"""The schedule as the series page tells it: days, parts of a day, slots, parallel events."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from eduforum.core.dates import local
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.events.rules import FIELD_NAMES, KIND_NAMES, EventState, Kind

_FILTER_BY_KIND_FROM = 6
"""Series without fields of education get a filter by kind once they are longer than this."""
PLENARY = "plenary"


class Phase(StrEnum):
    """Where an event stands by the clock."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Slot:
    """Events that start together; several are parallel, and one chooses among them."""

    starts_at: datetime
    events: Sequence[Event]
    phase: Phase

    @property
    def ends_at(self) -> datetime:
        return max(event.ends_at for event in self.events)

    @property
    def parallel(self) -> bool:
        return len(self.events) > 1


@dataclass(frozen=True, slots=True)
class DayPart:
    """A morning, an afternoon or an evening."""

    name: Text
    slots: Sequence[Slot]

    @property
    def events(self) -> list[Event]:
        return [event for slot in self.slots for event in slot.events]

    @property
    def room(self) -> Text | None:
        """The room, when all of it is in one."""
        rooms = dict.fromkeys(Text(event.room, event.room_en) for event in self.events)
        return next(iter(rooms)) or None if len(rooms) == 1 else None

    @property
    def together(self) -> Slot | None:
        """The first slot with parallel events, which deserves a word in the heading."""
        return next((slot for slot in self.slots if slot.parallel), None)


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    parts: Sequence[DayPart]


@dataclass(frozen=True, slots=True)
class Track:
    """A filter of the schedule; `code` "" shows everything."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class NowNext:
    """What runs at this moment, and what starts next on the same day."""

    running: Sequence[Event]
    coming: Sequence[Event]


def phase(event: Event, now: datetime) -> Phase:
    if event.ends_at <= now:
        return Phase.DONE
    return Phase.NOW if event.starts_at <= now and not is_off(event) else Phase.AHEAD


def is_off(event: Event) -> bool:
    """Whether the event was cancelled."""
    return event.state is EventState.CANCELLED


def days(events: Iterable[Event], zone: str, now: datetime) -> list[Day]:
    """The schedule by the clocks of `zone`; `events` are in the order of time."""
    by_day = groupby(events, key=lambda event: local(event.starts_at, zone).date())
    return [Day(day, _parts(list(there), zone, now)) for day, there in by_day]


def now_next(events: Sequence[Event], zone: str, now: datetime) -> NowNext | None:
    """What to point at on a day of the series; None on other days and once the day is over."""
    today = local(now, zone).date()
    here = [e for e in events if not is_off(e) and local(e.starts_at, zone).date() == today]
    coming = [event for event in here if event.starts_at > now]
    first = min((event.starts_at for event in coming), default=None)
    found = NowNext(
        running=[e for e in events if not is_off(e) and e.starts_at <= now < e.ends_at],
        coming=[event for event in coming if event.starts_at == first],
    )
    return found if found.running or found.coming else None


def tracks(events: Sequence[Event]) -> list[Track]:
    """The filters worth offering, "all" first; none when there is nothing to choose."""
    codes = dict.fromkeys(track_of(events)(event) for event in events)
    if len(codes) < 2:
        return []
    names = {code: _track_name(code) for code in codes}
    return [Track("", Text("全部", "All")), *(Track(code, name) for code, name in names.items())]


def track_of(events: Sequence[Event]) -> Callable[[Event], str]:
    """How these events are sorted into tracks: by field of education, else by kind."""
    if any(event.field for event in events):
        return lambda event: str(event.field or PLENARY)
    if len(events) > _FILTER_BY_KIND_FROM:
        return lambda event: str(event.kind)
    return lambda _event: PLENARY


def on_track(events: Sequence[Event], code: str) -> Sequence[Event]:
    """The events of one track; all of them when there is no such track."""
    track = track_of(events)
    chosen = [event for event in events if track(event) == code]
    return chosen or events


def _parts(events: Iterable[Event], zone: str, now: datetime) -> list[DayPart]:
    by_part = groupby(events, key=lambda event: _part_name(local(event.starts_at, zone)))
    return [DayPart(name, _slots(there, now)) for name, there in by_part]


def _slots(events: Iterable[Event], now: datetime) -> list[Slot]:
    by_start = groupby(events, key=lambda event: event.starts_at)
    return [_slot(start, list(there), now) for start, there in by_start]


def _slot(start: datetime, events: list[Event], now: datetime) -> Slot:
    phases = {phase(event, now) for event in events}
    if Phase.NOW in phases:
        return Slot(start, events, Phase.NOW)
    return Slot(start, events, Phase.DONE if phases == {Phase.DONE} else Phase.AHEAD)


def _part_name(start: datetime) -> Text:
    if start.hour < 12:
        return Text("上午", "Morning")
    return Text("下午", "Afternoon") if start.hour < 18 else Text("晚上", "Evening")


def _track_name(code: str) -> Text:
    if code == PLENARY:
        return Text("全体活动", "Plenary")
    fields = {str(field): name for field, name in FIELD_NAMES.items()}
    return fields[code] if code in fields else KIND_NAMES[Kind(code)]


def neighbours(events: Sequence[Event], event: Event) -> tuple[Event | None, Event | None]:
    """The events before and after `event` in the schedule."""
    place = [other.id for other in events].index(event.id)
    before = events[place - 1] if place else None
    return before, events[place + 1] if place + 1 < len(events) else None
