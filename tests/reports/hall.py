"""A day with people who come, take leave or stay away, made by the real services."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from eduforum.checkin.models import Point
from eduforum.checkin.queries import place_or_404, point_or_404
from eduforum.checkin.rules import Direction, PointKind, Repeat
from eduforum.checkin.services import Reading, Result, Scanner, record
from eduforum.core import clock
from eduforum.core.db import db, is_sqlite, new_id, transaction
from eduforum.events.models import Event, Series
from eduforum.registration.models import Category, Registration
from eduforum.registration.services import Application, register
from tests.factories import make_category, make_event, make_series

_mobiles = count(13900000000)
AT_THE_DESK = Scanner("user:1", supervisor=True)


@dataclass
class Hall:
    """A series with two events at the same time, their points, one for arrival, one category."""

    series: Series
    events: Sequence[Event]
    category: Category
    arrival: Point
    points: dict[int, Point] = field(default_factory=dict)

    def person(
        self, name: str = "林知夏", *events: Event, category: Category | None = None, unit: str = ""
    ) -> Registration:
        """Somebody who registered for `events` (by default the first)."""
        chosen = events or self.events[:1]
        return register(
            self.series,
            Application(
                name=name,
                category=(category or self.category).code,
                events=tuple(event.slug for event in chosen),
                organisation=unit,
                mobile=f"+86{next(_mobiles)}",
            ),
            submit_id=uuid4().hex,
        )

    def scan(self, who: Registration | str, point: Point | Event, *, override: str = "") -> UUID:
        """Scan a ticket (a text, or that of somebody) and return the scan's id."""
        if isinstance(point, Event):
            point = self.points[point.id]
        if isinstance(who, Registration):
            db.session.refresh(who)
            assert who.ticket
            text = who.ticket.text
        else:
            text = who
        return _record(point, text=text, override=override).id

    def undo(self, scan_id: UUID, point: Point | Event) -> None:
        if isinstance(point, Event):
            point = self.points[point.id]
        _record(point, undoes=scan_id)


def make_hall(*, events: int = 2, seats: int = 100) -> Hall:
    """The events begin in an hour and take two; nobody has registered yet."""
    series = make_series()
    begin = clock.now() + timedelta(hours=1)
    held = [make_event(series=series, starts_at=begin, slug=f"forum-{n}") for n in range(events)]
    hall = Hall(
        series,
        held,
        make_category(*held, code="observer", seats=seats),
        make_point(series, PointKind.ARRIVAL, []),
    )
    hall.points = {event.id: make_point(series, PointKind.SESSION, [event]) for event in held}
    return hall


def make_point(
    series: Series,
    kind: PointKind,
    events: Sequence[Event],
    *,
    sessions: Sequence[UUID] = (),
    repeat: Repeat = Repeat.ONCE,
) -> Point:
    with transaction():
        point = Point(
            series_id=series.id,
            name_zh="主会场",
            name_en="Main hall",
            kind=kind,
            repeat=repeat,
            event_ids=[event.id for event in events],
            session_ids=[str(session) for session in sessions],
        )
        db.session.add(point)
    return point_or_404([series.id], point.id)


def _record(
    point: Point, *, text: str = "", undoes: UUID | None = None, override: str = ""
) -> Result:
    reading = Reading(
        id=new_id(),
        seq=1,
        code=text,
        direction=Direction.UNDO if undoes else Direction.IN,
        scanned_at=clock.now(),
        undoes=undoes,
        override=override,
    )
    return record(place_or_404([point.series_id], point.id), AT_THE_DESK, [reading])[0]


def without_triggers(connection: Any) -> list[str]:
    """Take the triggers off the scans; the statements that put them back."""
    if not is_sqlite():
        connection.execute(text("ALTER TABLE scans DISABLE TRIGGER USER"))
        return ["ALTER TABLE scans ENABLE TRIGGER USER"]
    found = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'scans'")
    ).all()
    for name, _ in found:
        connection.execute(text(f"DROP TRIGGER {name}"))
    return [sql for _, sql in found]
