"""Links by which a display opens; online rooms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.checkin.models import Point
from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.events.models import Event, Series


class Screen(Model):
    """A link by which a display of one event opens without anybody signed in.

    point: where those are checked in who scan the code that the display shows; None: it shows none.
    """

    __tablename__ = "screens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[UUID | None] = mapped_column(ForeignKey("points.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    revoked_at: Mapped[datetime | None]

    series: Mapped[Series] = relationship()
    event: Mapped[Event] = relationship()
    point: Mapped[Point | None] = relationship()


class OnlineRoom(Model):
    """Where those meet who take part in an event online. Joining is a scan at `point`.

    url: https; shown on personal pages alone. note: what else one needs to get in.
    """

    __tablename__ = "online_rooms"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[UUID] = mapped_column(ForeignKey("points.id", ondelete="CASCADE"))
    url: Mapped[str]
    note: Mapped[str] = mapped_column(default="")

    point: Mapped[Point] = relationship()
