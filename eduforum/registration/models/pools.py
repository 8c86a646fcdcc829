"""Numbers of seats."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core.db import Model, Named
from eduforum.events.models import Event
from eduforum.events.rules import Mode
from eduforum.registration.models.categories import Category
from eduforum.registration.models.delegations import Delegation
from eduforum.registration.models.invitations import Invitation
from eduforum.registration.rules import Scope
from eduforum.schedule.models import Session


class Pool(Named, Model):
    """A number of seats. A registration counts in every pool whose event, session, category,
    mode, delegation, invitation, region and chosen option it has; what a pool leaves empty, it does not ask for.

    held, waiting, blocked: kept by the services under the pool's lock, checked here, recomputed
    by `audit`.
    grandfathered: seats above `size` that were held or promised before the size was lowered.
    waiting_limit: the longest line; None is unlimited, 0 is no line.
    reserving: its unused seats are taken out of every pool around it (`Scope.within`), which
    keep them in `blocked`, until `release_at`; then it stays as a cap.
    """

    __tablename__ = "pools"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    mode: Mapped[Mode | None]
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegations.id"), index=True)
    invitation_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitations.id"), index=True)
    region: Mapped[str | None]
    """A host region's code."""
    option: Mapped[str | None]
    """An answer to a question, as `question=option`: rooms of one kind, meals."""
    size: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    grandfathered: Mapped[int] = mapped_column(default=0)
    waiting_limit: Mapped[int | None]
    reserving: Mapped[bool] = mapped_column(default=False)
    release_at: Mapped[datetime | None]
    blocked: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event | None] = relationship()
    session: Mapped[Session | None] = relationship()
    category: Mapped[Category | None] = relationship()
    delegation: Mapped[Delegation | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()

    @property
    def scope(self) -> Scope:
        return Scope(
            event_id=self.event_id,
            session_id=self.session_id,
            category_id=self.category_id,
            mode=self.mode,
            delegation_id=self.delegation_id,
            invitation_id=self.invitation_id,
            region=self.region,
            option=self.option,
        )

    __table_args__ = (
        CheckConstraint(
            "size >= 0 AND held >= 0 AND waiting >= 0 AND grandfathered >= 0 AND blocked >= 0",
            name="no_negative",
        ),
        CheckConstraint("held + blocked <= size + grandfathered", name="never_over"),
        CheckConstraint(
            "NOT reserving OR delegation_id IS NOT NULL OR invitation_id IS NOT NULL "
            "OR region IS NOT NULL",
            name="reserves_for_somebody",
        ),
        CheckConstraint("region IS NULL OR region <> ''", name="region_is_named"),
        CheckConstraint("mode IS NULL OR mode <> 'hybrid'", name="one_mode"),
        Index(None, "series_id", "category_id", "event_id"),
    )
