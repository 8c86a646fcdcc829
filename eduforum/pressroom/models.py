"""What the press is given."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.core.i18n import Text
from eduforum.pressroom.rules import MaterialKind, Standing, standing


class Material(Model):
    """A text or pictures for the press; its files are owned by `owner`.

    opens_at: the embargo. Before it, nobody outside the desk learns that the material exists.
    credit: whom to name beside a picture.
    correction_zh, correction_en, corrected_at: what was put right after it had opened.
    told_at: when the press was told of that correction.
    """

    __tablename__ = "press_materials"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    kind: Mapped[MaterialKind]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    body_zh: Mapped[str]
    body_en: Mapped[str]
    credit: Mapped[str]
    opens_at: Mapped[datetime]
    correction_zh: Mapped[str] = mapped_column(default="")
    correction_en: Mapped[str] = mapped_column(default="")
    corrected_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (Index(None, "series_id", "opens_at"),)

    @property
    def owner(self) -> str:
        """What its files are kept under."""
        return f"press_material:{self.id}"

    @property
    def title(self) -> Text:
        return Text(self.title_zh, self.title_en)

    @property
    def body(self) -> Text:
        return Text(self.body_zh, self.body_en)

    @property
    def correction(self) -> Text:
        return Text(self.correction_zh, self.correction_en)

    def standing(self, now: datetime) -> Standing:
        return standing(self.opens_at, self.withdrawn_at, now)
