"""Named reads of the hub."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Point, Scan
from eduforum.core.db import db
from eduforum.events.models import Event, Series
from eduforum.hub.models import Delivered, Upstream
from eduforum.hub.rules import FROM_ABOVE
from eduforum.registration.models import Category
from eduforum.tickets.models import SeriesKey, Ticket


def upstreams() -> Sequence[Upstream]:
    """Every series that comes from a main server."""
    return db.session.scalars(
        select(Upstream).order_by(Upstream.series_id).options(joinedload(Upstream.series))
    ).all()


def series_named(slug: str) -> Series | None:
    return db.session.scalar(select(Series).where(Series.slug == slug))


def upstream_of(series_id: int) -> Upstream | None:
    return db.session.scalar(
        select(Upstream).where(Upstream.series_id == series_id).options(joinedload(Upstream.series))
    )


def events_by_slug(series_id: int) -> dict[str, Event]:
    rows = db.session.scalars(select(Event).where(Event.series_id == series_id))
    return {event.slug: event for event in rows}


def categories_by_code(series_id: int) -> dict[str, Category]:
    rows = db.session.scalars(select(Category).where(Category.series_id == series_id))
    return {category.code: category for category in rows}


def points_by_id(series_id: int) -> dict[UUID, Point]:
    rows = db.session.scalars(select(Point).where(Point.series_id == series_id))
    return {point.id: point for point in rows}


def key_ids(series_id: int) -> set[int]:
    return set(db.session.scalars(select(SeriesKey.key_id).where(SeriesKey.series_id == series_id)))


def tickets_by_serial(series_id: int, serials: Collection[int]) -> dict[int, Ticket]:
    rows = db.session.scalars(
        select(Ticket).where(Ticket.series_id == series_id, Ticket.serial.in_(serials))
    )
    return {ticket.serial: ticket for ticket in rows}


def known_scans(ids: Collection[UUID]) -> set[UUID]:
    return set(db.session.scalars(select(Scan.id).where(Scan.id.in_(ids))))


def to_deliver(series_id: int, most: int) -> Sequence[tuple[Scan, int | None]]:
    """The oldest scans of this hub that its main server does not have, with the ticket's serial.

    In the order in which they count: what is taken back comes before what takes it back.
    """
    rows = db.session.execute(
        select(Scan, Ticket.serial)
        .outerjoin(Ticket, Ticket.id == Scan.ticket_id)
        .outerjoin(Delivered, Delivered.scan_id == Scan.id)
        .where(
            Scan.series_id == series_id,
            Scan.operator != FROM_ABOVE,
            Delivered.scan_id.is_(None),
        )
        .order_by(Scan.effective_at, Scan.received_at, Scan.seq, Scan.id)
        .limit(most)
    )
    return [(scan, serial) for scan, serial in rows]


def waiting(series_id: int) -> int:
    """How many scans of this hub its main server does not have."""
    return (
        db.session.scalar(
            select(func.count(Scan.id))
            .outerjoin(Delivered, Delivered.scan_id == Scan.id)
            .where(
                Scan.series_id == series_id,
                Scan.operator != FROM_ABOVE,
                Delivered.scan_id.is_(None),
            )
        )
        or 0
    )
