"""Units that report their people through a liaison."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.core.i18n import Text
from eduforum.events.models import Organisation, Series


class Delegation(Model):
    """A unit's people in a series. Its quotas are pools that name it.

    unit: as the organiser wrote it; organisation: the unit it stands for, where it is known.
    edit_until: from then on the liaison only reads. link_version: raised to void the link.
    revoked_at: since when the unit reports nobody; its people stay. reviewed: whether whom it
    reports waits for a review, in categories that are not open to everybody.
    """

    __tablename__ = "delegations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    unit: Mapped[str]
    liaison_name: Mapped[str] = mapped_column(default="")
    liaison_mobile: Mapped[str] = mapped_column(default="")
    liaison_email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh-Hans")
    edit_until: Mapped[datetime]
    reviewed: Mapped[bool] = mapped_column(default=True)
    link_version: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    series: Mapped[Series] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def unit_name(self) -> Text:
        """The unit, in English as well where it is known."""
        return self.organisation.name if self.organisation else Text(self.unit, self.unit)

    __table_args__ = (
        CheckConstraint("unit <> ''", name="has_unit"),
        Index(
            "uq_delegations_one_per_unit",
            "series_id",
            "unit",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
