"""Numbers of seats."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core.db import Model, Named
from eduforum.events.models import Event
from eduforum.events.rules import Mode
from eduforum.registration.models.categories import Category
from eduforum.schedule.models import Session


class Pool(Named, Model):
    """A number of seats. A registration counts in every pool whose event, session, category and
    mode it has; what a pool leaves empty, it does not ask for.

    held, waiting: kept by the services under the pool's lock, checked here, recomputed by `audit`.
    grandfathered: seats above `size` that were held before the size was lowered.
    waiting_limit: the longest line; None is unlimited, 0 is no line.
    """

    __tablename__ = "pools"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    mode: Mapped[Mode | None]
    size: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    grandfathered: Mapped[int] = mapped_column(default=0)
    waiting_limit: Mapped[int | None]

    event: Mapped[Event | None] = relationship()
    session: Mapped[Session | None] = relationship()
    category: Mapped[Category | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "size >= 0 AND held >= 0 AND waiting >= 0 AND grandfathered >= 0", name="no_negative"
        ),
        CheckConstraint("held <= size + grandfathered", name="never_over"),
        CheckConstraint("mode IS NULL OR mode <> 'hybrid'", name="one_mode"),
        Index(None, "series_id", "category_id", "event_id"),
    )
