"""Cards on paper, who took them, and whose turn it is in the stage pool."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.press.models.people import PressPerson
from eduforum.tickets.models import Ticket


class PrintRun(Model):
    """Cards that were printed together. number counts from 1 in a series; actor: who printed."""

    __tablename__ = "press_print_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    number: Mapped[int]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (UniqueConstraint("series_id", "number"),)


class Card(Model):
    """One card on paper, with the ticket that is printed on it.

    voided_at: it was lost, or its pass ended. taken_by: whoever fetched it for the person, "" for
    the person. id_type, id_last4: of the document that was seen, never more of it. letter: a proxy
    brought a letter of the outlet. handed_by: the actor at the desk.
    """

    __tablename__ = "press_cards"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_print_runs.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_people.id", ondelete="CASCADE"), index=True
    )
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"))
    printed_at: Mapped[datetime] = mapped_column(default=clock.now)
    voided_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    handed_by: Mapped[str] = mapped_column(default="")
    taken_by: Mapped[str] = mapped_column(default="")
    letter: Mapped[bool] = mapped_column(default=False)
    id_type: Mapped[str] = mapped_column(default="")
    id_last4: Mapped[str] = mapped_column(default="")

    run: Mapped[PrintRun] = relationship()
    person: Mapped[PressPerson] = relationship()
    ticket: Mapped[Ticket] = relationship()

    __table_args__ = (
        CheckConstraint(
            "collected_at IS NULL OR (handed_by <> '' AND id_type <> '' AND length(id_last4) = 4)",
            name="collected_with_document",
        ),
        CheckConstraint("taken_by = '' OR letter", name="proxy_has_letter"),
        Index(
            "uq_press_cards_one_valid",
            "person_id",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )


class PoolSlot(Model):
    """A time at the stage, for so many at once: where they meet and who leads them there."""

    __tablename__ = "press_pool_slots"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    places: Mapped[int]
    meeting_zh: Mapped[str]
    meeting_en: Mapped[str] = mapped_column(default="")
    escort: Mapped[str]
    escort_phone: Mapped[str] = mapped_column(default="")

    event: Mapped[Event] = relationship()

    @property
    def meeting(self) -> Text:
        return Text(self.meeting_zh, self.meeting_en)

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="lasts_for_a_time"),
        CheckConstraint("places BETWEEN 1 AND 500", name="some_places"),
        Index(None, "series_id", "starts_at"),
    )


class PoolPlace(Model):
    """Somebody's place in a slot of the pool."""

    __tablename__ = "press_pool_places"

    slot_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_pool_slots.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_people.id", ondelete="CASCADE"), primary_key=True, index=True
    )

    slot: Mapped[PoolSlot] = relationship()
    person: Mapped[PressPerson] = relationship()
