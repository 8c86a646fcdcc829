"""How a series takes the press: windows, required fields, places, published criteria."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core.db import Model
from eduforum.press.rules import MediaGroup


class PressSettings(Model):
    """What the press office of a series published and decided for itself.

    places and per_outlet stand on the series. ranking: codes of criteria, the weightiest first, by
    which who is on hold is put in order; criteria: what the page says besides. answer_days: working days until an outlet hears. security_check: whether everybody needs
    a clear security check before the approval.
    """

    __tablename__ = "press_settings"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    criteria_zh: Mapped[str] = mapped_column(default="")
    criteria_en: Mapped[str] = mapped_column(default="")
    ranking: Mapped[list[str]] = mapped_column(default=list)
    answer_days: Mapped[int] = mapped_column(default=2)
    security_check: Mapped[bool] = mapped_column(default=False)
    collect_by: Mapped[datetime | None]
    """Until when cards are collected; after a last call, passes nobody fetched are released."""

    __table_args__ = (CheckConstraint("answer_days BETWEEN 1 AND 30", name="answers_in_time"),)


class PressWindow(Model):
    """When a group may apply, and which optional fields it has to fill in all the same."""

    __tablename__ = "press_windows"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    media_group: Mapped[MediaGroup] = mapped_column(primary_key=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    required: Mapped[list[str]] = mapped_column(default=list)

    __table_args__ = (CheckConstraint("closes_at > opens_at", name="opens_for_a_time"),)


class EventPlaces(Model):
    """How many of the press find room at one event."""

    __tablename__ = "press_event_places"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    places: Mapped[int]

    __table_args__ = (CheckConstraint("places >= 0", name="not_negative"),)
