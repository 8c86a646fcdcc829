"""Points with their counts, devices, enrol codes, the epoch."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, cast, func, literal, or_, select, union_all
from sqlalchemy import Text as Plain
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Device, EnrolCode, Epoch, Point, Scan
from eduforum.checkin.queries.facts import inside, not_undone
from eduforum.checkin.rules import PointRules, Verdict, emptied_at
from eduforum.core.db import db, table_of
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.registration.models import Registration, RegistrationEvent, RegistrationSession
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing, Zone


def point_or_404(series_ids: Collection[int], point_id: UUID) -> Point:
    """A point of one of these series, with its series. Raises `NotFound`."""
    point = db.session.scalar(
        select(Point)
        .where(Point.id == point_id, Point.series_id.in_(series_ids))
        .options(joinedload(Point.series))
    )
    if point is None:
        raise NotFound
    return point


@dataclass(frozen=True, slots=True)
class Place:
    """A point with what scans there ask for, read at once: plain values that stay as they were.

    epoch: the name of the series' history of facts; None before anybody asked for it.
    """

    id: UUID
    series_id: int
    series_number: int
    name: Text
    rules: PointRules
    epoch: str | None


_POINT, _SERIES, _EPOCH = table_of(Point), table_of(Series), table_of(Epoch)
_PLACE = (
    select(
        *_POINT.c,
        _SERIES.c.number.label("series_number"),
        _SERIES.c.time_zone,
        _EPOCH.c.name.label("epoch"),
    )
    .select_from(
        _POINT.join(_SERIES, _SERIES.c.id == _POINT.c.series_id).outerjoin(
            _EPOCH, _EPOCH.c.series_id == _POINT.c.series_id
        )
    )
    .where(
        _POINT.c.id == bindparam("point_id"),
        _POINT.c.series_id.in_(bindparam("series_ids", expanding=True)),
    )
)


def place_or_404(series_ids: Collection[int], point_id: UUID) -> Place:
    """A point of one of these series, as scans need it. Raises `NotFound`."""
    asked = {"point_id": point_id, "series_ids": list(series_ids)}
    found = db.session.execute(_PLACE, asked).first()
    if found is None:
        raise NotFound
    return Place(
        id=found.id,
        series_id=found.series_id,
        series_number=found.series_number,
        name=Text(found.name_zh, found.name_en),
        rules=rules_of(found, found.time_zone),
        epoch=found.epoch,
    )


def points_of(series_id: int) -> Sequence[Point]:
    """The points of a series in their order."""
    return db.session.scalars(
        select(Point)
        .where(Point.series_id == series_id)
        .order_by(Point.position, Point.id)
        .options(joinedload(Point.series))
    ).all()


def rules_of(point: Any, time_zone: str) -> PointRules:
    """The rules of a row with a point's columns, on the clocks of its series."""
    return PointRules(
        kind=point.kind,
        repeat=point.repeat,
        event_ids=frozenset(point.event_ids),
        session_ids=frozenset(point.session_ids),
        classes=frozenset(point.category_classes),
        zones=frozenset(Zone(letter) for letter in point.zones),
        opens_at=point.opens_at,
        closes_at=point.closes_at,
        capacity=point.capacity,
        checkout=time.fromisoformat(point.checkout_time) if point.checkout_time else None,
        zone=time_zone,
    )


def is_supervisor(device_id: UUID) -> bool:
    """Whether the desk gave this device a supervisor's right."""
    found = db.session.scalar(select(Device.supervisor).where(Device.id == device_id))
    return bool(found)


def device_or_404(series_id: int, device_id: UUID) -> Device:
    device = db.session.scalar(
        select(Device).where(Device.series_id == series_id, Device.id == device_id)
    )
    if device is None:
        raise NotFound
    return device


def devices_of(series_id: int) -> Sequence[Device]:
    """The devices of a series: those in use first, newest first."""
    return db.session.scalars(
        select(Device)
        .where(Device.series_id == series_id)
        .order_by(Device.revoked_at.is_not(None), Device.enrolled_at.desc())
    ).all()


