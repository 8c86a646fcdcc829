"""Named reads of uploads. What was removed is not found."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.files.models import StoredFile


def files_of(owner: str) -> Sequence[StoredFile]:
    """The files of one owner, the oldest first."""
    return db.session.scalars(
        select(StoredFile)
        .where(StoredFile.owner == owner, StoredFile.removed_at.is_(None))
        .order_by(StoredFile.stored_at, StoredFile.id)
    ).all()


def file_or_404(owner: str, file_id: UUID) -> StoredFile:
    """The file, if it is this owner's. Raises `NotFound`."""
    found = db.session.scalar(
        select(StoredFile).where(
            StoredFile.id == file_id, StoredFile.owner == owner, StoredFile.removed_at.is_(None)
        )
    )
    if found is None:
        raise NotFound
    return found


def kept_by(owner: str) -> tuple[int, int]:
    """(files, bytes) that an owner keeps."""
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(StoredFile.size), 0)).where(
            StoredFile.owner == owner, StoredFile.removed_at.is_(None)
        )
    ).one()
    return row[0], int(row[1])


def left_behind(before: datetime, limit: int) -> Sequence[UUID]:
    """Drafts whose form was never sent, stored before `before`."""
    return db.session.scalars(
        select(StoredFile.id)
        .where(
            StoredFile.kept_at.is_(None),
            StoredFile.stored_at < before,
            StoredFile.removed_at.is_(None),
        )
        .limit(limit)
    ).all()


def removed(limit: int) -> Sequence[StoredFile]:
    return db.session.scalars(
        select(StoredFile).where(StoredFile.removed_at.is_not(None)).limit(limit)
    ).all()


def known_places(places: Collection[str]) -> set[str]:
    return set(db.session.scalars(select(StoredFile.place).where(StoredFile.place.in_(places))))
