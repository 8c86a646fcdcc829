"""What the press office works with: checks, questions to the outlet, appeals, notes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Json, Model, new_id
from eduforum.press.rules import Item, Verdict


class Check(Model):
    """What an officer saw of one item. subject: the person's id, "" for the application."""

    __tablename__ = "press_checks"

    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_applications.id", ondelete="CASCADE"), primary_key=True
    )
    item: Mapped[Item] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True, default="")
    verdict: Mapped[Verdict]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.now)


class InfoRequest(Model):
    """One round of questions to an outlet. before: what stood in the fields that it may change,
    so that the answer can be compared; plain values only."""

    __tablename__ = "press_info_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_applications.id", ondelete="CASCADE")
    )
    round: Mapped[int]
    actor: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    answer_by: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    before: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    items: Mapped[list["InfoItem"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="InfoItem.place"
    )

    __table_args__ = (
        UniqueConstraint("application_id", "round"),
        CheckConstraint("round BETWEEN 1 AND 3", name="three_rounds"),
        CheckConstraint("answer_by > asked_at", name="time_to_answer"),
    )


class InfoItem(Model):
    """One thing that is asked for. note: what is wrong with it, as the outlet is told; answer: what
    it says. subject: the person's id, "" for the application."""

    __tablename__ = "press_info_items"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_info_requests.id", ondelete="CASCADE")
    )
    place: Mapped[int]
    item: Mapped[Item]
    subject: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("request_id", "item", "subject"),)


class Appeal(Model):
    """The one appeal against a rejection. decided_by: another officer than the one who rejected."""

    __tablename__ = "press_appeals"

    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_applications.id", ondelete="CASCADE"), primary_key=True
    )
    grounds: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")


class OfficeNote(Model):
    """What the office keeps to itself about an application."""

    __tablename__ = "press_notes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_applications.id", ondelete="CASCADE"), index=True
    )
    actor: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.now)
