"""Files that people sent us: what is known of each. The bytes lie outside the database."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Model, new_id
from eduforum.files.rules import Kind


class StoredFile(Model):
    """One file, looked into and written anew where that can be done.

    owner: `<thing>:<id>` it belongs to, or `draft:<submit id>` while a form is being filled in.
    purpose: what it was sent for. place: its random name on the disk.
    kept_at: when its owner was stored; a draft that nobody stores is swept away.
    removed_at: it is gone for everybody; the bytes follow at once (see `services.sweep`).
    """

    __tablename__ = "stored_files"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner: Mapped[str]
    purpose: Mapped[str]
    kind: Mapped[Kind]
    name: Mapped[str]
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    digest: Mapped[str]
    place: Mapped[str] = mapped_column(unique=True)
    stored_at: Mapped[datetime] = mapped_column(default=clock.now)
    kept_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("size > 0", name="not_empty"),
        Index(None, "owner"),
        Index(None, "kept_at", "stored_at"),
        Index(None, "removed_at"),
    )
