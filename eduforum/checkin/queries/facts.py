"""Scans, and what follows from them: movements, presence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from eduforum.checkin.models import Device, Point, Scan
from eduforum.checkin.rules import Direction, Movement, PointKind, Verdict
from eduforum.core import faults
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.tickets.models import Ticket

COUNTED = (Verdict.ADMITTED, Verdict.CHECKED_OUT)
"""Verdicts that move somebody; all others only say why not."""
_MOST_RECENT = 50


def scan_or_404(series_id: int, scan_id: UUID) -> Scan:
    scan = db.session.scalar(
        select(Scan)
        .where(Scan.series_id == series_id, Scan.id == scan_id)
        .options(joinedload(Scan.point))
    )
    if scan is None:
        raise NotFound
    return scan


def not_undone() -> ColumnElement[bool]:
    undo = aliased(Scan)
    return ~select(undo.id).where(undo.undoes_id == Scan.id).exists()


def _counts() -> ColumnElement[bool]:
    """Scans that let somebody in or out and were not taken back."""
    return Scan.verdict.in_(COUNTED) & not_undone()


def scans_by_id(ids: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """What is stored under these ids, whatever the series, as plain rows."""
    undo = aliased(Scan)
    rows = db.session.execute(
        select(
            Scan.id, Scan.series_id, Scan.point_id, Scan.device_id, Scan.operator, Scan.ticket_id,
            Scan.content_hash, Scan.verdict, Scan.quarantined, Scan.first, Scan.effective_at,
            undo.id.label("undone_by"),
        )
        .outerjoin(undo, undo.undoes_id == Scan.id)
        .where(Scan.id.in_(ids))
    )  # fmt: skip
    return {row.id: dict(row._mapping) for row in rows}


def tickets_for_scans(
    series_id: int, serials: Collection[int], ids: Collection[UUID], undone: Collection[UUID],
    *, lock: bool = True,
) -> Sequence[Any]:  # fmt: skip
    """Tickets by serial, by id, and those of scans to be undone, locked in the order of ids.

    Plain rows: `id serial standing class_code event_ids session_ids replaced_by_id ended_at
    holder unit category_zh category_en sample door_notes`.
    """
    of_undone = select(Scan.ticket_id).where(Scan.id.in_(undone), Scan.ticket_id.is_not(None))
    wanted = [Ticket.serial.in_(serials)]
    if ids:
        wanted.append(Ticket.id.in_(ids))
    if undone:
        wanted.append(Ticket.id.in_(of_undone))
    query = (
        select(
            Ticket.id, Ticket.serial, Ticket.standing, Ticket.class_code, Ticket.event_ids,
            Ticket.session_ids, Ticket.replaced_by_id, Ticket.ended_at, Ticket.holder, Ticket.unit,
            Ticket.category_zh, Ticket.category_en, Ticket.sample, Ticket.door_notes,
        )
        .where(Ticket.series_id == series_id, or_(*wanted))
        .order_by(Ticket.id)
    )  # fmt: skip
    return db.session.execute(query.with_for_update() if lock else query).all()


def movements_of(ticket_ids: Collection[UUID], point_id: UUID) -> dict[UUID, dict[UUID, Movement]]:
    """Counted scans of these tickets here and at exits: ticket → scan → movement."""
    found: dict[UUID, dict[UUID, Movement]] = {}
    counted = (
        select(Scan.id, Scan.ticket_id, Scan.verdict, Scan.effective_at, Scan.point_id)
        .join(Point, Point.id == Scan.point_id)
        .where(
            Scan.ticket_id.in_(ticket_ids),
            or_(Scan.point_id == point_id, Point.kind == PointKind.EXIT),
            _counts(),
        )
    )
    unsafe = faults.active("skip_lock")
    for row in _aside(counted) if unsafe else db.session.execute(counted):
        direction = Direction.IN if row.verdict is Verdict.ADMITTED else Direction.OUT
        found.setdefault(row.ticket_id, {})[row.id] = Movement(
            direction, row.effective_at, str(row.point_id)
        )
    return found


def _aside(query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """What the reliability tests switch on to see that they would notice: an old reading."""
    with db.engine.connect() as connection:
        return connection.execute(query).all()


def locked_inside(point_id: UUID) -> int:
    """How many are in the room now; locks the point so that two gates do not fill one seat."""
    db.session.execute(select(Point.id).where(Point.id == point_id).with_for_update())
    return db.session.scalar(inside(point_id)) or 0


def inside(point_id: UUID) -> Select[*tuple[Any, ...]]:
    """Tickets let in here that have not been scanned out since, here or at an exit."""
    later, later_undo, place = aliased(Scan), aliased(Scan), aliased(Point)
    left = (
        select(later.id)
        .join(place, place.id == later.point_id)
        .where(
            later.ticket_id == Scan.ticket_id,
            later.verdict == Verdict.CHECKED_OUT,
            later.effective_at >= Scan.effective_at,
            or_(later.point_id == point_id, place.kind == PointKind.EXIT),
            ~select(later_undo.id).where(later_undo.undoes_id == later.id).exists(),
        )
        .exists()
    )
    return select(func.count(Scan.ticket_id.distinct())).where(
        Scan.point_id == point_id, Scan.verdict == Verdict.ADMITTED, not_undone(), ~left
    )


@dataclass(frozen=True, slots=True)
class ScanLine:
    """One scan as the desk lists it. `undone`: taken back since; `may_undo`: it still counts."""

    scan: Scan
    device: str
    undone: bool

    @property
    def may_undo(self) -> bool:
        return not self.undone and self.scan.verdict in COUNTED


def recent_scans(
    series_id: int, *, point_id: UUID | None = None, quarantined: bool = False
) -> Sequence[ScanLine]:
    """The last facts of a series, newest first; only those that do not fit if `quarantined`."""
    query = _lines().where(Scan.series_id == series_id)
    if point_id is not None:
        query = query.where(Scan.point_id == point_id)
    if quarantined:
        query = query.where(Scan.quarantined != "")
    return _as_lines(query.order_by(Scan.effective_at.desc(), Scan.id.desc()).limit(_MOST_RECENT))


def scans_of_ticket(series_id: int, ticket_id: UUID) -> Sequence[ScanLine]:
    """Every fact about one ticket, oldest first: what a person's page shows of the door."""
    return _as_lines(
        _lines()
        .where(Scan.series_id == series_id, Scan.ticket_id == ticket_id)
        .order_by(Scan.effective_at, Scan.id)
    )


def _lines() -> Select[*tuple[Any, ...]]:
    undo = aliased(Scan)
    return (
        select(Scan, Device.name, undo.id)
        .outerjoin(Device, Device.id == Scan.device_id)
        .outerjoin(undo, undo.undoes_id == Scan.id)
        .options(joinedload(Scan.point), joinedload(Scan.ticket))
    )


def _as_lines(query: Select[*tuple[Any, ...]]) -> Sequence[ScanLine]:
    return [
        ScanLine(scan, device or scan.operator, undo_id is not None)
        for scan, device, undo_id in db.session.execute(query)
    ]
