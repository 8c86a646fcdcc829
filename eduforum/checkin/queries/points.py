"""Points with their counts, devices, enrol codes, the epoch."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Device, EnrolCode, Epoch, Point, Scan
from eduforum.checkin.queries.facts import inside, not_undone
from eduforum.checkin.rules import PointRules, Verdict
from eduforum.core.db import db, table_of
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.registration.models import Registration, RegistrationEvent, RegistrationSession
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing


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
        rules=_rules(found),
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


def _rules(point: Any) -> PointRules:
    return PointRules(
        kind=point.kind,
        repeat=point.repeat,
        event_ids=frozenset(point.event_ids),
        session_ids=frozenset(point.session_ids),
        classes=frozenset(point.category_classes),
        opens_at=point.opens_at,
        closes_at=point.closes_at,
        capacity=point.capacity,
        zone=point.time_zone,
    )


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
    """Of one point: who was let in at least once, who is inside now, who may come."""

    admitted: int = 0
    inside: int = 0
    expected: int = 0


def counts_of(points: Sequence[Point]) -> dict[UUID, Counts]:
    """The counts of these points, in one statement whatever their number."""
    if not points:
        return {}
    parts = [
        select(literal(str(point.id)).label("point"), literal(name).label("name"), number)
        for point in points
        for name, number in (
            ("admitted", _admitted(point.id).scalar_subquery().label("n")),
            ("inside", inside(point.id).scalar_subquery().label("n")),
            ("expected", _expected(point).scalar_subquery().label("n")),
        )
    ]
    found: dict[UUID, dict[str, int]] = {}
    for row in db.session.execute(union_all(*parts)):
        found.setdefault(UUID(row.point), {})[row.name] = row.n
    return {point_id: Counts(**numbers) for point_id, numbers in found.items()}


def _admitted(point_id: UUID) -> Select[*tuple[Any, ...]]:
    return select(func.count(Scan.ticket_id.distinct())).where(
        Scan.point_id == point_id, Scan.verdict == Verdict.ADMITTED, not_undone()
    )


def _expected(point: Point) -> Select[*tuple[Any, ...]]:
    """How many valid tickets the point's rules admit."""
    query = select(func.count(Ticket.id)).where(
        Ticket.series_id == point.series_id, Ticket.standing == Standing.VALID
    )
    if point.category_classes:
        query = query.where(Ticket.class_code.in_(point.category_classes))
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


def _tickets_of(registrations: Select[UUID]) -> Select[UUID | None]:
    return select(Registration.ticket_id).where(
        Registration.id.in_(registrations), Registration.ticket_id.is_not(None)
    )
