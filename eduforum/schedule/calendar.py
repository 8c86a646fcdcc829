"""Calendars that people subscribe to or get with a letter (RFC 5545, RFC 7986).

Names are in the language of the moment. The same data gives the same bytes.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import current_app
from icalendar import Calendar, Timezone, vCalAddress, vText
from icalendar import Event as Entry

from eduforum.core.i18n import Text, t
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState
from eduforum.schedule.links import event_url, host_name, series_url
from eduforum.schedule.models import Session
from eduforum.schedule.queries import Programme

_EVERY = timedelta(hours=1)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x09\x0e-\x1b\x1f\x7f]")


def series_calendar(programme: Programme) -> bytes:
    """Every event of a series and the sessions within it; cancelled ones say so."""
    items: list[Event | Session] = []
    for event in programme.events:
        items += [event, *programme.inner(event)]
    return calendar(programme.series, items, name=programme.series.name)


def personal_calendar(series: Series, items: Iterable[Event | Session], name: Text | str) -> bytes:
    """One person's events and sessions of a series, as a calendar called `name`."""
    return calendar(series, items, name=name)


def calendar(series: Series, items: Iterable[Event | Session], *, name: Text | str) -> bytes:
    """An iCalendar file (UTF-8, CRLF, folded) of `items`, which all belong to `series`.

    UIDs come from our ids and the site's host, SEQUENCE from the thing, so that a calendar that
    knows an entry replaces it. The series' zone comes with all its rules.
    """
    entries = [_entry(series, item) for item in items]
    zone = series.time_zone
    book = Calendar()
    book.add("VERSION", "2.0")
    book.add("PRODID", "-//EduForum//Schedule//EN")
    book.add("CALSCALE", "GREGORIAN")
    book.add("METHOD", "PUBLISH")
    title = vText(_line(str(name)))
    book.add("NAME", title)
    book.add("X-WR-CALNAME", title)
    book.add("X-WR-TIMEZONE", zone)
    book.add("URL", series_url(series))
    book.add("REFRESH-INTERVAL", _EVERY, parameters={"VALUE": "DURATION"})
    book.add("X-PUBLISHED-TTL", "PT1H")
    if zone != "UTC":
        book.add_component(deepcopy(_zone(zone)))
    for entry in entries:
        book.add_component(entry)
    return bytes(book.to_ical(sorted=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A time that was agreed with somebody. sequence grows with every change; stamp: of this one."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    place: str
    description: str
    cancelled: bool = False


def meeting_id(kind: str, key: str) -> str:
    """The UID of a meeting, the same for all who are invited and for every change of it."""
    return f"{kind}-{key}@{host_name()}"


def invitation(meeting: Meeting, *, attendee: tuple[str, str]) -> bytes:
    """An iCalendar file (RFC 5546) that puts `meeting` into somebody's calendar, or takes it out.

    attendee: name and address of whoever gets it; nobody learns who else was invited. The site
    itself is the organiser, and asks for no answer.
    """
    book = Calendar()
    book.add("VERSION", "2.0")
    book.add("PRODID", "-//EduForum//Schedule//EN")
    book.add("CALSCALE", "GREGORIAN")
    book.add("METHOD", "CANCEL" if meeting.cancelled else "REQUEST")
    if meeting.zone != "UTC":
        book.add_component(deepcopy(_zone(meeting.zone)))
    zone = ZoneInfo(meeting.zone)
    entry = Entry()
    entry.add("UID", meeting.uid)
    entry.add("DTSTAMP", meeting.stamp.replace(microsecond=0))
    entry.add("SEQUENCE", meeting.sequence)
    entry.add("DTSTART", meeting.starts_at.astimezone(zone))
    entry.add("DTEND", meeting.ends_at.astimezone(zone))
    entry.add("SUMMARY", _line(meeting.summary))
    entry.add("LOCATION", _line(meeting.place))
    entry.add("DESCRIPTION", _plain(meeting.description))
    entry.add("STATUS", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    entry.add("ORGANIZER", _address(*parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])))
    invited = _address(*attendee)
    invited.params["PARTSTAT"] = "NEEDS-ACTION"
    invited.params["RSVP"] = "FALSE"
    entry.add("ATTENDEE", invited)
    book.add_component(entry)
    return bytes(book.to_ical(sorted=False))


def _address(name: str, email: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name:
        address.params["CN"] = _line(name).replace('"', "")
    return address


def _entry(series: Series, item: Event | Session) -> Entry:
    zone = ZoneInfo(series.time_zone)
    event = item if isinstance(item, Event) else item.event
    entry = Entry()
    entry.add("UID", _uid(item))
    entry.add("DTSTAMP", _stamp(item))
    entry.add("LAST-MODIFIED", _stamp(item))
    entry.add("SEQUENCE", _sequence(item))
    entry.add("DTSTART", item.starts_at.astimezone(zone))
    entry.add("DTEND", item.ends_at.astimezone(zone))
    entry.add("SUMMARY", _line(_summary(item)))
    entry.add("STATUS", "CANCELLED" if is_cancelled(item) else "CONFIRMED")
    room = room_name(item)
    if room:
        entry.add("LOCATION", _line(str(room)))
    entry.add("DESCRIPTION", _plain(_description(series, item)))
    entry.add("URL", event_url(series, event))
    return entry


def is_cancelled(item: Event | Session) -> bool:
    """Whether it does not take place; a session of a cancelled event does not either."""
    if isinstance(item, Session):
        return item.cancelled or item.event.state is EventState.CANCELLED
    return item.state is EventState.CANCELLED


def room_name(item: Event | Session) -> Text:
    """Where it is; empty when that is open. A session without a room is in its event's."""
    if isinstance(item, Session):
        return item.room.name if item.room else room_name(item.event)
    return Text(item.room, item.room_en)


def _uid(item: Event | Session) -> str:
    kind = "session" if isinstance(item, Session) else "event"
    return f"{kind}-{item.id}@{host_name()}"


def _sequence(item: Event | Session) -> int:
    """A session changes with its event too: both only grow, so their sum does."""
    return item.sequence + (item.event.sequence if isinstance(item, Session) else 0)


def _stamp(item: Event | Session) -> datetime:
    changed = item.updated_at
    if isinstance(item, Session):
        changed = max(changed, item.event.updated_at)
    return changed.replace(microsecond=0)


def _summary(item: Event | Session) -> str:
    name = str(item.name)
    return t("已取消：{name}", "Cancelled: {name}", name=name) if is_cancelled(item) else name


def _description(series: Series, item: Event | Session) -> str:
    if isinstance(item, Session):
        lines = [str(item.event.name), str(Text(item.abstract_zh, item.abstract_en))]
        event = item.event
    else:
        lines = [str(Text(item.description_zh, item.description_en))]
        event = item
    lines += [str(series.name), event_url(series, event)]
    if series.sample:
        lines.append(t("样本数据：时间和会场为虚构。", "Sample data: times and rooms are made up."))
    return "\n".join(line for line in lines if line)


def _plain(text: str) -> str:
    """`text` with plain line ends and no other control characters (RFC 5545, 3.3.11)."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def _line(text: str) -> str:
    """The same on one line, as names are."""
    return " ".join(_plain(text).split())


@lru_cache(maxsize=32)
def _zone(name: str) -> Timezone:
    """The rules of a zone, with the last fifty years of them: computed once, it takes 50 ms."""
    return Timezone.from_tzid(name)
