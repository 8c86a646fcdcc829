"""What an outlet sends in for one series."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.press.models.outlets import Outlet
from eduforum.press.rules import MediaGroup, OutletType, State


class Application(Model):
    """An outlet and its people, asking to report on a series. Its files are owned by `owner`.

    number: what the receipt says, "" before it is sent in. outlet_name, outlet_type: as typed;
    outlet_id: whom they stand for, set when it is sent in. letter_id: the file of the letter of
    assignment; customs_id: that of the customs list. freelance: the letter is a commission.
    link_version: raised to void the personal link. claimed_by, claimed_until: who has it before
    them. rejected_by: who made the decision that an appeal is about. reason: what the outlet is
    told; what the office keeps to itself stands in its notes. ranked_at: since when it waits on
    hold. changed: fields that were changed by the last answer, with what stood there.
    """

    __tablename__ = "press_applications"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    outlet_id: Mapped[UUID | None] = mapped_column(ForeignKey("outlets.id"), index=True)
    number: Mapped[str] = mapped_column(default="")
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    outlet_name: Mapped[str]
    outlet_type: Mapped[OutletType]
    media_group: Mapped[MediaGroup]
    freelance: Mapped[bool] = mapped_column(default=False)
    focal_name: Mapped[str] = mapped_column(default="")
    focal_mobile: Mapped[str] = mapped_column(default="")
    focal_email: Mapped[str] = mapped_column(default="")
    letter_id: Mapped[UUID | None]
    customs_id: Mapped[UUID | None]
    remark: Mapped[str] = mapped_column(default="")
    consents: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="zh-Hans")
    link_version: Mapped[int] = mapped_column(default=0)
    submit_id: Mapped[str] = mapped_column(unique=True)
    claimed_by: Mapped[str] = mapped_column(default="")
    claimed_until: Mapped[datetime | None]
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    rejected_by: Mapped[str] = mapped_column(default="")
    ranked_at: Mapped[datetime | None]
    last_called_at: Mapped[datetime | None]
    """When the outlet was told that its cards are still at the desk."""
    thanked_at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(default="web")
    sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    identity_erased_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """When the letter went, and when everything that says who applied."""

    series: Mapped[Series] = relationship()
    outlet: Mapped[Outlet | None] = relationship()

    @property
    def owner(self) -> str:
        """What its files are kept under."""
        return f"press_application:{self.id}"

    @property
    def outlet_text(self) -> Text:
        """The outlet as it is known; before that, as it was typed."""
        return self.outlet.name if self.outlet else Text(self.outlet_name, self.outlet_name)

    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (outlet_id IS NOT NULL AND number <> ''"
            " AND submitted_at IS NOT NULL)",
            name="sent_in_has_outlet_and_number",
        ),
        CheckConstraint(
            "state NOT IN ('rejected', 'appealed', 'upheld') OR reason_code <> ''",
            name="rejected_has_reason",
        ),
        Index(
            "uq_press_applications_number",
            "series_id",
            "number",
            unique=True,
            sqlite_where=text("number <> ''"),
            postgresql_where=text("number <> ''"),
        ),
        Index(None, "series_id", "state", "submitted_at", "id"),
        Index(None, "series_id", "submitted_at", "id"),
        Index(None, "series_id", "media_group", "submitted_at"),
        Index(None, "focal_email"),
        Index(None, "focal_mobile"),
    )
