"""The arrival curve as geometry: what the template draws, in the units of its 560 × 270 picture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from eduforum.core.dates import clock_text, day_text, local
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.events.rules import KIND_NAMES

LEFT, RIGHT, TOP, BOTTOM = 48.0, 516.0, 34.0, 238.0
_LABEL_ROWS = (230.0, 208.0, 186.0, 164.0)
_HOUR = timedelta(hours=1)
_LEAST_STEP = timedelta(minutes=5)
_SHORT = timedelta(hours=4)
_MOST_TICKS = 8
_MOST_LINES = 5
_SEES_RIGHT = 370.0
"""Beyond this a label stands before its line, so that it stays in the picture."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place: a tick of the clock, a line of the scale, the start of an event."""

    at: float
    label: Text | str
    row: float = 0
    before: bool = False
    time: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """title says in words what the picture shows; table says it in figures: (time, people)."""

    day: date
    title: Text
    begins: str
    path: str
    end: tuple[float, float]
    total: int
    expected: int
    target: float
    hours: Sequence[Mark]
    scale: Sequence[Mark]
    starts: Sequence[Mark]
    table: Sequence[tuple[str, int]]


def draw(
    day: date,
    arrivals: Mapping[datetime, int],
    expected: int,
    events: Sequence[Event],
    zone: str,
    now: datetime,
) -> Curve:
    """The curve of one day: cumulative arrivals, the starts of its `events`, who is expected.

    arrivals: how many came within the five minutes from each time on. The line ends now, or with
    the day's last event; steps are five minutes, ten where the day is longer than four hours.
    """
    begin, end = _span(arrivals, events, zone, now)
    until = min(max(now, begin), end)
    step = _LEAST_STEP if end - begin <= _SHORT else 2 * _LEAST_STEP
    table = _cumulative(arrivals, begin, until, step)
    total = table[-1][1]
    unit = _unit(max(expected, total, 1))
    top = max(unit, -(-max(expected, total) // unit) * unit)

    def x(at: datetime) -> float:
        return round(LEFT + (RIGHT - LEFT) * ((at - begin) / (end - begin)), 1)

    def y(people: int) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * people / top, 1)

    return Curve(
        day=day,
        title=_title(day, total, expected, clock_text(until, zone)),
        begins=clock_text(begin, zone),
        path=" ".join(f"{x(at)},{y(people)}" for at, people in table),
        end=(x(table[-1][0]), y(total)),
        total=total,
        expected=expected,
        target=y(expected),
        hours=_hours(begin, end, zone, x),
        scale=[Mark(y(people), str(people)) for people in range(0, top + 1, unit)],
        starts=_starts(events, zone, x),
        table=[(clock_text(at, zone), people) for at, people in _told(table)],
    )


def _span(
    arrivals: Mapping[datetime, int], events: Sequence[Event], zone: str, now: datetime
) -> tuple[datetime, datetime]:
    """Whole hours: from an hour before the first event to its end or now, with all arrivals."""
    begin = min([*arrivals, *(event.starts_at - _HOUR for event in events)])
    last = max(event.ends_at for event in events)
    ends = [at + _LEAST_STEP for at in arrivals]
    ends += [event.starts_at + _LEAST_STEP for event in events]
    end = max(*ends, min(now, last)).astimezone(UTC)
    first, whole = _hour_of(begin, zone), _hour_of(end, zone)
    return first, max(whole if whole == end else whole + _HOUR, first + 2 * _HOUR)


def _hour_of(at: datetime, zone: str) -> datetime:
    """When the hour began on the clocks of `zone`, in UTC."""
    return local(at, zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def _cumulative(
    arrivals: Mapping[datetime, int], begin: datetime, until: datetime, step: timedelta
) -> list[tuple[datetime, int]]:
    """How many had come at each step, and at the very end."""
    found, people = [(begin, 0)], 0
    waiting = sorted(arrivals.items())
    at = begin
    while at < until:
        at = min(at + step, until)
        while waiting and (waiting[0][0] < at or at == until):
            people += waiting.pop(0)[1]
        found.append((at, people))
    if waiting:
        found[-1] = (found[-1][0], people + sum(more for _, more in waiting))
    return found


def _told(table: Sequence[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """The steps at which somebody came, and the two ends."""
    return [
        row
        for place, row in enumerate(table)
        if place in (0, len(table) - 1) or row[1] != table[place - 1][1]
    ]


def _unit(most: int) -> int:
    """A round number of people for one line of the scale: 1, 2 or 5 times a power of ten."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if most <= factor * size * _MOST_LINES:
                return factor * size
        size *= 10


def _hours(begin: datetime, end: datetime, zone: str, x: Callable[[datetime], float]) -> list[Mark]:
    count = int((end - begin) / _HOUR)
    every = -(-count // _MOST_TICKS)
    times = [begin + _HOUR * number for number in range(0, count + 1, every)]
    return [Mark(x(at), clock_text(at, zone)) for at in times]


def _starts(events: Sequence[Event], zone: str, x: Callable[[datetime], float]) -> list[Mark]:
    """One line for all events that start together; neighbours' labels stand at other heights."""
    ordered = sorted(events, key=lambda event: event.starts_at)
    marks = []
    for place, (at, together) in enumerate(groupby(ordered, key=lambda event: event.starts_at)):
        where = x(at)
        row = _LABEL_ROWS[place % len(_LABEL_ROWS)]
        label, before = _start_label(list(together)), where > _SEES_RIGHT
        marks.append(Mark(where, label, row, before, clock_text(at, zone)))
    return marks


def _start_label(together: Sequence[Event]) -> Text:
    kinds = {event.kind for event in together}
    number = len(together)
    name = KIND_NAMES[together[0].kind]
    if number == 1:
        return Text(f"{name.zh}开始", f"{name.en} starts")
    if len(kinds) == 1:
        return Text(f"{number} 场{name.zh}开始", f"{number} events start")
    return Text(f"{number} 项活动开始", f"{number} events start")


def _title(day: date, total: int, expected: int, until: str) -> Text:
    when = day_text(day)
    return Text(
        f"{when.zh}累计报到人数：至 {until} 为 {total} 人，应到 {expected} 人",
        f"Arrivals on {when.en}: {total} by {until}, {expected} expected",
    )


def on_day(events: Sequence[Event], day: date, zone: str) -> list[Event]:
    """The events that start on a day of that zone."""
    return [event for event in events if local(event.starts_at, zone).date() == day]
