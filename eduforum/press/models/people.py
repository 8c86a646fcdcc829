"""The people an outlet sends, and what they bring and wish."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.events.models import Event
from eduforum.press.models.applications import Application
from eduforum.press.rules import (
    CheckResult,
    Coverage,
    InterviewState,
    JobRole,
    PassState,
    Visa,
    Zone,
)
from eduforum.tickets.models import Ticket

_PASSES = "state IN ('approved', 'printed', 'collected', 'suspended', 'lost', 'reissued')"


class PressPerson(Model):
    """One member of staff, and his pass.

    press_card: the number of the press card (记者证号); "" when the letter names the role. photo_id:
    the file of the photo, owned by the application. id_number is sealed and bound to this row,
    id_index equal for equal numbers in a series. pool: wishes to stand in the stage pool.
    state: of the pass. resume: where a suspended pass goes back to. zones, valid_from, valid_until
    and the events with `granted` are what was granted; proposed_zones: what a second officer has
    yet to agree to, proposed_by: who was the first. reason: what the outlet is told of this person.
    """

    __tablename__ = "press_people"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_applications.id", ondelete="CASCADE")
    )
    place: Mapped[int]
    state: Mapped[PassState] = mapped_column(default=PassState.UNDECIDED)
    resume: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    name_key: Mapped[str]
    pinyin: Mapped[str] = mapped_column(default="")
    initials: Mapped[str] = mapped_column(default="")
    role: Mapped[JobRole]
    press_card: Mapped[str] = mapped_column(default="")
    mobile: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    id_type: Mapped[str] = mapped_column(default="")
    id_number: Mapped[bytes | None]
    id_index: Mapped[str] = mapped_column(default="")
    nationality: Mapped[str] = mapped_column(default="")
    visa: Mapped[Visa] = mapped_column(default=Visa.NONE)
    photo_id: Mapped[UUID | None]
    plate: Mapped[str] = mapped_column(default="")
    coverage: Mapped[Coverage] = mapped_column(default=Coverage.NONE)
    pool: Mapped[bool] = mapped_column(default=False)
    security: Mapped[CheckResult] = mapped_column(default=CheckResult.NONE)
    zones: Mapped[list[str]] = mapped_column(default=list)
    proposed_zones: Mapped[list[str]] = mapped_column(default=list)
    proposed_by: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"), unique=True)
    decided_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    identity_erased_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    events: Mapped[list["PressPersonEvent"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    equipment: Mapped[list["Equipment"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Equipment.place"
    )
    interviews: Mapped[list["Interview"]] = relationship(
        back_populates="person",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="Interview.place",
    )

    @property
    def zone_set(self) -> frozenset[Zone]:
        return frozenset(Zone(zone) for zone in self.zones)

    @property
    def wanted_ids(self) -> list[int]:
        """The events this person asks for."""
        return [one.event_id for one in self.events]

    @property
    def granted_ids(self) -> list[int]:
        """The events this person may come to."""
        return [one.event_id for one in self.events if one.granted]

    __table_args__ = (
        CheckConstraint("(id_number IS NULL) = (id_index = '')", name="id_number_has_index"),
        CheckConstraint("(state = 'suspended') = (resume <> '')", name="suspended_can_resume"),
        CheckConstraint(
            f"NOT ({_PASSES}) OR (valid_from IS NOT NULL AND valid_until IS NOT NULL)",
            name="pass_has_validity",
        ),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="valid_for_a_time"),
        # One pass per document in a series, whichever outlet asks for it.
        Index(
            "uq_press_people_one_pass",
            "series_id",
            "id_index",
            unique=True,
            sqlite_where=text(f"id_index <> '' AND {_PASSES}"),
            postgresql_where=text(f"id_index <> '' AND {_PASSES}"),
        ),
        Index(None, "application_id", "place"),
        Index(None, "series_id", "state"),
        Index(None, "series_id", "name_key"),
        Index(None, "series_id", "id_index"),
        Index(None, "series_id", "press_card"),
    )


class PressPersonEvent(Model):
    """An event that somebody wishes to report on; granted: may come."""

    __tablename__ = "press_person_events"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_people.id", ondelete="CASCADE"), primary_key=True
    )
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, index=True)
    granted: Mapped[bool] = mapped_column(default=False)

    event: Mapped[Event] = relationship()


class Equipment(Model):
    """What somebody brings in, for the security check. serial: "" where there is none."""

    __tablename__ = "press_equipment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_people.id", ondelete="CASCADE"), index=True
    )
    place: Mapped[int]
    name: Mapped[str]
    quantity: Mapped[int] = mapped_column(default=1)
    serial: Mapped[str] = mapped_column(default="")

    __table_args__ = (CheckConstraint("quantity BETWEEN 1 AND 99", name="some"),)


class Interview(Model):
    """An interview that somebody asks for, and what became of it.

    answer: what the outlet is told with the last answer. guest_name, guest_email, guest_language:
    of whoever gives the interview or answers for it, where the press office named one; that person
    is written to as well. sequence: grows with every change that a calendar must learn of (RFC 5545).
    """

    __tablename__ = "press_interviews"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_people.id", ondelete="CASCADE"), index=True
    )
    place: Mapped[int]
    with_whom: Mapped[str]
    topics: Mapped[str] = mapped_column(default="")
    state: Mapped[InterviewState] = mapped_column(default=InterviewState.REQUESTED)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    room: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    guest_name: Mapped[str] = mapped_column(default="")
    guest_email: Mapped[str] = mapped_column(default="")
    guest_language: Mapped[str] = mapped_column(default="zh-Hans")
    sequence: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    person: Mapped[PressPerson] = relationship(back_populates="interviews")

    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('accepted', 'moved') OR (starts_at IS NOT NULL AND ends_at > starts_at)",
            name="agreed_has_time",
        ),
        UniqueConstraint("person_id", "place"),
    )
