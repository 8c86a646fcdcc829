"""What a device fetches to judge without a network, whole and then by what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from eduforum.checkin.models import Scan
from eduforum.checkin.queries.facts import COUNTED
from eduforum.checkin.rules import Verdict
from eduforum.core.db import db
from eduforum.registration.models import Category
from eduforum.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Position:
    """How far a device has read one of the two lists: after this time, and id at that time."""

    at: datetime
    id: UUID


def tickets_after(series_id: int, position: Position, most: int) -> Sequence[Ticket]:
    """Tickets that changed after `position`, in the order of their last change."""
    return db.session.scalars(
        select(Ticket)
        .where(Ticket.series_id == series_id, _after(Ticket.updated_at, Ticket.id, position))
        .order_by(Ticket.updated_at, Ticket.id)
        .limit(most)
    ).all()


def moves_after(series_id: int, position: Position, most: int) -> Sequence[Any]:
    """Scans that let somebody in or out, or took that back, in the order they were received.

    Plain rows: `id point_id device_id verdict undoes_id effective_at received_at serial`.
    """
    return db.session.execute(
        select(
            Scan.id, Scan.point_id, Scan.device_id, Scan.verdict, Scan.undoes_id,
            Scan.effective_at, Scan.received_at, Ticket.serial,
        )
        .join(Ticket, Ticket.id == Scan.ticket_id)
        .where(
            Scan.series_id == series_id,
            Scan.verdict.in_((*COUNTED, Verdict.UNDONE)),
            _after(Scan.received_at, Scan.id, position),
        )
        .order_by(Scan.received_at, Scan.id)
        .limit(most)
    ).all()  # fmt: skip


def classes_of(series_id: int) -> Sequence[Category]:
    """The categories whose classes the tickets of a series carry."""
    return db.session.scalars(
        select(Category).where(Category.series_id == series_id).order_by(Category.ticket_class)
    ).all()


def _after(
    at: InstrumentedAttribute[datetime], key: InstrumentedAttribute[UUID], position: Position
) -> Any:
    return or_(at > position.at, and_(at == position.at, key > position.id))
