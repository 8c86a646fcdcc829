"""What happened at each gate of each point."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select

from eduforum.checkin.models import Scan
from eduforum.checkin.rules import Verdict
from eduforum.core.db import db


@dataclass(frozen=True, slots=True)
class GateCounts:
    """Scans at one gate: let in, scanned out, all others; the first and the last of them."""

    point_id: UUID
    gate: str
    admitted: int
    left: int
    others: int
    first_at: datetime
    last_at: datetime


def gate_counts(series_id: int) -> Sequence[GateCounts]:
    """Of every gate at which anything was scanned, by name; what was scanned at no gate is under
    ""."""
    admitted = func.sum(case((Scan.verdict == Verdict.ADMITTED, 1), else_=0))
    left = func.sum(case((Scan.verdict == Verdict.CHECKED_OUT, 1), else_=0))
    rows = db.session.execute(
        select(
            Scan.point_id,
            Scan.gate,
            admitted,
            left,
            func.count(Scan.id) - admitted - left,
            func.min(Scan.effective_at),
            func.max(Scan.effective_at),
        )
        .where(Scan.series_id == series_id)
        .group_by(Scan.point_id, Scan.gate)
        .order_by(Scan.point_id, Scan.gate)
    )
    return [GateCounts(*row) for row in rows]
