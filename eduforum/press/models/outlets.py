"""Media houses: known once, verified once, for every series."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Model, Named, new_id
from eduforum.press.rules import OutletState, OutletType


class Outlet(Named, Model):
    """A media house. Proposed by an application, verified by an officer.

    organisation_id: the unit it is, where that is known. verified_by: the actor; verified_note: what
    was found, for the office only.
    """

    __tablename__ = "outlets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), unique=True)
    name_zh: Mapped[str] = mapped_column(unique=True)
    pinyin: Mapped[str] = mapped_column(default="")
    type: Mapped[OutletType]
    state: Mapped[OutletState] = mapped_column(default=OutletState.PROPOSED)
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[str] = mapped_column(default="")
    verified_method: Mapped[str] = mapped_column(default="")
    verified_note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        CheckConstraint("name_zh <> ''", name="has_name"),
        CheckConstraint(
            "(state = 'verified') = (verified_at IS NOT NULL AND verified_method <> '')",
            name="verified_by_a_method",
        ),
        Index(None, "pinyin"),
    )


class OutletAlias(Model):
    """Another name under which an outlet is found."""

    __tablename__ = "outlet_aliases"

    alias: Mapped[str] = mapped_column(primary_key=True)
    outlet_id: Mapped[UUID] = mapped_column(
        ForeignKey("outlets.id", ondelete="CASCADE"), index=True
    )


class OutletTie(Model):
    """An officer who belongs to an outlet, and so decides nothing about it. actor: `user:<id>`."""

    __tablename__ = "outlet_ties"

    outlet_id: Mapped[UUID] = mapped_column(
        ForeignKey("outlets.id", ondelete="CASCADE"), primary_key=True
    )
    actor: Mapped[str] = mapped_column(primary_key=True)
    declared_at: Mapped[datetime] = mapped_column(default=clock.now)
