"""Kinds of attendees."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core.db import Model, Named
from eduforum.events.models import Event, Series
from eduforum.questions.models import QuestionForm
from eduforum.registration.rules import Admission


class Category(Named, Model):
    """A kind of attendee: how he is admitted, when, to which events.

    ticket_class: the class byte on his ticket, unique in the series.
    offer_hours: how long an offered seat waits for an answer.
    form_id: the questions it asks, if any.
    transferable: whether somebody may send another person in his place by himself.
    pending_holds: whether a person under review holds a seat (he then cannot be overtaken).
    asks_id: whether the venue's security needs the number of an identity document.
    """

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    code: Mapped[str]
    admission: Mapped[Admission]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    edit_until: Mapped[datetime]
    offer_hours: Mapped[int] = mapped_column(default=12)
    pending_holds: Mapped[bool] = mapped_column(default=True)
    guardian_consent: Mapped[bool] = mapped_column(default=False)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("forms.id"), index=True)
    asks_id: Mapped[bool] = mapped_column(default=False)
    transferable: Mapped[bool] = mapped_column(default=False)
    ticket_class: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)

    series: Mapped[Series] = relationship()
    form: Mapped[QuestionForm | None] = relationship()
    events: Mapped[list[Event]] = relationship(
        secondary="category_events", order_by="Event.starts_at, Event.position"
    )

    __table_args__ = (
        UniqueConstraint("series_id", "code"),
        UniqueConstraint("series_id", "ticket_class"),
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint("ticket_class BETWEEN 1 AND 254", name="class_is_issuable"),
        CheckConstraint("offer_hours > 0", name="offers_last"),
    )


class CategoryEvent(Model):
    """An event that a category may choose."""

    __tablename__ = "category_events"

    category_id: Mapped[int] = mapped_column(
        ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True
    )
    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True
    )
