"""Codes and personal links that let somebody in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.events.models import Series
from eduforum.registration.models.categories import Category
from eduforum.registration.rules import InvitationKind, Rsvp


class Invitation(Model):
    """A code that several people may use, or a personal link; both let into one category.

    code: in capitals, as it is compared; "" for a personal link. name: whom a link invites, or what
    a code is for. used: by people who are registered now; one who withdraws gives it back.
    lock_email: nobody with another address may use it. skip_approval: who comes by it is not
    reviewed. link_version: raised to void the link. revoked_at: since when it lets nobody in.
    passed_from_id: the invitation of whoever sends this person instead.
    """

    __tablename__ = "invitations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), index=True)
    kind: Mapped[InvitationKind]
    code: Mapped[str] = mapped_column(default="")
    uses_allowed: Mapped[int] = mapped_column(default=1)
    used: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    mobile: Mapped[str] = mapped_column(default="")
    lock_email: Mapped[bool] = mapped_column(default=False)
    skip_approval: Mapped[bool] = mapped_column(default=False)
    valid_until: Mapped[datetime | None]
    rsvp: Mapped[Rsvp] = mapped_column(default=Rsvp.NONE)
    answered_at: Mapped[datetime | None]
    link_version: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    passed_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitations.id"), unique=True)
    language: Mapped[str] = mapped_column(default="zh-Hans")
    sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    series: Mapped[Series] = relationship()
    category: Mapped[Category] = relationship()
    passed_from: Mapped["Invitation | None"] = relationship(remote_side=[id])

    @property
    def is_personal(self) -> bool:
        return self.kind is InvitationKind.PERSONAL

    __table_args__ = (
        CheckConstraint("(kind = 'personal') = (code = '')", name="code_or_person"),
        CheckConstraint("uses_allowed >= 1 AND used >= 0 AND used <= uses_allowed", name="uses"),
        CheckConstraint("NOT lock_email OR email <> ''", name="lock_has_email"),
        CheckConstraint("code = upper(code)", name="code_in_capitals"),
        CheckConstraint("(rsvp = 'none') = (answered_at IS NULL)", name="answer_has_time"),
        Index(
            "uq_invitations_one_per_code",
            "series_id",
            "code",
            unique=True,
            sqlite_where=text("code <> ''"),
            postgresql_where=text("code <> ''"),
        ),
    )
