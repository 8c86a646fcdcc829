"""What outlets published about a series, as they say."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.events.models import Event
from eduforum.press.models.applications import Application
from eduforum.press.rules.coverage import Medium


class CoverageLink(Model):
    """One report. url: http or https, as it was entered; it is never fetched.

    event_id: what it is about, None for the series as a whole.
    """

    __tablename__ = "press_coverage"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("press_applications.id", ondelete="CASCADE")
    )
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"), index=True)
    url: Mapped[str]
    title: Mapped[str]
    medium: Mapped[Medium]
    published_on: Mapped[date]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)

    application: Mapped[Application] = relationship()
    event: Mapped[Event | None] = relationship()

    __table_args__ = (
        CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name="is_a_web_address"),
        CheckConstraint("title <> ''", name="has_title"),
        UniqueConstraint("application_id", "url"),
    )
