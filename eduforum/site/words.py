"""Facts about a series in words: when, where, who may come, until when one registers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from eduforum.core.dates import clock_text, days_text, local, moment_text, weekday_text
from eduforum.core.i18n import Text, plural
from eduforum.events.models import Event, Region, Series
from eduforum.events.rules import FIELD_NAMES, KIND_NAMES, Kind
from eduforum.registration.models import Category
from eduforum.registration.queries import is_public
from eduforum.registration.rules import Admission
from eduforum.site.labels import number

NOTHING = Text("", "")
_FEW_ROOMS = 3
_HOW = {
    Admission.OPEN: Text("在线报名，有席位即确认", "Online, confirmed while seats last"),
    Admission.BY_APPROVAL: Text("在线报名，审核后确认", "Online, confirmed after review"),
    Admission.BY_INVITATION: Text("由主办方邀请", "By invitation of the organiser"),
    Admission.BY_DELEGATION: Text("由所在单位报送名单", "Named by their unit"),
}
_SHORT_FIELD = {field: name.en + " education" for field, name in FIELD_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Fact:
    """A short statement and a smaller one below it (may be empty)."""

    main: Text
    more: Text = NOTHING


def joined(names: Iterable[Text]) -> Text:
    """Names in a row; one without an English form stands in Chinese."""
    given = list(names)
    return Text("、".join(n.zh for n in given), ", ".join(n.en or n.zh for n in given))


def when(events: Sequence[Event], zone: str) -> Fact:
    """The days of a series: with the weekday of a single one, else with the number of events."""
    if not events:
        return Fact(Text("待定", "To be announced"))
    first = local(events[0].starts_at, zone).date()
    last = max(local(event.starts_at, zone).date() for event in events)
    more = (
        weekday_text(first)
        if first == last
        else plural(len(events), "共 {n} 场活动", "{n} event", "{n} events")
    )
    return Fact(days_text(first, last), more)


def hosting(series: Series, regions: Sequence[Region]) -> Fact:
    """Who hosts; in a yearly edition, with whom that partner takes turns."""
    host = Text(series.host, series.host_en)
    if not series.hosts_take_turns:
        return Fact(host)
    others = [region.name for region in regions if region.code != series.host_region_code]
    if not others:
        return Fact(host)
    rest = Text(joined(others).zh, " and ".join(name.en or name.zh for name in others))
    return Fact(host, Text("与{rest}轮流主办", "in turn with {rest}").fill(rest=rest))


def rooms(events: Sequence[Event]) -> Fact:
    """The rooms in the order of first use: a few by name, more by number."""
    found = list(dict.fromkeys(Text(e.room, e.room_en) for e in events if e.room))
    if not found:
        return Fact(Text("待定", "To be announced"))
    if len(found) < _FEW_ROOMS:
        return Fact(joined(found))
    main = plural(
        len(found) - 1, "{first}等 {all} 处", "{first} and {n} more", "{first} and {n} more",
        first=found[0], all=len(found),
    )  # fmt: skip
    return Fact(main, joined(found[1:]) if len(found) <= 2 * _FEW_ROOMS else NOTHING)


def registration(categories: Sequence[Category], now: datetime, zone: str) -> Fact:
    """Until when one registers, for the categories that people choose by themselves."""
    own = [category for category in categories if is_public(category)]
    if not categories:
        return Fact(Text("待定", "To be announced"))
    if not own:
        return Fact(
            Text("由单位报送或受邀参加", "By unit or by invitation"),
            Text("不接受个人在线报名", "no registration by oneself"),
        )
    now_open = [c for c in own if c.opens_at <= now < c.closes_at]
    if now_open:
        return _open_fact(now_open, own, now, zone)
    later = min((c.opens_at for c in own if c.opens_at > now), default=None)
    if later is None:
        return Fact(Text("已截止", "Closed"))
    opens = Text("{when} 开始", "Opens {when}").fill(when=moment_words(later, now, zone))
    return Fact(opens)


def _open_fact(
    now_open: Sequence[Category], own: Sequence[Category], now: datetime, zone: str
) -> Fact:
    """The latest end among the open categories, and what is true of the others."""
    end = max(category.closes_at for category in now_open)
    last = [category for category in now_open if category.closes_at == end]
    until = moment_words(end, now, zone)
    names = joined(category.name for category in last)
    if len(last) == len(own):
        return Fact(
            Text("至{until}", "Until {until}").fill(until=until),
            Text("{names}可在线报名", "open to: {names}").fill(names=names),
        )
    shut = [c for c in own if c.closes_at <= now]
    more = (
        Text("{names}已截止", "closed for: {names}").fill(names=joined(c.name for c in shut))
        if shut
        else Text("其他类别另有截止时间", "other categories end earlier")
    )
    return Fact(
        Text("{names}至{until}", "{names}: until {until}").fill(names=names, until=until), more
    )


def moment_words(moment: datetime, now: datetime, zone: str) -> Text:
    """今日 12:00 on the day itself; the year only when it is another one."""
    there, here = local(moment, zone), local(now, zone)
    if there.date() == here.date():
        return Text(f"今日 {clock_text(moment, zone)}", f"{clock_text(moment, zone)} today")
    return moment_text(moment, zone, year=there.year != here.year)


def how(category: Category) -> Text:
    """How people come in by this category."""
    return _HOW[category.admission]


def window(category: Category, now: datetime, zone: str) -> Text:
    """The registration window of a category that people choose by themselves; empty for others."""
    if not is_public(category):
        return NOTHING
    if now >= category.closes_at:
        return Text("报名已截止", "closed")
    if now < category.opens_at:
        opens = moment_words(category.opens_at, now, zone)
        return Text("{when} 开始报名", "opens {when}").fill(when=opens)
    return Text("至{when}", "until {when}").fill(when=moment_words(category.closes_at, now, zone))


def attends(category: Category, events: Sequence[Event]) -> list[Text]:
    """What a category comes to, in as few words as are clear."""
    mine = {event.id for event in category.events}
    here = [event for event in events if event.id in mine]
    if here and len(here) == len(events):
        return [Text("全部活动", "All events")]
    forums = [event for event in events if event.kind is Kind.FORUM]
    whole = len(forums) > 1 and all(event.id in mine for event in forums)
    short = [_short(event, events) for event in here if not (whole and event.kind is Kind.FORUM)]
    if whole:
        short.append(Text("{n}个论坛", "{n} forums").fill(n=number(len(forums))))
    return short


def _short(event: Event, events: Sequence[Event]) -> Text:
    """The kind alone where there is one of it; a forum by its field; else the name."""
    kind = KIND_NAMES[event.kind]
    if sum(other.kind is event.kind for other in events) == 1:
        return kind
    if event.field and event.kind is Kind.FORUM:
        return Text(FIELD_NAMES[event.field].zh + kind.zh, _SHORT_FIELD[event.field] + " forum")
    return event.name
