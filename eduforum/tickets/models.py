"""Tickets, and the keys that sign them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Json, Model, new_id
from eduforum.tickets.rules import Standing


class SeriesKey(Model):
    """A signing key of one series. The newest that is not retired signs; all of them verify."""

    __tablename__ = "series_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    key_id: Mapped[int]
    public_key: Mapped[bytes]
    sealed_private_key: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("series_id", "key_id"),
        CheckConstraint("key_id BETWEEN 0 AND 255", name="key_id_fits_u8"),
    )


class Ticket(Model):
    """Admits one person to what the issuer wrote on it. The door reads only this row.

    serial: 7 random bytes as a number, unique in the series.
    staff_code: the 8 letters printed beside the QR, for staff search only.
    class_code: what sort of person; a category's class.
    holder_key: who it is, hashed; one live ticket per person and series.
    event_ids, session_ids: what it admits to. zones: the same of places, as `ZoneGrant` keeps them.
    """

    __tablename__ = "tickets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    serial: Mapped[int] = mapped_column(BigInteger)
    class_code: Mapped[int]
    text: Mapped[str]
    staff_code: Mapped[str]
    standing: Mapped[Standing] = mapped_column(default=Standing.VALID)
    holder: Mapped[str]
    holder_key: Mapped[str]
    pinyin: Mapped[str] = mapped_column(default="")
    initials: Mapped[str] = mapped_column(default="")
    mobile_last4: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="")
    category_zh: Mapped[str] = mapped_column(default="")
    category_en: Mapped[str] = mapped_column(default="")
    event_ids: Mapped[list[int]] = mapped_column(default=list)
    session_ids: Mapped[list[str]] = mapped_column(default=list)
    zones: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    door_notes: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sample: Mapped[bool] = mapped_column(default=False)
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    """Moves with every change, so that a device at the door fetches only what is new."""
    replaced_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))

    __table_args__ = (
        UniqueConstraint("series_id", "serial"),
        UniqueConstraint("series_id", "staff_code"),
        CheckConstraint("serial > 0 AND serial < 72057594037927936", name="serial_fits_7_bytes"),
        CheckConstraint("class_code BETWEEN 0 AND 254", name="class_is_issuable"),
        Index(
            "uq_tickets_one_live_per_person",
            "series_id",
            "holder_key",
            unique=True,
            sqlite_where=sql("standing IN ('valid', 'suspended')"),
            postgresql_where=sql("standing IN ('valid', 'suspended')"),
        ),
        Index(
            "ix_tickets_replaced",
            "series_id",
            sqlite_where=sql("replaced_by_id IS NOT NULL"),
            postgresql_where=sql("replaced_by_id IS NOT NULL"),
        ),
        Index(None, "series_id", "updated_at"),
        Index(None, "series_id", "pinyin"),
        Index(None, "series_id", "initials"),
        Index(None, "series_id", "mobile_last4"),
        Index(None, "series_id", "holder"),
    )
