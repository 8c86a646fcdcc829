"""How long a series keeps what, and on which days it was seen to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Model
from eduforum.core.personal import Group


class RetentionSetting(Model):
    """Days after the last event, where organisers chose others than `rules.DAYS`."""

    __tablename__ = "retention_settings"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    group: Mapped[Group] = mapped_column(primary_key=True)
    days: Mapped[int]

    __table_args__ = (CheckConstraint("days BETWEEN 1 AND 3650", name="days_make_sense"),)


class RetentionRun(Model):
    """The daily look at what has to go. day: in UTC, ISO 8601."""

    __tablename__ = "retention_runs"

    day: Mapped[str] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime] = mapped_column(default=clock.now)
