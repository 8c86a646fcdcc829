"""Whole changes of series and events; whoever must react to them is told here."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select

from eduforum.core import audit, clock
from eduforum.core.dates import clock_text, day_text, local, weekday_text
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.changes import Diff, apply
from eduforum.events.models import Event, Region, Series
from eduforum.events.queries import is_used
from eduforum.events.rules import (
    AlreadyCancelled,
    EventState,
    Field,
    InUse,
    Kind,
    Mode,
    NotCancelled,
    check_period,
    check_slug,
)

Row = TypeVar("Row", Series, Event)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise now. what: `day`, `time`, `room`, `name` or `cancelled`."""

    what: str
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class EventChange:
    """What whoever comes to `event` must know. reason: what the organisers say about it."""

    event: Event
    what: Sequence[Change]
    cancelled: bool = False
    reason: str = ""


EVENT_CHANGED: list[Callable[[EventChange], None]] = []
"""Called inside the change when an event moves, is cancelled or takes place after all."""

EVENT_ADDED: list[Callable[[Event], None]] = []
"""Called inside the change, with the ids given, when an event is new."""

BEFORE_EVENT_REMOVED: list[Callable[[Event], None]] = []
"""Called inside the change before anything else is looked at; raises where the event is needed."""

EVENT_REMOVED: list[Callable[[Event], None]] = []
"""Called inside the change before an event is deleted; may refuse."""

PEOPLE_OF_EVENT: list[Callable[[int], int]] = []
"""How many people come to the event with this id."""

