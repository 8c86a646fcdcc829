"""Points: where tickets are scanned, and by which rules."""

import secrets
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from eduforum.checkin import queries
from eduforum.checkin.models import Epoch, Point
from eduforum.checkin.rules import LONGEST_GATE, PointKind, Repeat
from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.models import Event
from eduforum.registration.models import Category
from eduforum.schedule.models import Session
from eduforum.tickets.rules import Zone

_LONGEST_NAME = 60
_MOST_GATES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PointInput:
    """A point as somebody wants it. Events by slug, sessions by id, categories by code.

    gates: names of its doors. checkout: the time of day, on the clocks of the series, at which everybody is taken to have left.
    """

    name_zh: str
    name_en: str = ""
    kind: PointKind = PointKind.SESSION
    repeat: Repeat = Repeat.ONCE
    events: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    zones: tuple[Zone, ...] = ()
    gates: tuple[str, ...] = ()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None
    checkout: time | None = None


def add_point(series_id: int, wanted: PointInput) -> Point:
    """Add a point behind the others. Raises `BadInput` with a sentence for each field."""
    with transaction():
        last = db.session.scalar(
            select(func.max(Point.position)).where(Point.series_id == series_id)
        )
        point = Point(series_id=series_id, position=(last or 0) + 1, **_checked(series_id, wanted))
        db.session.add(point)
        db.session.flush()
        audit.record("point.add", f"point:{point.id}", series_id=series_id, after=_told(point))
    return point


def change_point(point: Point, wanted: PointInput) -> None:
    """Change a point's rules; they hold from the next scan. Raises `BadInput`."""
    with transaction():
        before = _told(point)
        for name, value in _checked(point.series_id, wanted).items():
            setattr(point, name, value)
        after = _told(point)
        changed = [name for name, value in after.items() if value != before[name]]
        if changed:
            audit.record(
                "point.change",
                f"point:{point.id}",
                series_id=point.series_id,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            )


def epoch_of(series_id: int) -> str:
    """The name of this history of facts; made when it is first asked for."""
    name = queries.epoch_name(series_id)
    if name is not None:
        return name
    try:
        with transaction():
            name = queries.epoch_name(series_id) or secrets.token_hex(8)
            db.session.merge(Epoch(series_id=series_id, name=name))
    except IntegrityError:  # somebody else made it at the same moment
        return epoch_of(series_id)
    return name


def renew_epochs() -> None:
    """Give the history of every series another name: some of it may be gone."""
    with transaction():
        for epoch in db.session.scalars(select(Epoch)):
            epoch.name = secrets.token_hex(8)


def _checked(series_id: int, wanted: PointInput) -> dict[str, Any]:
    """The columns of a point. Raises `BadInput`."""
    errors: dict[str, list[Text]] = {}
    name = clean(wanted.name_zh)
    if not name or len(name) > _LONGEST_NAME:
        errors["name"] = [Text("请填写名称，最多 60 字。", "Give a name of at most 60 characters.")]
    if wanted.opens_at and wanted.closes_at and wanted.closes_at <= wanted.opens_at:
        errors["closes_at"] = [
            Text("停止时间须晚于开始时间。", "The end must be later than the beginning.")
        ]
    if wanted.capacity is not None and wanted.capacity < 1:
        errors["capacity"] = [Text("人数须为 1 以上的整数。", "Give a whole number from 1 up.")]
    gates = list(dict.fromkeys(filter(None, map(clean, wanted.gates))))
    if len(gates) > _MOST_GATES or any(len(gate) > LONGEST_GATE for gate in gates):
        errors["gates"] = [
            Text("最多 30 个门，每个最多 40 字。", "At most 30 gates of at most 40 characters.")
        ]
    events = _known(Event.slug, Event.id, Event.series_id == series_id, wanted.events)
    categories = _known(
        Category.code, Category.ticket_class, Category.series_id == series_id, wanted.categories
    )
    sessions = _sessions(series_id, wanted.sessions)
    for field, found in (("events", events), ("categories", categories), ("sessions", sessions)):
        if found is None:
            errors[field] = [Text("其中有本系列没有的项目。", "This series has not all of these.")]
    if errors:
        raise BadInput(Text("请修改标出的内容。", "Please correct what is marked."), errors)
    return {
        "name_zh": name,
        "name_en": clean(wanted.name_en)[:_LONGEST_NAME],
        "kind": wanted.kind,
        "repeat": wanted.repeat,
        "event_ids": events,
        "session_ids": sessions,
        "category_classes": categories,
        "zones": sorted({zone.value for zone in wanted.zones}),
        "gates": gates,
        "opens_at": wanted.opens_at,
        "closes_at": wanted.closes_at,
        "capacity": wanted.capacity,
        "checkout_time": f"{wanted.checkout:%H:%M}" if wanted.checkout else "",
    }


def _known(key: Any, value: Any, here: Any, wanted: tuple[str, ...]) -> list[Any] | None:
    """The values for these keys in their order; None if one is missing."""
    if not wanted:
        return []
    rows = db.session.execute(select(key, value).where(here, key.in_(wanted))).all()
    found: dict[str, Any] = {str(row[0]): row[1] for row in rows}
    return [found[name] for name in wanted] if set(wanted) <= set(found) else None


def _sessions(series_id: int, wanted: tuple[str, ...]) -> list[str] | None:
    if not wanted:
        return []
    known = db.session.scalars(
        select(Session.id)
        .join(Event, Event.id == Session.event_id)
        .where(Event.series_id == series_id)
    )
    found = {str(session_id) for session_id in known}
    return list(wanted) if set(wanted) <= found else None


def _told(point: Point) -> dict[str, Any]:
    """The point as the audit trail tells it."""
    return {
        "name": {"zh": point.name_zh, "en": point.name_en},
        "kind": point.kind,
        "repeat": point.repeat,
        "events": list(point.event_ids),
        "sessions": list(point.session_ids),
        "classes": list(point.category_classes),
        "zones": list(point.zones),
        "gates": list(point.gates),
        "opens_at": point.opens_at and point.opens_at.isoformat(),
        "closes_at": point.closes_at and point.closes_at.isoformat(),
        "capacity": point.capacity,
        "checkout_time": point.checkout_time,
    }
