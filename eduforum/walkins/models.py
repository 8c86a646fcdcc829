"""Which categories take walk-ins."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core.db import Model


class WalkInCategory(Model):
    """A category whose people may register at the door, confirmed at once by whoever works there."""

    __tablename__ = "walk_in_categories"

    category_id: Mapped[int] = mapped_column(
        ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True
    )
