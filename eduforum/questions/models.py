"""Forms and their versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Json, Model, Named, new_id


class QuestionForm(Named, Model):
    """Questions that belong together. Categories of its series may ask them.

    later_until: until when the questions after confirmation are answered; None is the category's
    own deadline for changes.
    """

    __tablename__ = "forms"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    later_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class FormVersion(Model):
    """One version of a form. Once it is published it never changes: a change makes another.

    questions: as `rules.to_json` writes them. published_at: None is the draft, one per form.
    """

    __tablename__ = "form_versions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id", ondelete="CASCADE"))
    number: Mapped[int]
    questions: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    __table_args__ = (
        UniqueConstraint("form_id", "number"),
        Index(
            "uq_form_versions_one_draft",
            "form_id",
            unique=True,
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )
