"""What a liaison has written down and not yet submitted."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Json, Model, new_id
from eduforum.registration.models import Delegation, Registration


class Draft(Model):
    """One row of the page: somebody new, or the answer to a registration that was returned.

    Texts are kept as typed, right or wrong. events: slugs. unread: what stood in a file for a choice
    and means none, by field. faults: what only the submission could find, by field.
    registration_id: the returned registration that this corrects.
    """

    __tablename__ = "delegation_drafts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    delegation_id: Mapped[UUID] = mapped_column(ForeignKey("delegations.id", ondelete="CASCADE"))
    registration_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), unique=True
    )
    place: Mapped[int]
    name: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    mobile: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    events: Mapped[list[str]] = mapped_column(default=list)
    unread: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    faults: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)

    delegation: Mapped[Delegation] = relationship()
    registration: Mapped[Registration | None] = relationship()

    __table_args__ = (Index(None, "delegation_id", "place"),)
