"""The people who registered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Json, Model, new_id
from eduforum.events.models import Event, Organisation, Series
from eduforum.events.rules import Mode
from eduforum.registration.models.categories import Category
from eduforum.registration.models.delegations import Delegation
from eduforum.registration.models.invitations import Invitation
from eduforum.registration.rules import State
from eduforum.schedule.models import Session
from eduforum.tickets.models import Ticket

# A declined person does not try again by himself: an organiser reopens.
_OPEN = "state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"


class Registration(Model):
    """One person's part in a series.

    name_key: the name as identity compares it. mobile is E.164, email is casefolded; both "" when
    missing. waiting_since: place in line. submit_id: what the form or client chose, so that a
    second submission is the first one. link_version: raised to void the personal link.
    region: a host region's code, "" when it is not known; chosen, or that of the unit.
    """

    __tablename__ = "registrations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), index=True)
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegations.id"), index=True)
    invitation_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitations.id"), index=True)
    region: Mapped[str] = mapped_column(default="")
    state: Mapped[State]
    mode: Mapped[Mode] = mapped_column(default=Mode.ONSITE)
    name: Mapped[str]
    name_key: Mapped[str]
    pinyin_key: Mapped[str]
    pinyin: Mapped[str]
    initials: Mapped[str]
    organisation: Mapped[str] = mapped_column(default="")
    organisation_pinyin: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    mobile: Mapped[str] = mapped_column(default="")
    mobile_last4: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    id_type: Mapped[str] = mapped_column(default="")
    id_number: Mapped[bytes | None]
    """Sealed, and bound to this row; `services.identity` opens it."""
    id_index: Mapped[str] = mapped_column(default="")
    """Equal for equal numbers within a series; "" without one."""
    language: Mapped[str] = mapped_column(default="zh-Hans")
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    form_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("form_versions.id"), index=True)
    """The questions that were answered while registering."""
    later_version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("form_versions.id"), index=True
    )
    """The questions that were answered after confirmation."""
    consents: Mapped[list[str]] = mapped_column(default=list)
    priority: Mapped[int] = mapped_column(default=0)
    submit_id: Mapped[str] = mapped_column(unique=True)
    link_version: Mapped[int] = mapped_column(default=0)
    source: Mapped[str] = mapped_column(default="web")
    sample: Mapped[bool] = mapped_column(default=False)
    applied_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    waiting_since: Mapped[datetime | None]
    offer_expires_at: Mapped[datetime | None]
    returned_fields: Mapped[list[str]] = mapped_column(default=list)
    returned_notes: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What is wrong with each returned field, by its name; may leave some out."""
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    """What the person was told: why declined, cancelled or returned."""
    answer_by: Mapped[datetime | None]
    """Until when a returned person is asked to answer."""
    reminded_at: Mapped[datetime | None]
    """When a returned person was reminded that the time to answer is ending."""

    identity_erased_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """When the ID number went, and when everything that says who it is."""

    series: Mapped[Series] = relationship()
    category: Mapped[Category] = relationship()
    unit: Mapped[Organisation | None] = relationship()
    delegation: Mapped[Delegation | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    events: Mapped[list[Event]] = relationship(
        secondary="registration_events", order_by="Event.starts_at, Event.position"
    )
    sessions: Mapped[list[Session]] = relationship(
        secondary="registration_sessions", order_by="Session.starts_at"
    )
    options: Mapped[list["RegistrationOption"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def option_names(self) -> list[str]:
        """What was chosen in answer to questions, as pools name it."""
        if self.form_version_id is None and self.later_version_id is None:
            return []
        return [one.option for one in self.options]

    __table_args__ = (
        Index(
            "uq_registrations_one_per_name_and_mobile",
            "series_id",
            "name_key",
            "mobile",
            unique=True,
            sqlite_where=text(f"mobile <> '' AND {_OPEN}"),
            postgresql_where=text(f"mobile <> '' AND {_OPEN}"),
        ),
        Index(
            "uq_registrations_one_per_name_and_email",
            "series_id",
            "name_key",
            "email",
            unique=True,
            sqlite_where=text(f"email <> '' AND {_OPEN}"),
            postgresql_where=text(f"email <> '' AND {_OPEN}"),
        ),
        Index(
            "uq_registrations_one_per_id_number",
            "series_id",
            "id_index",
            unique=True,
            sqlite_where=text(f"id_index <> '' AND {_OPEN}"),
            postgresql_where=text(f"id_index <> '' AND {_OPEN}"),
        ),
        CheckConstraint("(id_number IS NULL) = (id_index = '')", name="id_number_has_index"),
        CheckConstraint(
            "(state = 'offered') = (offer_expires_at IS NOT NULL)", name="offer_expires"
        ),
        CheckConstraint("state <> 'waitlisted' OR waiting_since IS NOT NULL", name="line_has_time"),
        CheckConstraint(
            "state <> 'confirmed' OR ticket_id IS NOT NULL", name="confirmed_has_ticket"
        ),
        Index(
            "ix_registrations_line",
            "series_id",
            "priority",
            "waiting_since",
            "id",
            sqlite_where=text("state = 'waitlisted'"),
            postgresql_where=text("state = 'waitlisted'"),
        ),
        Index(
            "ix_registrations_to_answer",
            "answer_by",
            sqlite_where=text("state = 'returned'"),
            postgresql_where=text("state = 'returned'"),
        ),
        Index(
            "ix_registrations_id_number",
            "series_id",
            "id_index",
            sqlite_where=text("id_index <> ''"),
            postgresql_where=text("id_index <> ''"),
        ),
        Index(None, "series_id", "state", "applied_at", "id"),
        Index(None, "series_id", "applied_at", "id"),
        Index(None, "series_id", "pinyin_key"),
        Index(None, "series_id", "pinyin"),
        Index(None, "series_id", "initials"),
        Index(None, "series_id", "mobile_last4"),
        Index(None, "series_id", "name"),
        Index(None, "series_id", "organisation"),
        Index(None, "series_id", "organisation_pinyin"),
        Index(None, "series_id", "category_id", "pinyin_key"),
        Index(None, "series_id", "updated_at"),
        Index(None, "email"),
        Index(None, "mobile"),
    )


class RegistrationOption(Model):
    """An option that was chosen in answer to a question, as `question=option`: pools count it."""

    __tablename__ = "registration_options"

    registration_id: Mapped[UUID] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    option: Mapped[str] = mapped_column(primary_key=True, index=True)


class RegistrationEvent(Model):
    """An event that a registration chose."""

    __tablename__ = "registration_events"

    registration_id: Mapped[UUID] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, index=True)


class RegistrationSession(Model):
    """A session with sign-up that a registration chose."""

    __tablename__ = "registration_sessions"

    registration_id: Mapped[UUID] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id"), primary_key=True, index=True
    )
