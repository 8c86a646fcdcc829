"""Named reads of the press room. What the public asks for names the moment it is asked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.files.models import StoredFile
from eduforum.pressroom.models import Material


def materials_of(series_id: int) -> Sequence[Material]:
    """All of a series, for the desk; what opens last comes first."""
    return db.session.scalars(
        select(Material)
        .where(Material.series_id == series_id)
        .order_by(Material.opens_at.desc(), Material.id.desc())
    ).all()


def open_materials(series_id: int, now: datetime) -> Sequence[Material]:
    """What anybody may see at `now`, the newest first."""
    return db.session.scalars(
        select(Material)
        .where(
            Material.series_id == series_id,
            Material.opens_at <= now,
            Material.withdrawn_at.is_(None),
        )
        .order_by(Material.opens_at.desc(), Material.id.desc())
    ).all()


def open_material_or_404(series_id: int, material_id: UUID, now: datetime) -> Material:
    """Before its time it does not exist. Raises `NotFound`."""
    found = db.session.scalar(
        select(Material).where(
            Material.id == material_id,
            Material.series_id == series_id,
            Material.opens_at <= now,
            Material.withdrawn_at.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found


def material_or_404(series_id: int, material_id: UUID) -> Material:
    """For the desk. Raises `NotFound`."""
    found = db.session.scalar(
        select(Material).where(Material.id == material_id, Material.series_id == series_id)
    )
    if found is None:
        raise NotFound
    return found


def locked_or_404(series_id: int, material_id: UUID) -> Material:
    """As it is now, locked until the end of the transaction. Raises `NotFound`."""
    found = db.session.scalar(
        select(Material)
        .where(Material.id == material_id, Material.series_id == series_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def files_by_owner(materials: Sequence[Material]) -> Mapping[str, Sequence[StoredFile]]:
    """The files of these materials, the oldest first, in one question."""
    found: dict[str, list[StoredFile]] = {one.owner: [] for one in materials}
    for stored in db.session.scalars(
        select(StoredFile)
        .where(StoredFile.owner.in_(found), StoredFile.removed_at.is_(None))
        .order_by(StoredFile.stored_at, StoredFile.id)
    ):
        found[stored.owner].append(stored)
    return found
