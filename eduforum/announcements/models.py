"""Letters to many, and one row for each of their recipients."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.announcements.rules import (
    AnnouncementKind,
    AnnouncementState,
    Arrived,
    RecipientState,
    reminder_at,
)
from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Series
from eduforum.notices.models import Notice
from eduforum.registration.models import Registration


class Announcement(Model):
    """A letter that many get, with whom it is for and how fast it may go.

    event_id: the event it is about; its words may name it. A reminder has one, and leaves
    `days_before` its day at `at_clock`; an announcement leaves at `send_at`, or at once.
    event_ids, category_ids, delegation_ids, states: whom it is for; an empty list asks for nothing.
    per_minute, per_day: how many letters of this kind the outbox takes, as mail providers demand.
    drawn: whether all recipients are written down.
    reason: why it was cancelled by itself.
    """

    __tablename__ = "announcements"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    kind: Mapped[AnnouncementKind]
    state: Mapped[AnnouncementState] = mapped_column(default=AnnouncementState.DRAFT)
    subject_zh: Mapped[str]
    subject_en: Mapped[str]
    body_zh: Mapped[str]
    body_en: Mapped[str]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"), index=True)
    days_before: Mapped[int | None]
    at_clock: Mapped[str] = mapped_column(default="")
    send_at: Mapped[datetime | None]
    event_ids: Mapped[list[int]] = mapped_column(default=list)
    category_ids: Mapped[list[int]] = mapped_column(default=list)
    delegation_ids: Mapped[list[str]] = mapped_column(default=list)
    states: Mapped[list[str]] = mapped_column(default=list)
    arrived: Mapped[Arrived] = mapped_column(default=Arrived.ANY)
    per_minute: Mapped[int] = mapped_column(default=60)
    per_day: Mapped[int] = mapped_column(default=5000)
    quiet_from: Mapped[str] = mapped_column(default="22:00")
    quiet_until: Mapped[str] = mapped_column(default="07:00")
    drawn: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    series: Mapped[Series] = relationship()
    event: Mapped[Event | None] = relationship()

    @property
    def subject(self) -> Text:
        return Text(self.subject_zh, self.subject_en)

    @property
    def due_at(self) -> datetime | None:
        """When it leaves; None: at once."""
        if self.event is None or self.days_before is None:
            return self.send_at
        zone = self.series.time_zone
        return reminder_at(self.event.starts_at, self.days_before, self.at_clock, zone)

    __table_args__ = (
        CheckConstraint("per_minute > 0 AND per_day > 0", name="sends_something"),
        CheckConstraint(
            "kind <> 'reminder' OR (event_id IS NOT NULL AND days_before IS NOT NULL)",
            name="reminds_of_event",
        ),
        Index(None, "series_id", "created_at"),
        Index(None, "state"),
    )


class AnnouncementRecipient(Model):
    """One person who gets it, once. reason: why it was skipped. Holds ids alone."""

    __tablename__ = "announcement_recipients"

    announcement_id: Mapped[UUID] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    registration_id: Mapped[UUID] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[RecipientState] = mapped_column(default=RecipientState.WAITING)
    reason: Mapped[str] = mapped_column(default="")
    notice_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("notices.id", ondelete="SET NULL"), index=True
    )
    queued_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship()
    notice: Mapped[Notice | None] = relationship()

    __table_args__ = (
        CheckConstraint("(state = 'queued') = (queued_at IS NOT NULL)", name="queued_has_time"),
        Index(None, "announcement_id", "state", "registration_id"),
        Index(None, "queued_at"),
    )
