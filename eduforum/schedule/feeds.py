"""The schedule as conference apps read it: frab's `schedule.xml` and `schedule.json`.

Giggity, EventFahrplan, c3nav and voctosched read these; the shape is described by the schemas in
the repository voc/schedule (`validator/xsd`, `validator/json`). What is cancelled is left out, as
the format has no word for it; an event with sessions of its own is listed by these.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from eduforum.core.dates import local
from eduforum.core.i18n import Text, t
from eduforum.events.models import Event
from eduforum.events.rules import FIELD_NAMES, KIND_NAMES
from eduforum.schedule.calendar import is_cancelled, room_name
from eduforum.schedule.links import event_url, series_url, site_url
from eduforum.schedule.models import Session, SessionPerson
from eduforum.schedule.queries import Programme

_SLOT = "00:05"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the feed: a session, or an event that has none of its own."""

    id: int
    guid: UUID
    slug: str
    starts_at: datetime
    ends_at: datetime
    room: str
    title: str
    subtitle: str
    track: str
    kind: str
    abstract: str
    description: str
    people: Sequence[SessionPerson]
    url: str


@dataclass(frozen=True, slots=True)
class Conference:
    """The feed before it is written: items by day, days by the clocks of the series.

    rooms: (name, seats or None), each once. version: grows with every change.
    """

    title: str
    acronym: str
    zone: str
    version: str
    url: str
    rooms: Sequence[tuple[str, int | None]]
    days: Sequence[Sequence[Item]]


def conference(programme: Programme) -> Conference:
    """What the feed of this programme says, in the current language."""
    series = programme.series
    items = sorted(_items(programme), key=lambda item: (item.starts_at, item.room, item.slug))
    zone = ZoneInfo(series.time_zone)
    local_items = groupby(items, key=lambda item: item.starts_at.astimezone(zone).date())
    return Conference(
        title=str(series.name),
        acronym=series.slug.replace("-", "_"),
        zone=series.time_zone,
        version=f"{_changed(programme):%Y-%m-%dT%H:%M:%SZ}",
        url=series_url(series),
        rooms=_rooms(programme, items),
        days=[list(day) for _, day in local_items],
    )


