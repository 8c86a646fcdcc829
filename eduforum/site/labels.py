"""Short labels on the public pages: rooms, kinds, parties, seats, what a link does."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from eduforum.core.dates import clock_text, day_text, days_text, local, weekday_text
from eduforum.core.i18n import Text, plural
from eduforum.events.models import Event, Series
from eduforum.events.rules import FIELD_NAMES, KIND_NAMES, MODE_NAMES, Kind
from eduforum.schedule.models import Plaque, SessionPerson
from eduforum.schedule.rules import PART_NAMES
from eduforum.site.queries import Seat

_NUMBERS = {
    2: Text("两", "two"), 3: Text("三", "three"), 4: Text("四", "four"), 5: Text("五", "five"),
    6: Text("六", "six"), 7: Text("七", "seven"), 8: Text("八", "eight"), 9: Text("九", "nine"),
}  # fmt: skip


def number(n: int) -> Text:
    """两、三 … 九 / two, three … nine; figures beyond."""
    return _NUMBERS.get(n, Text(str(n), str(n)))


def party_count(n: int) -> Text:
    """双方、三方 / Two parties, Three parties."""
    if n == 2:
        return Text("双方", "Two parties")
    return Text("{n}方", "{n} parties").fill(n=Text(number(n).zh, number(n).en.capitalize()))


def field_name(event: Event) -> Text:
    return FIELD_NAMES[event.field] if event.field else Text("", "")


def kind_name(event: Event) -> Text:
    return KIND_NAMES[event.kind]


def mode_name(event: Event) -> Text:
    return MODE_NAMES[event.mode]


def part_name(person: SessionPerson) -> Text:
    return PART_NAMES[person.part]


def room(event: Event) -> Text:
    return Text(event.room, event.room_en)


def host(series: Series) -> Text:
    return Text(series.host, series.host_en)


def description(event: Event) -> Text:
    return Text(event.description_zh, event.description_en)


def seats(n: int) -> Text:
    return plural(n, "{n} 席", "{n} seat", "{n} seats")


def left(event: Event, now: datetime) -> Text:
    """How long a running event still takes: minutes, or hours beyond two."""
    minutes = max(1, -((now - event.ends_at) // timedelta(minutes=1)))
    if minutes > 120:
        return plural(
            round(minutes / 60), "还有约 {n} 小时", "about {n} hour left", "about {n} hours left"
        )
    return plural(minutes, "还有 {n} 分钟", "{n} minute left", "{n} minutes left")


def together(events: Sequence[Event]) -> Text:
    """That these events run at the same time, and that one chooses."""
    n = number(len(events))
    if all(event.kind is Kind.FORUM for event in events):
        return Text("{n}个论坛同时举行，请选一个", "{n} forums at the same time, choose one").fill(
            n=n
        )
    return Text("{n}场活动同时举行", "{n} events at the same time").fill(n=n)


def span(first: datetime, last: datetime, zone: str) -> Text:
    """The days from `first` to `last` on the clocks of `zone`, with the year."""
    return days_text(local(first, zone).date(), local(last, zone).date())


def event_day(event: Event, zone: str) -> Text:
    return day_text(_day(event, zone), year=True)


def event_weekday(event: Event, zone: str) -> Text:
    return weekday_text(_day(event, zone))


def event_time(event: Event, zone: str) -> Text:
    """From when until when; the day of the end too when it is another one."""
    start, end = clock_text(event.starts_at, zone), clock_text(event.ends_at, zone)
    ends_on = local(event.ends_at, zone).date()
    if ends_on == _day(event, zone):
        return Text(f"{start} 至 {end}", f"{start} to {end}")
    day = day_text(ends_on)
    return Text(f"{start} 至 {day.zh} {end}", f"{start} to {day.en}, {end}")


def list_is_open(event: Event, plaques: Sequence[Plaque]) -> bool:
    """Whether the announcement names these plaques “and others” (…等)."""
    return any(f"{plaque.name_zh}等" in event.said for plaque in plaques)


def register_word(seat: Seat) -> Text:
    if seat.state == "full":
        return Text("排队候补", "Join the waiting list")
    return Text("报名", "Register")


def register_label(seat: Seat, event: Event) -> Text:
    """What the link does, for somebody who hears it alone."""
    return Text("{what}：{event}，{category}", "{what}: {event}, {category}").fill(
        what=register_word(seat), event=event.name, category=seat.category.name
    )


def apply_label(event: Event) -> Text:
    return Text("报名：{event}", "Register: {event}").fill(event=event.name)


def _day(event: Event, zone: str) -> date:
    return local(event.starts_at, zone).date()
