"""The points that every series starts with: one for arrival, one for each event."""

from sqlalchemy import select

from eduforum.checkin.models import Point, Scan
from eduforum.checkin.rules import PointKind, Repeat
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.events.changes import apply
from eduforum.events.models import Event, Series
from eduforum.events.rules import InUse

_ARRIVAL = "arrival"


def ensure_arrival_point(series: Series) -> str:
    """One point at which everybody of the series arrives. `added` or `unchanged`."""
    if _made_for(series.id, _ARRIVAL):
        return "unchanged"
    db.session.add(
        Point(
            series_id=series.id,
            name_zh="报到",
            name_en="Arrival",
            kind=PointKind.ARRIVAL,
            repeat=Repeat.ONCE,
            loaded_as=_ARRIVAL,
        )
    )
    db.session.flush()
    return "added"


def ensure_session_point(event: Event) -> str:
    """One point at which people check in to the event. `added`, `changed` or `unchanged`.

    It stands open at any time: organisers who want a window set one.
    """
    point = _made_for(event.series_id, _loaded_as(event))
    if point is None:
        db.session.add(
            Point(
                series_id=event.series_id,
                name_zh=event.name_zh,
                name_en=event.name_en,
                kind=PointKind.SESSION,
                repeat=Repeat.ONCE,
                event_ids=[event.id],
                position=event.position + 1,
                loaded_as=_loaded_as(event),
            )
        )
        db.session.flush()
        return "added"
    names = {"name_zh": event.name_zh, "name_en": event.name_en}
    return "changed" if apply(point, names) else "unchanged"


def add_session_point(event: Event) -> None:
    """What happens when an event is new."""
    ensure_session_point(event)


def forget_event(event: Event) -> None:
    """What happens before an event is deleted: points ask for it no more, and its own point goes.

    Raises `InUse` when somebody was scanned where only this event is asked for.
    """
    points = db.session.scalars(select(Point).where(Point.series_id == event.series_id)).all()
    for point in points:
        if event.id not in point.event_ids:
            continue
        others = [event_id for event_id in point.event_ids if event_id != event.id]
        if others:
            point.event_ids = others
        elif db.session.scalar(select(Scan.id).where(Scan.point_id == point.id).limit(1)):
            raise InUse(
                Text(
                    "这个活动已有签到记录，不能删除。",
                    "People have checked in to this event, so it cannot be deleted.",
                )
            )
        else:
            db.session.delete(point)
    db.session.flush()


def _loaded_as(event: Event) -> str:
    return f"event:{event.slug}"


def _made_for(series_id: int, what: str) -> Point | None:
    return db.session.scalar(
        select(Point).where(Point.series_id == series_id, Point.loaded_as == what)
    )