def frab_xml(feed: Conference) -> bytes:
    """The feed as frab's schedule.xml (UTF-8)."""
    root = ET.Element("schedule")
    _child(root, "version", feed.version)
    about = ET.SubElement(root, "conference")
    for name, value in _about(feed).items():
        _child(about, name, value)
    for index, items in enumerate(feed.days, start=1):
        first, last = _bounds(items, feed.zone)
        day = ET.SubElement(
            root,
            "day",
            index=str(index),
            date=f"{first:%Y-%m-%d}",
            start=first.isoformat(),
            end=last.isoformat(),
        )
        for room, there in _by_room(items):
            place = ET.SubElement(day, "room", name=_xml(room), guid=str(_room_guid(feed, room)))
            for item in there:
                _xml_event(place, item, feed.zone)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def frab_json(feed: Conference) -> bytes:
    """The feed as frab's schedule.json (UTF-8)."""
    about: dict[str, Any] = _about(feed)
    about["daysCount"] = about.pop("days")
    about.pop("base_url")
    about["rooms"] = [
        {"name": name, "guid": str(_room_guid(feed, name)), "description": None, "capacity": seats}
        for name, seats in feed.rooms
    ]
    about["days"] = [_json_day(n, items, feed.zone) for n, items in enumerate(feed.days, start=1)]
    body = {
        "$schema": "https://c3voc.de/schedule/schema.json",
        "generator": {"name": "EduForum"},
        "schedule": {
            "version": feed.version,
            "base_url": f"{site_url()}/",
            "conference": about,
        },
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _items(programme: Programme) -> Iterable[Item]:
    for event in programme.events:
        inner = programme.inner(event)
        for session in inner:
            if not is_cancelled(session):
                yield _session_item(programme, event, session)
        if not inner and not is_cancelled(event):
            yield _event_item(programme, event)


def _event_item(programme: Programme, event: Event) -> Item:
    mirror = programme.mirror(event)
    url = event_url(programme.series, event)
    return Item(
        id=event.id,
        guid=mirror.id if mirror else uuid5(NAMESPACE_URL, url),
        slug=f"{programme.series.slug}-{event.slug}",
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        room=_room(event),
        title=str(event.name),
        subtitle="",
        track=_track(event),
        kind=str(KIND_NAMES[event.kind]),
        abstract=str(Text(event.description_zh, event.description_en)),
        description="\n".join(event.topics),
        people=mirror.people if mirror else (),
        url=url,
    )


def _session_item(programme: Programme, event: Event, session: Session) -> Item:
    return Item(
        id=_number(session.id),
        guid=session.id,
        slug=f"{programme.series.slug}-{event.slug}-{session.slug}",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        room=_room(session),
        title=str(session.name),
        subtitle=str(event.name),
        track=session.track or _track(event),
        kind=str(KIND_NAMES[event.kind]),
        abstract=str(Text(session.abstract_zh, session.abstract_en)),
        description="",
        people=session.people,
        url=event_url(programme.series, event),
    )


def _number(guid: UUID) -> int:
    """A number for apps that want one: 30 random bits of the UUIDv7, above the events' own ids."""
    return (guid.int & (2**30 - 1)) + 2**30


def _room(item: Event | Session) -> str:
    return str(room_name(item)) or t("会场待定", "Room to be announced")


def _track(event: Event) -> str:
    return str(FIELD_NAMES[event.field]) if event.field else ""


def _changed(programme: Programme) -> datetime:
    moments = [programme.series.updated_at]
    for event in programme.events:
        moments.append(event.updated_at)
        moments += [session.updated_at for session in programme.sessions.get(event.id, ())]
    return max(moments)


def _rooms(programme: Programme, items: Iterable[Item]) -> list[tuple[str, int | None]]:
    known = {
        str(session.room.name): session.room.seats
        for sessions in programme.sessions.values()
        for session in sessions
        if session.room
    }
    names = dict.fromkeys(item.room for item in items)
    return [(name, known.get(name)) for name in names]


def _about(feed: Conference) -> dict[str, Any]:
    about: dict[str, Any] = {
        "acronym": feed.acronym,
        "title": feed.title,
        "days": len(feed.days),
        "timeslot_duration": _SLOT,
        "time_zone_name": feed.zone,
        "base_url": f"{site_url()}/",
        "url": feed.url,
    }
    if feed.days:
        about["start"] = f"{local(feed.days[0][0].starts_at, feed.zone):%Y-%m-%d}"
        about["end"] = f"{local(feed.days[-1][0].starts_at, feed.zone):%Y-%m-%d}"
    return about


def _bounds(items: Sequence[Item], zone: str) -> tuple[datetime, datetime]:
    last = max(item.ends_at for item in items)
    return local(items[0].starts_at, zone), local(last, zone)


def _by_room(items: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    rooms = dict.fromkeys(item.room for item in items)
    return [(room, [item for item in items if item.room == room]) for room in rooms]


def _room_guid(feed: Conference, room: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{feed.url}#{room}")


def _person_guid(person: SessionPerson) -> UUID:
    return uuid5(NAMESPACE_URL, f"{site_url()}/#person-{person.id}")


def _duration(item: Item) -> str:
    minutes = int((item.ends_at - item.starts_at) / timedelta(minutes=1))
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _facts(item: Item, zone: str) -> dict[str, str]:
    """The plain parts of an event, which are the same in XML and in JSON."""
    start = local(item.starts_at, zone)
    return {
        "date": start.isoformat(),
        "start": f"{start:%H:%M}",
        "duration": _duration(item),
        "room": item.room,
        "slug": item.slug,
        "url": item.url,
        "title": item.title,
        "subtitle": item.subtitle,
        "track": item.track,
        "type": item.kind,
        "language": "zh",
        "abstract": item.abstract,
        "description": item.description,
    }


def _json_day(number: int, items: Sequence[Item], zone: str) -> dict[str, Any]:
    first, last = _bounds(items, zone)
    return {
        "index": number,
        "date": f"{first:%Y-%m-%d}",
        "day_start": first.isoformat(),
        "day_end": last.isoformat(),
        "rooms": {
            room: [_json_event(item, zone) for item in there] for room, there in _by_room(items)
        },
    }


def _json_event(item: Item, zone: str) -> dict[str, Any]:
    return {
        "id": item.id,
        "guid": str(item.guid),
        **_facts(item, zone),
        "persons": [
            {"guid": str(_person_guid(p)), "name": p.name, "public_name": p.name}
            for p in item.people
        ],
        "links": [],
        "attachments": [],
    }


def _xml_event(place: ET.Element, item: Item, zone: str) -> None:
    event = ET.SubElement(place, "event", id=str(item.id), guid=str(item.guid))
    for name, value in _facts(item, zone).items():
        _child(event, name, value)
    persons = ET.SubElement(event, "persons")
    for person in item.people:
        node = _child(persons, "person", person.name)
        node.set("id", str(person.id))
        node.set("guid", str(_person_guid(person)))
    ET.SubElement(event, "links")
    ET.SubElement(event, "attachments")


def _child(parent: ET.Element, name: str, value: object) -> ET.Element:
    node = ET.SubElement(parent, name)
    node.text = _xml(str(value))
    return node


def _xml(text: str) -> str:
    """`text` without the characters that XML 1.0 has no place for."""
    return _NOT_XML.sub("", text)
