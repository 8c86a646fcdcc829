"""Texts, and who agreed to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Model, new_id


class ConsentText(Model):
    """One version of one text of a series. Never changed: another wording is another version."""

    __tablename__ = "consent_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    code: Mapped[str]
    version: Mapped[int]
    text_zh: Mapped[str]
    text_en: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("series_id", "code", "version"),
        CheckConstraint("version > 0", name="standard_is_not_stored"),
    )


class Consent(Model):
    """Somebody agreed to a version of a text. It outlives an erasure: it proves, and names nobody.

    subject: whose, `registration:<id>`. version: 0 is the standard text.
    """

    __tablename__ = "consents"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str]
    code: Mapped[str]
    version: Mapped[int]
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "subject", "code"),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", name="given_first"),
    )