_TOLD = {"day", "time", "room", "cancelled"}
_IN_CALENDARS = (
    "name_zh", "name_en", "starts_at", "ends_at", "room", "room_en",
    "description_zh", "description_en", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesInput:
    """A series as its organisers describe it. The slug is fixed when the series is made."""

    name_zh: str
    name_en: str = ""
    edition: int | None = None
    host: str = ""
    host_en: str = ""
    host_region_code: str | None = None
    time_zone: str = "Asia/Shanghai"
    sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInput:
    """An event as its organisers describe it. starts_at, ends_at: aware.

    room, room_en: the name of the place; "" while it is open.
    """

    name_zh: str
    name_en: str = ""
    kind: Kind
    mode: Mode = Mode.ONSITE
    field: Field | None = None
    starts_at: datetime
    ends_at: datetime
    room: str = ""
    room_en: str = ""
    description_zh: str = ""
    description_en: str = ""
    topics: tuple[str, ...] = ()


def people_of_event(event_id: int) -> int:
    """How many people are told when this event moves or is cancelled."""
    return sum(count(event_id) for count in PEOPLE_OF_EVENT)


def create_series(slug: str, given: SeriesInput, *, published: bool = False) -> Series:
    """Make an empty series under the next number. Raises `BadInput` beside `slug`, `time_zone`."""
    check_slug(slug)
    with transaction():
        if db.session.scalar(select(Series.id).where(Series.slug == slug)):
            sentence = Text(
                "这个网址已被使用，请换一个。", "This address is taken. Choose another."
            )
            raise BadInput(sentence, {"slug": [sentence]})
        series = Series(
            slug=slug,
            number=(db.session.scalar(select(func.max(Series.number))) or 0) + 1,
            published=published,
            **_series_values(given),
        )
        db.session.add(series)
        db.session.flush()
        audit.record(
            "series.create", f"series:{series.id}", series_id=series.id, after={"slug": slug}
        )
    return series


def edit_series(series_id: int, given: SeriesInput) -> Diff:
    """Change what is said about the series. Raises `BadInput` beside `time_zone`."""
    with transaction():
        series = _locked(Series, series_id)
        diff = apply(series, _series_values(given))
        if diff:
            series.updated_at = clock.now()
            _record("series.edit", f"series:{series.id}", series.id, diff)
    return diff


def publish(series_id: int, published: bool) -> None:
    """Show the public pages of the series, or hide them from all but its own people."""
    with transaction():
        series = _locked(Series, series_id)
        diff = apply(series, {"published": published})
        if diff:
            series.updated_at = clock.now()
            action = "series.publish" if published else "series.unpublish"
            _record(action, f"series:{series.id}", series.id, diff)


def touch(series: Series) -> None:
    """Note that the public pages of the series show something else now."""
    series.updated_at = clock.now()


def add_event(series: Series, slug: str, given: EventInput, **more: Any) -> Event:
    """Add an event to the series. Raises `BadInput` beside `slug` or `ends_at`.

    more: other columns (`said`, `position`). `schedule.services` adds its session: call that.
    """
    check_slug(slug)
    check_period(given.starts_at, given.ends_at)
    with transaction():
        taken = select(Event.id).where(Event.series_id == series.id, Event.slug == slug)
        if db.session.scalar(taken):
            sentence = Text(
                "本系列已有活动使用这个网址，请换一个。",
                "Another event of this series has this address. Choose another.",
            )
            raise BadInput(sentence, {"slug": [sentence]})
        event = Event(series_id=series.id, slug=slug, **_event_values(given), **more)
        db.session.add(event)
        db.session.flush()
        touch(event.series)
        audit.record("event.create", f"event:{event.id}", series_id=series.id, after={"slug": slug})
        for react in EVENT_ADDED:
            react(event)
    return event


def change_event(event_id: int, given: EventInput, **more: Any) -> Diff:
    """Change an event and tell its people if its day, time or room is another.

    Raises `BadInput` beside `ends_at`. `schedule.services` moves its session along: call that.
    """
    check_period(given.starts_at, given.ends_at)
    with transaction():
        event = _locked(Event, event_id)
        was = _shown(event)
        diff = apply(event, _event_values(given) | more)
        if diff:
            _changed(event, diff)
            _record("event.edit", f"event:{event.id}", event.series_id, diff)
            _tell(event, _changes(was, _shown(event)))
    return diff


def cancel_event(event_id: int, reason: str) -> None:
    """Call the event off and tell its people why. Raises `AlreadyCancelled`."""
    with transaction():
        event = _locked(Event, event_id)
        if event.state is EventState.CANCELLED:
            raise AlreadyCancelled
        _set_state(event, EventState.CANCELLED, reason)


def restore_event(event_id: int) -> None:
    """Let a cancelled event take place after all, and tell its people. Raises `NotCancelled`."""
    with transaction():
        event = _locked(Event, event_id)
        if event.state is not EventState.CANCELLED:
            raise NotCancelled
        _set_state(event, EventState.SCHEDULED, "")


def remove_event(event_id: int, *, parts: Sequence[str]) -> None:
    """Delete an event that nobody uses. Raises `InUse`.

    parts: names of tables whose rows belong to the event and go with it.
    """
    with transaction():
        event = _locked(Event, event_id)
        for object_to in BEFORE_EVENT_REMOVED:
            object_to(event)
        if is_used(event, besides=parts):
            raise InUse(
                Text(
                    "已有报名、参会类别或名额用到这个活动，不能删除；如不再举行，请取消活动。",
                    "Registrations, categories or seats use this event, so it cannot be deleted. "
                    "If it does not take place, cancel it.",
                )
            )
        for react in EVENT_REMOVED:
            react(event)
        touch(event.series)
        audit.record(
            "event.delete",
            f"event:{event.id}",
            series_id=event.series_id,
            before={"slug": event.slug, "name_zh": event.name_zh},
        )
        db.session.delete(event)


def _set_state(event: Event, state: EventState, reason: str) -> None:
    diff = apply(event, {"state": state})
    _changed(event, diff)
    cancelled = state is EventState.CANCELLED
    diff.after.update({"reason": reason} if reason else {})
    action = "event.cancel" if cancelled else "event.restore"
    _record(action, f"event:{event.id}", event.series_id, diff)
    before, after = Text("照常举行", "As planned"), Text("已取消", "Cancelled")
    if not cancelled:
        before, after = after, before
    _tell(event, [Change("cancelled", before, after)], cancelled=cancelled, reason=reason)


def _changed(event: Event, diff: Diff) -> None:
    event.updated_at = clock.now()
    event.sequence += diff.touches(*_IN_CALENDARS)
    touch(event.series)
    db.session.flush()


def _tell(event: Event, what: Sequence[Change], **more: Any) -> None:
    if any(change.what in _TOLD for change in what):
        for react in EVENT_CHANGED:
            react(EventChange(event, what, **more))


def _shown(event: Event) -> dict[str, Text]:
    """What people know of an event: its name, day, time and room, as they read it."""
    zone = event.series.time_zone
    day = local(event.starts_at, zone).date()
    weekday, date = weekday_text(day), day_text(day, year=True)
    hours = f"{clock_text(event.starts_at, zone)}–{clock_text(event.ends_at, zone)}"
    return {
        "name": event.name,
        "day": Text(f"{date.zh}，{weekday.zh}", f"{weekday.en}, {date.en}"),
        "time": Text(hours, hours),
        "room": Text(event.room or "待定", event.room_en or event.room or "to be announced"),
    }


def _changes(was: dict[str, Text], now: dict[str, Text]) -> list[Change]:
    # An English name added or corrected is no news.
    return [Change(what, was[what], now[what]) for what in was if was[what].zh != now[what].zh]


def _event_values(given: EventInput) -> dict[str, Any]:
    return {**asdict(given), "topics": list(given.topics)}


def _series_values(given: SeriesInput) -> dict[str, Any]:
    errors = {}
    if not is_zone(given.time_zone):
        errors["time_zone"] = Text("没有这个时区。", "There is no such time zone.")
    if given.host_region_code and not db.session.get(Region, given.host_region_code):
        errors["host_region_code"] = Text("没有这个地区。", "There is no such region.")
    if errors:
        raise BadInput(next(iter(errors.values())), {name: [s] for name, s in errors.items()})
    return asdict(given)


def is_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _locked(kind: type[Row], row_id: int) -> Row:
    row = db.session.get(kind, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def _record(action: str, subject: str, series_id: int, diff: Diff) -> None:
    audit.record(action, subject, series_id=series_id, before=diff.before, after=diff.after)
