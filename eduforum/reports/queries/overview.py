"""What the overview shows besides attendance: what waits, how full the pools are, the points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Device, Scan
from eduforum.checkin.queries.facts import not_undone
from eduforum.checkin.rules import Verdict
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.notices.models import Notice
from eduforum.notices.rules import NoticeState
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.rules import State

_NONE: ColumnElement[str] = literal_column("''")
"""Written out: the index of what is quarantined is taken only for what is known to be in it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody. submitted_since: when the oldest was sent in.

    overdue: returned, and the person has not answered in time. offer_ends: of the next offer.
    """

    registered: int
    submitted: int
    submitted_since: datetime | None
    returned: int
    overdue: int
    offered: int
    offer_ends: datetime | None
    in_line: int
    failed_notices: int
    unknown_scans: int
    unknown_scan_at: datetime | None


@dataclass(frozen=True, slots=True)
class Use:
    """How much a point was used: people let in at least once, and the last scan."""

    people: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices that may scan, and when one of them was last heard of."""

    number: int
    last_at: datetime | None


def waiting(series_id: int, now: datetime) -> Waiting:
    """Two statements: one over registrations, one over notices and scans."""
    state = Registration.state
    people = db.session.execute(
        select(
            func.count().label("registered"),
            _number(state == State.SUBMITTED).label("submitted"),
            func.min(Registration.applied_at)
            .filter(state == State.SUBMITTED)
            .label("submitted_since"),
            _number(state == State.RETURNED).label("returned"),
            _number((state == State.RETURNED) & (Registration.answer_by <= now)).label("overdue"),
            _number(state == State.OFFERED).label("offered"),
            func.min(Registration.offer_expires_at).label("offer_ends"),
            _number(state == State.WAITLISTED).label("in_line"),
        ).where(Registration.series_id == series_id)
    ).one()
    failed = select(func.count()).where(
        Notice.series_id == series_id, Notice.state == NoticeState.FAILED
    )
    unknown = (
        select(func.count().label("number"), func.max(Scan.effective_at).label("at"))
        .where(Scan.series_id == series_id, Scan.quarantined != _NONE)
        .subquery()
    )
    others = db.session.execute(
        select(failed.scalar_subquery().label("failed"), unknown.c.number, unknown.c.at)
    ).one()
    return Waiting(
        **people._mapping,
        failed_notices=others.failed,
        unknown_scans=others.number,
        unknown_scan_at=others.at,
    )


def uses_of(series_id: int) -> Mapping[UUID, Use]:
    """How much each point was used; points without a scan are left out."""
    rows = db.session.execute(
        select(
            Scan.point_id,
            func.count(Scan.ticket_id.distinct()).filter(
                (Scan.verdict == Verdict.ADMITTED) & not_undone()
            ),
            func.max(Scan.effective_at),
        )
        .where(Scan.series_id == series_id)
        .group_by(Scan.point_id)
    )
    return {point_id: Use(people, last_at) for point_id, people, last_at in rows}


def devices_in_use(series_id: int) -> Devices:
    row = db.session.execute(
        select(func.count(), func.max(Device.last_seen_at)).where(
            Device.series_id == series_id, Device.revoked_at.is_(None)
        )
    ).one()
    return Devices(row[0], row[1])


def pools_with_names(series_id: int) -> Sequence[Pool]:
    """The pools of a series with what they are about."""
    return db.session.scalars(
        select(Pool)
        .where(Pool.series_id == series_id)
        .order_by(Pool.id)
        .options(joinedload(Pool.event), joinedload(Pool.category), joinedload(Pool.session))
    ).all()


def has_categories(series_id: int) -> bool:
    found = select(Category.id).where(Category.series_id == series_id).limit(1)
    return db.session.scalar(found) is not None


def version(series_id: int) -> tuple[Any, ...]:
    """What changes whenever a figure may: one cheap statement for a page that asks all the time.

    Every change writes an audit row, every scan is a row of its own that stays, and what the
    worker does shows in the states of notices.
    """
    return tuple(
        db.session.execute(
            select(
                select(func.max(AuditEntry.id))
                .where(AuditEntry.series_id == series_id)
                .scalar_subquery(),
                select(func.count()).where(Scan.series_id == series_id).scalar_subquery(),
                select(func.count())
                .where(Notice.series_id == series_id, Notice.state == NoticeState.FAILED)
                .scalar_subquery(),
            )
        ).one()
    )


def _number(condition: Any) -> Any:
    return func.count().filter(condition)
