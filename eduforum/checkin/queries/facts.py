"""Scans, and what follows from them: movements, presence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from eduforum.checkin.models import Device, Point, Scan
from eduforum.checkin.rules import Direction, Movement, PointKind, Verdict
from eduforum.core import faults
from eduforum.core.db import db, table_of
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


_SCANS, _TICKETS, _POINTS = table_of(Scan), table_of(Ticket), table_of(Point)
_S, _T, _UNDO = _SCANS.c, _TICKETS.c, _SCANS.alias()
_BY_ID = (
    select(
        _S.id, _S.series_id, _S.point_id, _S.device_id, _S.operator, _S.ticket_id,
        _S.content_hash, _S.verdict, _S.local_verdict, _S.quarantined, _S.first, _S.effective_at,
        _UNDO.c.id.label("undone_by"),
    )
    .select_from(_SCANS.outerjoin(_UNDO, _UNDO.c.undoes_id == _S.id))
    .where(_S.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip


def scans_by_id(ids: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """What is stored under these ids, whatever the series, as plain rows."""
    rows = db.session.execute(_BY_ID, {"ids": list(ids)})
    return {row.id: row._asdict() for row in rows}


_DOOR_SEES = select(
    _T.id, _T.serial, _T.standing, _T.class_code, _T.event_ids, _T.session_ids, _T.zones,
    _T.replaced_by_id, _T.ended_at, _T.holder, _T.unit, _T.category_zh, _T.category_en,
    _T.sample, _T.door_notes,
).where(_T.series_id == bindparam("series_id")).order_by(_T.id)  # fmt: skip
_HAS_SERIAL = _T.serial.in_(bindparam("serials", expanding=True))
_BY_SERIAL = _DOOR_SEES.where(_HAS_SERIAL).with_for_update()


def tickets_for_scans(
    series_id: int, serials: Collection[int], ids: Collection[UUID], undone: Collection[UUID],
    *, lock: bool = True,
) -> Sequence[Any]:  # fmt: skip
    """Tickets by serial, by id, and those of scans to be undone, locked in the order of ids.

    Plain rows: `id serial standing class_code event_ids session_ids zones replaced_by_id ended_at
    holder unit category_zh category_en sample door_notes`.
    """
    known = {"series_id": series_id, "serials": list(serials)}
    if lock and not ids and not undone:  # as nearly always
        return db.session.execute(_BY_SERIAL, known).all()
    of_undone = select(_S.ticket_id).where(_S.id.in_(undone), _S.ticket_id.is_not(None))
    wanted = [_HAS_SERIAL]
    if ids:
        wanted.append(_T.id.in_(ids))
    if undone:
        wanted.append(_T.id.in_(of_undone))
    query = _DOOR_SEES.where(or_(*wanted))
    return db.session.execute(query.with_for_update() if lock else query, known).all()


_TEXTS = select(_T.serial, _T.text).where(_T.series_id == bindparam("series_id"), _HAS_SERIAL)


def texts_of(series_id: int, serials: Collection[int]) -> dict[int, str]:
    """The texts that were issued under these serials, whatever became of the tickets."""
    asked = {"series_id": series_id, "serials": list(serials)}
    return {row.serial: row.text for row in db.session.execute(_TEXTS, asked)}


_MOVES = (
    select(_S.id, _S.ticket_id, _S.verdict, _S.effective_at, _S.point_id)
    .select_from(_SCANS.join(_POINTS, _POINTS.c.id == _S.point_id))
    .where(
        _S.ticket_id.in_(bindparam("ticket_ids", expanding=True)),
        or_(_S.point_id == bindparam("here"), _POINTS.c.kind == PointKind.EXIT),
        _S.verdict.in_(COUNTED),
        ~select(_UNDO.c.id).where(_UNDO.c.undoes_id == _S.id).exists(),
    )
)


def movements_of(ticket_ids: Collection[UUID], point_id: UUID) -> dict[UUID, dict[UUID, Movement]]:
    """Counted scans of these tickets here and at exits: ticket → scan → movement."""
    found: dict[UUID, dict[UUID, Movement]] = {}
    asked = {"ticket_ids": list(ticket_ids), "here": point_id}
    unsafe = faults.active("skip_lock")
    rows = _aside(_MOVES, asked) if unsafe else db.session.execute(_MOVES, asked)
    for row in rows:
        direction = Direction.IN if row.verdict is Verdict.ADMITTED else Direction.OUT
        found.setdefault(row.ticket_id, {})[row.id] = Movement(
            direction, row.effective_at, str(row.point_id)
        )
    return found


def _aside(query: Select[*tuple[Any, ...]], asked: Mapping[str, Any]) -> Sequence[Any]:
    """What the reliability tests switch on to see that they would notice: an old reading."""
    with db.engine.connect() as connection:
        return connection.execute(query, asked).all()


def locked_inside(point_id: UUID, emptied: datetime | None) -> int:
    """How many are in the room now; locks the point so that two gates do not fill one seat."""
    db.session.execute(select(Point.id).where(Point.id == point_id).with_for_update())
    return inside_now(point_id, emptied)


def inside_now(point_id: UUID, emptied: datetime | None) -> int:
    """How many are inside, read without a lock: nothing may be decided by it."""
    counted = select(func.count(Scan.ticket_id.distinct())).where(*inside(point_id, emptied))
    return db.session.scalar(counted) or 0


def inside(point_id: UUID, emptied: datetime | None) -> list[ColumnElement[bool]]:
    """Scans by which a ticket is inside: let in here and not out since, here or at an exit.

    emptied: everybody who came before this is taken to have left.
    """
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
    since = [] if emptied is None else [Scan.effective_at >= emptied]
    return [
        Scan.point_id == point_id, Scan.verdict == Verdict.ADMITTED, not_undone(), ~left, *since
    ]  # fmt: skip


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


def strays(series_id: int, *, offset: int, limit: int) -> Sequence[ScanLine]:
    """A page of the scans that do not fit, newest first."""
    return _as_lines(
        _lines()
        .where(Scan.series_id == series_id, Scan.quarantined != "")
        .order_by(Scan.effective_at.desc(), Scan.id.desc())
        .offset(offset)
        .limit(limit)
    )


def count_strays(series_id: int) -> int:
    found = db.session.scalar(
        select(func.count(Scan.id)).where(Scan.series_id == series_id, Scan.quarantined != "")
    )
    return found or 0


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