_DEVICE = table_of(Device)
_BEARER = select(
    _DEVICE.c.id, _DEVICE.c.name, _DEVICE.c.series_id, _DEVICE.c.enrolled_at, _DEVICE.c.last_seen_at
).where(_DEVICE.c.token_hash == bindparam("token_hash"), _DEVICE.c.revoked_at.is_(None))


def device_by_hash(token_hash: str) -> Any:
    """The device with this secret, unless it was revoked.

    As a row: `id name series_id enrolled_at last_seen_at`.
    """
    return db.session.execute(_BEARER, {"token_hash": token_hash}).first()


def locked_enrol_code(code_hash: str) -> EnrolCode | None:
    return db.session.scalar(
        select(EnrolCode).where(EnrolCode.code_hash == code_hash).with_for_update()
    )


def epoch_name(series_id: int) -> str | None:
    return db.session.scalar(select(Epoch.name).where(Epoch.series_id == series_id))


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one point: who was let in at least once, how often anybody was, who is inside now, who may
    come."""

    admitted: int = 0
    times: int = 0
    inside: int = 0
    expected: int = 0


def counts_of(points: Sequence[Point], now: datetime) -> dict[UUID, Counts]:
    """The counts of these points, each with its series, in one statement whatever their number."""
    if not points:
        return {}
    parts = [
        select(
            literal(str(point.id)).label("point"),
            literal(name).label("name"),
            number.scalar_subquery().label("n"),
        )
        for point in points
        for name, number in (
            ("admitted", _admitted(point.id, Scan.ticket_id.distinct())),
            ("times", _admitted(point.id, Scan.id)),
            ("inside", _inside(point, now)),
            ("expected", _expected(point)),
        )
    ]
    found: dict[UUID, dict[str, int]] = {}
    for row in db.session.execute(union_all(*parts)):
        found.setdefault(UUID(row.point), {})[row.name] = row.n
    return {point_id: Counts(**numbers) for point_id, numbers in found.items()}


def emptied_of(point: Point, now: datetime) -> datetime | None:
    """When everybody was last taken to have left a point, which has its series with it."""
    return emptied_at(rules_of(point, point.series.time_zone), now)


def _inside(point: Point, now: datetime) -> Select[*tuple[Any, ...]]:
    return select(func.count(Scan.ticket_id.distinct())).where(
        *inside(point.id, emptied_of(point, now))
    )


def _admitted(point_id: UUID, counted: Any) -> Select[*tuple[Any, ...]]:
    return select(func.count(counted)).where(
        Scan.point_id == point_id, Scan.verdict == Verdict.ADMITTED, not_undone()
    )


def _expected(point: Point) -> Select[*tuple[Any, ...]]:
    """How many valid tickets the point's rules admit."""
    query = select(func.count(Ticket.id)).where(
        Ticket.series_id == point.series_id, Ticket.standing == Standing.VALID
    )
    if point.category_classes or point.zones:
        query = query.where(
            or_(Ticket.class_code.in_(point.category_classes), *map(_has_zone, point.zones))
        )
    if point.event_ids:
        chosen = select(RegistrationEvent.registration_id).where(
            RegistrationEvent.event_id.in_(point.event_ids)
        )
        query = query.where(Ticket.id.in_(_tickets_of(chosen)))
    if point.session_ids:
        wanted = [UUID(text) for text in point.session_ids]
        booked = select(RegistrationSession.registration_id).where(
            RegistrationSession.session_id.in_(wanted)
        )
        query = query.where(Ticket.id.in_(_tickets_of(booked)))
    return query


def _has_zone(letter: str) -> ColumnElement[bool]:
    """Both databases write JSON with one space behind a colon."""
    return cast(Ticket.zones, Plain).contains(f'"zone": "{letter}"')


def _tickets_of(registrations: Select[UUID]) -> Select[UUID | None]:
    return select(Registration.ticket_id).where(
        Registration.id.in_(registrations), Registration.ticket_id.is_not(None)
    )
