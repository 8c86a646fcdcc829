"""The scans from which incidents follow, and what was said to settle them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, cast, func, or_, select
from sqlalchemy import Text as Plain

from eduforum.checkin.models import Device, Point, Scan, Settlement
from eduforum.checkin.queries.points import rules_of
from eduforum.checkin.rules import NO_SUPERVISOR, PointKind, Repeat, Verdict
from eduforum.checkin.rules.incidents import (
    CLOCK_FLAGS,
    OF_DEVICES,
    Fact,
    Incident,
    newest_first,
    of_clocks,
    of_gaps,
    of_tickets,
)
from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing

_MOVING = (Verdict.ADMITTED, Verdict.CHECKED_OUT)


@dataclass(frozen=True, slots=True)
class Told:
    """An incident with the names of what it is about. `settled`: what was said, if anything was."""

    incident: Incident
    ticket: Ticket | None
    points: Mapping[UUID, Point]
    devices: Mapping[UUID, str]
    settled: Settlement | None

    def device(self, fact: Fact) -> str:
        return self.devices.get(fact.device, "") if fact.device else ""


def of_unknown_code(series_id: int, code_hash: str) -> Sequence[UUID]:
    """Scans of a code whose ticket nobody knew, and of which nobody has said whose they were."""
    found = db.session.scalars(
        select(Scan.id)
        .where(
            Scan.series_id == series_id,
            Scan.quarantined == "unknown_serial",
            Scan.code_hash == code_hash,
        )
        .order_by(Scan.effective_at, Scan.id)
    ).all()
    said = _settlements(series_id, {str(one) for one in found})
    return [one for one in found if str(one) not in said]


def incidents_of(series: Series, now: datetime, *, device: UUID | None = None) -> list[Told]:
    """What went wrong in a series, newest first; for a device only what it did itself and is open."""
    points = {
        p.id: p for p in db.session.scalars(select(Point).where(Point.series_id == series.id))
    }
    rules = {key: rules_of(point, series.time_zone) for key, point in points.items()}
    wanted = _facts_of_let_in(series.id)
    if device is None:
        wanted = or_(wanted, _facts_unleft(series.id, points.values()))
    facts = _facts(series.id, wanted)
    tickets = _tickets({fact.ticket for fact in facts if fact.ticket})
    ended = {t.id: t.ended_at for t in tickets.values() if t.ended_at and _is_over(t)}
    found = list(of_tickets(facts, rules, ended, now))
    if device is None:
        found += of_clocks(_facts(series.id, _facts_of_clocks()), rules)
        found += of_gaps(_facts(series.id, _facts_of_gaps(series.id)), now)
    else:
        found = [one for one in found if any(fact.device == device for fact in one.facts)]
    if not found:
        return []
    settled = _settlements(series.id, {str(one.id) for one in found})
    devices = _device_names(series.id)
    told = [
        Told(one, _ticket(one, tickets), points, devices, settled.get(str(one.id)))
        for one in newest_first(found)
    ]
    return [one for one in told if device is None or one.settled is None]


def _ticket(incident: Incident, tickets: Mapping[UUID, Ticket]) -> Ticket | None:
    ticket_id = incident.facts[0].ticket
    return None if ticket_id is None or incident.kind in OF_DEVICES else tickets.get(ticket_id)


def _facts(series_id: int, wanted: ColumnElement[bool]) -> list[Fact]:
    rows = db.session.execute(
        select(
            Scan.id, Scan.point_id, Scan.effective_at, Scan.received_at, Scan.verdict,
            Scan.local_verdict, Scan.device_id, Scan.ticket_id, Scan.seq, Scan.override,
            Scan.undoes_id, Scan.flags, Scan.gate,
        ).where(Scan.series_id == series_id, wanted)
    )  # fmt: skip
    return [_fact(row) for row in rows]


def settled_scans(series_id: int, scan_ids: Collection[UUID]) -> Mapping[str, Settlement]:
    """What was said of scans that did not fit, by the scan's id."""
    return _settlements(series_id, {str(one) for one in scan_ids})


def settlement(series_id: int, subject: str) -> Settlement | None:
    return db.session.get(Settlement, (series_id, subject))


def _is_over(ticket: Ticket) -> bool:
    return ticket.standing in (Standing.CANCELLED, Standing.REVOKED)


def _fact(row: Any) -> Fact:
    return Fact(
        id=row.id,
        point=row.point_id,
        at=row.effective_at,
        received_at=row.received_at,
        shown=row.local_verdict or row.verdict,
        device=row.device_id,
        ticket=row.ticket_id,
        seq=row.seq,
        overridden=bool(row.override) and NO_SUPERVISOR not in row.flags,
        gate=row.gate,
        undoes=row.undoes_id,
        flags=frozenset(row.flags),
    )


def _facts_of_let_in(series_id: int) -> ColumnElement[bool]:
    """All of the tickets that a device let in and the server would not have."""
    let_in = select(Scan.ticket_id).where(
        Scan.series_id == series_id,
        Scan.local_verdict == Verdict.ADMITTED,
        Scan.verdict != Verdict.ADMITTED,
    )
    return Scan.ticket_id.in_(let_in)


def _facts_unleft(series_id: int, points: Collection[Point]) -> ColumnElement[bool]:
    """What moved people at the points that are emptied, at exits too."""
    emptied = [p.id for p in points if p.checkout_time and p.repeat is Repeat.REENTRY]
    exits = [p.id for p in points if p.kind is PointKind.EXIT]
    if not emptied:
        return Scan.point_id.in_([])
    return and_(
        Scan.point_id.in_([*emptied, *exits]),
        Scan.verdict.in_((*_MOVING, Verdict.UNDONE)),
        Scan.series_id == series_id,
    )


def _facts_of_clocks() -> ColumnElement[bool]:
    flags = cast(Scan.flags, Plain)
    return or_(*(flags.contains(f'"{flag}"') for flag in sorted(CLOCK_FLAGS)))


def _facts_of_gaps(series_id: int) -> ColumnElement[bool]:
    """All of the devices that have sent fewer scans than they have counted."""
    seqs = func.count(Scan.seq.distinct())
    lacking = (
        select(Scan.device_id)
        .where(Scan.series_id == series_id, Scan.device_id.is_not(None))
        .group_by(Scan.device_id)
        .having(func.max(Scan.seq) - func.min(Scan.seq) + 1 > seqs)
    )
    return Scan.device_id.in_(lacking)


def _tickets(ids: Collection[UUID]) -> dict[UUID, Ticket]:
    found: Sequence[Ticket] = db.session.scalars(select(Ticket).where(Ticket.id.in_(ids))).all()
    return {ticket.id: ticket for ticket in found}


def _device_names(series_id: int) -> dict[UUID, str]:
    rows = db.session.execute(select(Device.id, Device.name).where(Device.series_id == series_id))
    return {row.id: row.name for row in rows}


def _settlements(series_id: int, subjects: Collection[str]) -> dict[str, Settlement]:
    rows = db.session.scalars(
        select(Settlement).where(
            Settlement.series_id == series_id, Settlement.subject.in_(subjects)
        )
    )
    return {row.subject: row for row in rows}
