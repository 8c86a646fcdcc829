"""Who looks at which application just now."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core.db import Model


class Review(Model):
    """An application that somebody has before them in the queue, until they decide or `until`.

    It keeps two people from reading the same one; it keeps nobody from deciding.
    """

    __tablename__ = "reviews"

    registration_id: Mapped[UUID] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    actor: Mapped[str]
    until: Mapped[datetime]
