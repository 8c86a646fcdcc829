"""Who was let in where: what every count of attendance rests on.

Presence is never stored. It follows from scans: an `admitted` one that was not taken back, at a
point of the thing that is counted. A scan of a ticket that was replaced counts for its successor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    column,
    func,
    select,
    union_all,
    values,
)
from sqlalchemy.types import TypeEngine

from eduforum.checkin.models import Point, Scan
from eduforum.checkin.queries.facts import not_undone
from eduforum.checkin.rules import PointKind, Verdict
from eduforum.core.db import db
from eduforum.events.models import Event
from eduforum.registration.models import Registration
from eduforum.registration.rules import State
from eduforum.schedule.models import Session
from eduforum.tickets.models import Ticket

EXPECTED = (State.CONFIRMED, State.ON_LEAVE)
_ENTRIES = (PointKind.ARRIVAL, PointKind.SESSION, PointKind.ZONE, PointKind.MEAL)


@dataclass(frozen=True, slots=True)
class Place:
    """A point that counts for `key` (an event or session). sole: it serves nothing else."""

    point_id: UUID
    key: Any
    sole: bool


def event_places(
    points: Sequence[Point], events: Sequence[Event], sessions: Sequence[Session]
) -> list[Place]:
    """The points at which somebody scanned is present at an event.

    Those of kind `session` that name it or one of its sessions. An event without such a point
    counts whoever arrived: at an arrival point that names it, or that asks for no event.
    """
    event_of = {str(session.id): session.event_id for session in sessions}
    named: dict[int, list[Place]] = {event.id: [] for event in events}
    for point in points:
        if point.kind is not PointKind.SESSION:
            continue
        served = {*point.event_ids, *(event_of[i] for i in point.session_ids if i in event_of)}
        for event_id in served & named.keys():
            named[event_id].append(Place(point.id, event_id, sole=len(served) == 1))
    for event_id, own in named.items():
        if not own:
            own += [
                Place(point.id, event_id, sole=False)
                for point in points
                if point.kind is PointKind.ARRIVAL
                and (event_id in point.event_ids or not point.event_ids)
            ]
    return [place for own in named.values() for place in own]


def session_places(
    points: Sequence[Point], sessions: Sequence[Session], of_events: Sequence[Place]
) -> list[Place]:
    """The same for sessions: the points that name it; without one, the points of its event."""
    found = []
    for session in sessions:
        own = [
            Place(point.id, session.id, sole=point.session_ids == [str(session.id)])
            for point in points
            if point.kind is PointKind.SESSION and str(session.id) in point.session_ids
        ]
        found += own or [
            Place(place.point_id, session.id, sole=False)
            for place in of_events
            if place.key == session.event_id
        ]
    return found


def entries(points: Sequence[Point]) -> list[Place]:
    """The points that show that somebody came to the series at all; key 1 where it is arrival.

    Where no point is for arrival, every one of them is.
    """
    taken = [point for point in points if point.kind in _ENTRIES]
    arrival = {point.id for point in taken if point.kind is PointKind.ARRIVAL}
    return [Place(point.id, int(point.id in arrival or not arrival), sole=False) for point in taken]


@dataclass(frozen=True, slots=True)
class Door:
    """A series' scans as these queries read them. replaces: some tickets were replaced; where
    none was, nobody looks for what came after them."""

    series_id: int
    replaces: bool


def door_of(series_id: int) -> Door:
    replaced = select(Ticket.id).where(
        Ticket.series_id == series_id, Ticket.replaced_by_id.is_not(None)
    )
    return Door(series_id, db.session.scalar(replaced.limit(1)) is not None)


def seen(door: Door, places: Sequence[Place], kind: TypeEngine[Any]) -> CTE:
    """(ticket_id, key, sole) of everybody let in: his ticket of today, one row for each key."""
    mapped = _admitted(door, places, kind, {})
    return (
        select(mapped.c.ticket_id, mapped.c.key, func.max(mapped.c.sole).label("sole"))
        .group_by(mapped.c.ticket_id, mapped.c.key)
        .cte("seen")
    )


def seen_at_all(door: Door, places: Sequence[Place]) -> CTE:
    """(ticket_id, arrived) of everybody let in anywhere; arrived is 1 or 0."""
    mapped = _admitted(door, places, Integer(), {})
    return (
        select(mapped.c.ticket_id, func.max(mapped.c.key).label("arrived"))
        .group_by(mapped.c.ticket_id)
        .cte("seen")
    )


def first_seen(
    door: Door, places: Sequence[Place], begin: datetime, end: datetime
) -> Select[UUID, datetime]:
    """(registration, time) of the first arrival of each expected person in a span of time."""
    arrivals = [place for place in places if place.key]
    mapped = _admitted(
        door, arrivals, Integer(),
        {"at": Scan.effective_at}, Scan.effective_at >= begin, Scan.effective_at < end,
    )  # fmt: skip
    return (
        select(Registration.id, func.min(mapped.c.at).label("at"))
        .join(mapped, mapped.c.ticket_id == Registration.ticket_id)
        .where(Registration.series_id == door.series_id, Registration.state.in_(EXPECTED))
        .group_by(Registration.id)
    )


def _admitted(
    door: Door,
    places: Sequence[Place],
    kind: TypeEngine[Any],
    more: Mapping[str, Any],
    *conditions: ColumnElement[bool],
) -> CTE:
    """(ticket_id, key, sole, …) of admissions; those of replaced tickets under the present one."""
    place = _table(places, kind)
    found = (
        select(
            Scan.ticket_id.label("ticket_id"),
            place.c.key,
            place.c.sole,
            *(value.label(name) for name, value in more.items()),
        )
        .join(place, place.c.point_id == Scan.point_id)
        .where(
            Scan.series_id == door.series_id,
            Scan.ticket_id.is_not(None),
            Scan.verdict == Verdict.ADMITTED,
            not_undone(),
            *conditions,
        )
        .cte("admitted")
    )
    if not door.replaces:
        return found
    later = _successors(door.series_id)
    others = [found.c[name] for name in ("key", "sole", *more)]
    moved = select(later.c.new_id.label("ticket_id"), *others).join(
        found, found.c.ticket_id == later.c.old_id
    )
    return union_all(select(found.c.ticket_id, *others), moved).cte("mapped")


def _table(places: Sequence[Place], kind: TypeEngine[Any]) -> CTE:
    """The places as a table. Without any it holds one that no scan can match."""
    rows = [(place.point_id, place.key, int(place.sole)) for place in places]
    nobody = UUID(int=0)
    nowhere = (nobody, nobody if isinstance(kind, Uuid) else 0, 0)
    return (
        values(column("point_id", Uuid()), column("key", kind), column("sole", Integer()))
        .data(rows or [nowhere])
        .cte("place")
    )


def _successors(series_id: int) -> CTE:
    """(old_id, new_id): every ticket that was replaced, with each that came after it."""
    first = (
        select(Ticket.id.label("old_id"), Ticket.replaced_by_id.label("new_id"))
        .where(Ticket.series_id == series_id, Ticket.replaced_by_id.is_not(None))
        .cte("later", recursive=True)
    )
    further = select(first.c.old_id, Ticket.replaced_by_id).join(
        Ticket, (Ticket.id == first.c.new_id) & Ticket.replaced_by_id.is_not(None)
    )
    return first.union(further)
