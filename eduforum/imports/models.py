"""Imports, and the rows that they are about to register."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Json, Model, new_id
from eduforum.events.models import Series
from eduforum.events.rules import Mode
from eduforum.imports.rules import ImportState, Outcome


class Import(Model):
    """One list that somebody uploaded.

    options: what was chosen beside the file (`services.Options`). source: the cells that are
    understood, sealed; gone when the import is over. total: rows in it; checked, told: how many
    of them are done. combos: what rows ask for together (category, events, mode, region), by
    their `combo`. counts: rows by outcome, kept when the rows are gone. refusal: why nothing was
    imported, zh and en. lease, leased_until: which worker works on it, and until when that is
    believed. attempts: times the work began since it last got further.
    """

    __tablename__ = "imports"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    state: Mapped[ImportState] = mapped_column(default=ImportState.CHECKING)
    actor: Mapped[str]
    file_name: Mapped[str]
    options: Mapped[dict[str, Any]] = mapped_column(Json)
    notes: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    """What was not read, zh and en: hidden sheets, unknown columns."""
    source: Mapped[bytes | None] = mapped_column(deferred=True)
    total: Mapped[int]
    checked: Mapped[int] = mapped_column(default=0)
    told: Mapped[int] = mapped_column(default=0)
    combos: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    counts: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    refusal: Mapped[dict[str, str] | None] = mapped_column(Json)
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]

    series: Mapped[Series] = relationship()

    __table_args__ = (
        CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name="lease_ends"),
        CheckConstraint(
            "(state IN ('done', 'discarded')) = (finished_at IS NOT NULL)", name="end_has_time"
        ),
        CheckConstraint(
            "state NOT IN ('done', 'discarded') OR source IS NULL", name="over_keeps_nothing"
        ),
        Index(None, "series_id", "created_at"),
        Index(None, "state", "created_at"),
    )


class ImportRow(Model):
    """One row, ready to be registered as it stands, or with what is wrong with it.

    registration_id: of the registration that it makes, or of the one that is there already.
    subject: `registration:<id>`, as the audit trail names it. problems: `rules.Problem`.
    remark: of rows that register nobody, why; zh and en. combo: in `Import.combos`. The other
    columns are those of registrations and tickets.
    """

    __tablename__ = "import_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    sheet: Mapped[str]
    number: Mapped[int]
    outcome: Mapped[Outcome]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    remark: Mapped[dict[str, str] | None] = mapped_column(Json)
    combo: Mapped[int | None]
    told: Mapped[bool] = mapped_column(default=False)
    registration_id: Mapped[UUID | None]
    subject: Mapped[str] = mapped_column(default="")
    category_id: Mapped[int | None]
    event_ids: Mapped[list[int]] = mapped_column(default=list)
    name: Mapped[str] = mapped_column(default="")
    name_key: Mapped[str] = mapped_column(default="")
    pinyin_key: Mapped[str] = mapped_column(default="")
    pinyin: Mapped[str] = mapped_column(default="")
    initials: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None]
    organisation_pinyin: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    mobile: Mapped[str] = mapped_column(default="")
    mobile_last4: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh-Hans")
    mode: Mapped[Mode] = mapped_column(default=Mode.ONSITE)
    region: Mapped[str] = mapped_column(default="")
    id_type: Mapped[str] = mapped_column(default="")
    id_number: Mapped[bytes | None]
    """Sealed for the registration that it is going to belong to."""
    id_index: Mapped[str] = mapped_column(default="")
    ticket_id: Mapped[UUID | None]
    holder_key: Mapped[str] = mapped_column(default="")
    serial: Mapped[int | None] = mapped_column(BigInteger)
    ticket_text: Mapped[str] = mapped_column(default="")
    staff_code: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint(
            "outcome <> 'new' OR (registration_id IS NOT NULL AND combo IS NOT NULL)",
            name="new_is_ready",
        ),
        CheckConstraint("(ticket_id IS NULL) = (serial IS NULL)", name="ticket_is_whole"),
        Index(None, "import_id", "outcome", "id"),
        Index(None, "import_id", "id"),
    )
