"""Sessions with rooms and people; agreements and plaques under their ceremonies."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Model, Named, new_id
from eduforum.events.models import Event, Organisation
from eduforum.schedule.rules import Part


class Room(Named, Model):
    """A place with a number of seats (None: unknown)."""

    __tablename__ = "rooms"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    seats: Mapped[int | None]

    __table_args__ = (UniqueConstraint("series_id", "name_zh"),)


class Session(Named, Model):
    """An item of the schedule. People sign up for it where a pool of seats names it."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    slug: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    track: Mapped[str] = mapped_column(default="")
    abstract_zh: Mapped[str] = mapped_column(default="")
    abstract_en: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)

    event: Mapped[Event] = relationship()
    room: Mapped[Room | None] = relationship()
    people: Mapped[list["SessionPerson"]] = relationship(
        order_by="SessionPerson.position", cascade="all, delete-orphan"
    )

    __table_args__ = (
        UniqueConstraint("event_id", "slug"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(None, "event_id", "starts_at"),
    )


class SessionPerson(Model):
    """Somebody who chairs or speaks. Sorted by hand: rank first (`position`)."""

    __tablename__ = "session_people"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    part: Mapped[Part]
    name: Mapped[str]
    organisation: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    topic: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)


class Agreement(Named, Model):
    """What is signed at a ceremony by two or more parties."""

    __tablename__ = "agreements"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    said: Mapped[str] = mapped_column(default="")

    parties: Mapped[list["AgreementParty"]] = relationship(
        order_by="AgreementParty.position", cascade="all, delete-orphan"
    )


class AgreementParty(Model):
    """One party of an agreement, in the order of signing."""

    __tablename__ = "agreement_parties"

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    position: Mapped[int]
    signatory: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (UniqueConstraint("agreement_id", "organisation_id"),)


class Plaque(Named, Model):
    """What is unveiled at a ceremony."""

    __tablename__ = "plaques"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
