"""Which categories take walk-ins, the tickets signed ahead for devices, and what devices took down
without a network."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.checkin.models import Device, Point
from eduforum.core import clock
from eduforum.core.db import Json, Model
from eduforum.registration.models import Registration
from eduforum.tickets.models import Ticket
from eduforum.walkins.rules import Reason, Settled


class WalkInCategory(Model):
    """A category whose people may register at the door, confirmed at once by whoever works there."""

    __tablename__ = "walk_in_categories"

    category_id: Mapped[int] = mapped_column(
        ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True
    )


class SignedAhead(Model):
    """A ticket that a device holds, to hand it out when there is no network."""

    __tablename__ = "tickets_signed_ahead"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    device_id: Mapped[UUID] = mapped_column(ForeignKey("devices.id"), index=True)

    ticket: Mapped[Ticket] = relationship()


class OfflineWalkIn(Model):
    """A form that was filled in at the door without a network, and the ticket handed out for it.

    id: chosen by the device. name, organisation, mobile: as typed; kept until it is settled and "" then,
    for the registration holds them. category: its code. taken_at: by the server's clock as far as
    can be known. reason, told: why it was not registered by itself, as a word and in words.
    """

    __tablename__ = "offline_walk_ins"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    point_id: Mapped[UUID] = mapped_column(ForeignKey("points.id"))
    device_id: Mapped[UUID] = mapped_column(ForeignKey("devices.id"), index=True)
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    registration_id: Mapped[UUID | None] = mapped_column(ForeignKey("registrations.id"), index=True)
    name: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    mobile: Mapped[str] = mapped_column(default="")
    category: Mapped[str]
    consents: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str]
    another: Mapped[bool] = mapped_column(default=False)
    taken_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled: Mapped[Settled] = mapped_column(default=Settled.WAITING)
    reason: Mapped[Reason | None]
    told: Mapped[dict[str, Any] | None] = mapped_column(Json)
    note: Mapped[str] = mapped_column(default="")
    settled_by: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]

    device: Mapped[Device] = relationship()
    point: Mapped[Point] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    registration: Mapped[Registration | None] = relationship()

    __table_args__ = (
        Index(None, "series_id", "settled", "taken_at"),
        CheckConstraint(
            "(settled IN ('registered', 'merged')) = (registration_id IS NOT NULL)",
            name="settled_names_registration",
        ),
        CheckConstraint("settled <> 'waiting' OR reason IS NOT NULL", name="waiting_has_reason"),
    )
