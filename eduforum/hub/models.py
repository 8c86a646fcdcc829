"""Which main server a series comes from, and what was brought up to it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core.db import Model
from eduforum.events.models import Series


class Upstream(Model):
    """The main server of a series. There the hub is a device, with a device's rights.

    base_url: without a slash at its end. point_id: whose bundle is asked for; any one of the series
    brings all of it. cursor, epoch: how far it was read, and of which history.
    """

    __tablename__ = "upstreams"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    base_url: Mapped[str]
    sealed_token: Mapped[bytes]
    point_id: Mapped[UUID]
    cursor: Mapped[str] = mapped_column(default="")
    epoch: Mapped[str] = mapped_column(default="")
    pulled_at: Mapped[datetime | None]
    pushed_at: Mapped[datetime | None]

    series: Mapped[Series] = relationship()


class Delivered(Model):
    """A scan that the main server has, and what it said to it."""

    __tablename__ = "delivered_scans"

    scan_id: Mapped[UUID] = mapped_column(
        ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True
    )
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    result: Mapped[str]
