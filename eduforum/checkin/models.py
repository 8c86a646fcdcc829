"""Points, devices and scans."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.checkin.rules import Direction, PointKind, Repeat, Verdict
from eduforum.core import clock
from eduforum.core.db import Json, Model, Named, new_id
from eduforum.events.models import Series
from eduforum.tickets.models import Ticket


class Point(Named, Model):
    """A place where tickets are scanned, and its rules.

    event_ids, session_ids: whom it admits; an empty list asks for nothing.
    category_classes, zones: and of these whoever is of one of the classes or has one of the zones.
    opens_at, closes_at: outside them the verdict is `too_early` or `too_late`.
    gates: names of its doors, told apart in the log; a device says at which it stands.
    capacity: how many may be inside at once (None: no limit).
    checkout_time: `HH:MM` on the clocks of the series at which everybody is taken to have left, each
    day ("": nobody is).
    """

    __tablename__ = "points"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    kind: Mapped[PointKind]
    repeat: Mapped[Repeat] = mapped_column(default=Repeat.ONCE)
    event_ids: Mapped[list[int]] = mapped_column(default=list)
    session_ids: Mapped[list[str]] = mapped_column(default=list)
    category_classes: Mapped[list[int]] = mapped_column(default=list)
    zones: Mapped[list[str]] = mapped_column(default=list)
    gates: Mapped[list[str]] = mapped_column(default=list)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    capacity: Mapped[int | None]
    checkout_time: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    loaded_as: Mapped[str] = mapped_column(default="")
    """What the loader made it for (`arrival`, `event:<slug>`), so that loading again finds it."""

    series: Mapped[Series] = relationship()


class Epoch(Model):
    """Names the history of facts of a series. A history that was replaced gets another name, so
    that devices learn that what they had delivered may be gone."""

    __tablename__ = "epochs"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str]


class EnrolCode(Model):
    """A one-time code by which a phone becomes a device of the series."""

    __tablename__ = "enrol_codes"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    made_by: Mapped[str]
    supervisor: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Device(Model):
    """A phone or laptop at a door. Its bearer secret is kept as a hash.

    supervisor: in the hands of somebody who may let pass with a reason, and take back any scan.
    unsent, app_version: what it last said of itself; None and "" if it never did.
    """

    __tablename__ = "devices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    supervisor: Mapped[bool] = mapped_column(default=False)
    enrolled_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime | None]
    unsent: Mapped[int | None]
    app_version: Mapped[str] = mapped_column(default="")
    revoked_at: Mapped[datetime | None]

    series: Mapped[Series] = relationship()


class Settlement(Model):
    """What was said to settle an incident, or a scan that did not fit.

    subject: the id of the incident, which follows from its scans, or of the scan. ticket_id: whose
    the scan was found to be.
    """

    __tablename__ = "settlements"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(primary_key=True)
    note: Mapped[str]
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))
    settled_by: Mapped[str]
    settled_at: Mapped[datetime]


class Scan(Model):
    """One reading of one code at one point: a fact, never changed and never deleted.

    id, seq, scanned_at: chosen by the device. effective_at: `scanned_at` as far as it can be true.
    content_hash: tells a repeated sending from another scan under the same id.
    gate: at which door of the point, "" if the device did not say.
    flags: what is remarkable: `manual`, `clock`, `clamped`, `other_epoch`, `overrode:<verdict>`,
    `no_supervisor` (an override by a device that may not).
    verdict, first: what was answered, replayed when the same id comes again.
    undoes_id: this fact takes another one back.
    """

    __tablename__ = "scans"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    point_id: Mapped[UUID] = mapped_column(ForeignKey("points.id"))
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("devices.id"), index=True)
    operator: Mapped[str] = mapped_column(default="")
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))
    seq: Mapped[int]
    code_hash: Mapped[str]
    """Never the code itself: what is no ticket may be anything."""
    content_hash: Mapped[str]
    direction: Mapped[Direction] = mapped_column(default=Direction.IN)
    gate: Mapped[str] = mapped_column(default="")
    verdict: Mapped[Verdict]
    local_verdict: Mapped[str] = mapped_column(default="")
    quarantined: Mapped[str] = mapped_column(default="")
    """Why the fact does not fit (unknown serial, bad signature, other series); "" when it does."""
    override: Mapped[str] = mapped_column(default="")
    """The supervisor's reason for letting in somebody whom the rules do not admit."""
    first: Mapped[dict[str, Any] | None] = mapped_column(Json)
    flags: Mapped[list[str]] = mapped_column(default=list)
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    undoes_id: Mapped[UUID | None] = mapped_column(ForeignKey("scans.id"), unique=True)
    scanned_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    effective_at: Mapped[datetime]

    point: Mapped[Point] = relationship()
    ticket: Mapped[Ticket | None] = relationship()

    __table_args__ = (
        Index(None, "ticket_id", "point_id"),
        Index(None, "point_id", "effective_at"),
        Index(None, "series_id", "effective_at"),
        Index(None, "series_id", "received_at", "id"),
        Index(
            "ix_scans_let_in_all_the_same",
            "series_id",
            "ticket_id",
            sqlite_where=sql("local_verdict = 'admitted' AND verdict <> 'admitted'"),
            postgresql_where=sql("local_verdict = 'admitted' AND verdict <> 'admitted'"),
        ),
        Index(
            "ix_scans_quarantined",
            "series_id",
            "effective_at",
            sqlite_where=sql("quarantined <> ''"),
            postgresql_where=sql("quarantined <> ''"),
        ),
        CheckConstraint("id <> undoes_id", name="undoes_another"),
    )
