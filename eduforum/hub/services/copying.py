"""Write down here what the main server said of a series: what is new comes along, what changed changes."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from eduforum.checkin.models import Point, Scan
from eduforum.checkin.rules import Direction, PointKind, Repeat, Verdict
from eduforum.core import clock, encryption
from eduforum.core.db import db, table_of
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState, Field, Kind, Mode
from eduforum.hub import queries
from eduforum.hub.rules import FROM_ABOVE
from eduforum.registration.models import Category
from eduforum.registration.rules import Admission
from eduforum.tickets.models import SeriesKey, Ticket
from eduforum.tickets.rules import Standing

Item = Mapping[str, Any]


def copy_series(found: Item) -> Series:
    """The series under its own number, which its tickets name. It is not published here."""
    series = queries.series_named(found["slug"])
    if series is None:
        series = Series(number=found["number"], slug=found["slug"], published=False)
        db.session.add(series)
    series.name_zh, series.name_en = found["name"]["zh"], found["name"]["en"]
    series.host, series.host_en = found["host"]["zh"], found["host"]["en"]
    series.edition, series.sample = found["edition"], found["sample"]
    series.time_zone = found["time_zone"]
    db.session.flush()
    return series


def copy_events(series_id: int, items: Sequence[Item]) -> None:
    known = queries.events_by_slug(series_id)
    for position, item in enumerate(items):
        event = known.get(item["slug"])
        if event is None:
            event = Event(series_id=series_id, slug=item["slug"])
            db.session.add(event)
        event.name_zh, event.name_en = item["name"]["zh"], item["name"]["en"]
        event.kind, event.mode = Kind(item["kind"]), Mode(item["mode"])
        event.field = Field(item["field"]) if item["field"] else None
        event.state = EventState(item["state"])
        event.starts_at, event.ends_at = _moment(item["starts_at"]), _moment(item["ends_at"])
        event.room, event.room_en = item["room"]["zh"], item["room"]["en"]
        event.position = position
    db.session.flush()


def copy_categories(series_id: int, items: Sequence[Item], classes: Sequence[Item]) -> None:
    """Categories as names of classes. They come without events: nobody registers at a hub."""
    known = queries.categories_by_code(series_id)
    by_code = {item["code"]: item for item in items}
    for position, one in enumerate(classes):
        category, item = known.get(one["code"]), by_code.get(one["code"])
        if item is None:
            continue
        if category is None:
            category = Category(series_id=series_id, code=one["code"])
            db.session.add(category)
        category.name_zh, category.name_en = one["name"]["zh"], one["name"]["en"]
        category.ticket_class, category.position = one["class"], position
        category.admission = Admission(item["admission"])
        category.opens_at, category.closes_at = (
            _moment(item["opens_at"]),
            _moment(item["closes_at"]),
        )
        category.edit_until = _moment(item["edit_until"])
    db.session.flush()


def copy_points(series_id: int, items: Sequence[Item]) -> None:
    """Points under their own ids: a scan says where it was, here as there."""
    known = queries.points_by_id(series_id)
    events = queries.events_by_slug(series_id)
    categories = queries.categories_by_code(series_id)
    for position, item in enumerate(items):
        point_id = UUID(item["id"])
        point = known.get(point_id)
        if point is None:
            point = Point(id=point_id, series_id=series_id)
            db.session.add(point)
        point.name_zh, point.name_en = item["name"]["zh"], item["name"]["en"]
        point.kind, point.repeat = PointKind(item["kind"]), Repeat(item["repeat"])
        point.event_ids = [events[slug].id for slug in item["events"]]
        point.session_ids = list(item["sessions"])
        point.category_classes = [categories[code].ticket_class for code in item["categories"]]
        point.opens_at = _moment(item["opens_at"]) if item["opens_at"] else None
        point.closes_at = _moment(item["closes_at"]) if item["closes_at"] else None
        point.zones, point.checkout_time = list(item["zones"]), item["checkout_time"] or ""
        point.gates = list(item["gates"])
        point.capacity, point.position = item["capacity"], position
    db.session.flush()


def copy_keys(series_id: int, items: Sequence[Item]) -> None:
    """The public keys. Their private halves stay where they are: a hub signs no ticket."""
    known = queries.key_ids(series_id)
    for item in items:
        if item["key_id"] in known:
            continue
        # Nothing is signed with a retired key; what stands in its place opens to no key at all.
        place = f"series_keys:{series_id}:{item['key_id']}"
        db.session.add(
            SeriesKey(
                series_id=series_id,
                key_id=item["key_id"],
                public_key=bytes.fromhex(item["public_key"]),
                sealed_private_key=encryption.seal(os.urandom(32), place),
                retired_at=clock.now(),
            )
        )
    db.session.flush()


def copy_tickets(series_id: int, roster: Sequence[Item], ended: Sequence[Item]) -> None:
    """Tickets by serial. Their texts are not in the bundle: here the signature is verified."""
    serials = [int(item["serial"], 16) for item in (*roster, *ended)]
    known = queries.tickets_by_serial(series_id, serials)
    events = queries.events_by_slug(series_id)
    for item in roster:
        serial = int(item["serial"], 16)
        ticket = known.get(serial) or _new_ticket(series_id, serial, item["class"])
        known[serial] = ticket
        ticket.standing, ticket.class_code = Standing(item["state"]), item["class"]
        ticket.staff_code = item["staff_code"]
        ticket.holder, ticket.unit = item["name"], item["unit"]
        ticket.pinyin, ticket.initials = item["pinyin"], item["initials"]
        ticket.mobile_last4, ticket.sample = item["mobile_last4"], item["sample"]
        ticket.category_zh, ticket.category_en = item["category"]["zh"], item["category"]["en"]
        ticket.event_ids = [events[slug].id for slug in item["events"] if slug in events]
        ticket.session_ids, ticket.door_notes = list(item["sessions"]), dict(item["answers"])
        ticket.zones, ticket.ended_at = list(item["zones"]), None
    for item in ended:
        serial = int(item["serial"], 16)
        ticket = known.get(serial) or _new_ticket(series_id, serial, 0)
        known[serial] = ticket
        ticket.standing, ticket.ended_at = Standing(item["state"]), clock.now()
    db.session.flush()


def _new_ticket(series_id: int, serial: int, class_code: int) -> Ticket:
    """Of whoever is void already nothing else is known: a number of its own stands for the code."""
    ticket = Ticket(
        series_id=series_id,
        serial=serial,
        class_code=class_code,
        text="",
        staff_code=f"{serial:014x}",
        holder="",
        holder_key=f"hub:{serial}",
    )
    db.session.add(ticket)
    return ticket


def copy_moves(series_id: int, items: Sequence[Item]) -> int:
    """Who was let in or out at gates that talk to the main server; how many were new."""
    known = queries.known_scans(
        {UUID(item["id"]) for item in items}
        | {UUID(item["undoes"]) for item in items if item["undoes"]}
    )
    points = queries.points_by_id(series_id)
    tickets = queries.tickets_by_serial(series_id, [int(item["serial"], 16) for item in items])
    rows: list[dict[str, Any]] = []
    for item in items:
        ticket = tickets.get(int(item["serial"], 16))
        scan_id, point_id = UUID(item["id"]), UUID(item["point"])
        undoes = UUID(item["undoes"]) if item["undoes"] else None
        gone = undoes is not None and undoes not in known
        if scan_id in known or ticket is None or point_id not in points or gone:
            continue
        known.add(scan_id)
        rows.append(_move(series_id, item, scan_id, point_id, ticket.id, undoes))
    if rows:
        db.session.execute(insert(table_of(Scan)), rows)
    return len(rows)


def _move(
    series_id: int, item: Item, scan_id: UUID, point_id: UUID, ticket_id: UUID, undoes: UUID | None
) -> dict[str, Any]:
    verdict, at = Verdict(item["verdict"]), _moment(item["at"])
    directions = {Verdict.CHECKED_OUT: Direction.OUT, Verdict.UNDONE: Direction.UNDO}
    return {
        "id": scan_id,
        "series_id": series_id,
        "point_id": point_id,
        "device_id": None,
        "operator": FROM_ABOVE,
        "ticket_id": ticket_id,
        "seq": 0,
        "code_hash": "",
        "content_hash": "",
        "direction": directions.get(verdict, Direction.IN),
        "verdict": verdict,
        "local_verdict": "",
        "quarantined": "",
        "override": "",
        "first": None,
        "flags": ["from_main"],
        "answers": {},
        "undoes_id": undoes,
        "scanned_at": at,
        "received_at": clock.now(),
        "effective_at": at,
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
