"""Uploads: looked into, written anew, kept, handed to an owner, removed.

A caller says who owns a file and who may see it; this room knows neither people nor forms.
"""

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import filetype
from sqlalchemy import delete, update

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.files import disk, queries
from eduforum.files.images import Picture, rewritten
from eduforum.files.models import StoredFile
from eduforum.files.rules import (
    IMAGES,
    Kind,
    Limits,
    check_kind,
    check_pdf,
    check_size,
    check_volume,
    download_name,
)

_DRAFTS_LIVE = timedelta(days=1)
_SNIFFED = {"jpg": Kind.JPEG, "png": Kind.PNG, "webp": Kind.WEBP, "pdf": Kind.PDF}
_AT_ONCE = 200


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Upload(Protocol):
    """What a form hands over: a stream, and what the sender calls it."""

    filename: str | None

    @property
    def stream(self) -> Readable: ...


def draft_owner(submit_id: str) -> str:
    """Who owns what was uploaded into a form that is not sent yet."""
    return f"draft:{submit_id}"


def store(upload: Upload, *, owner: str, purpose: str, limits: Limits) -> StoredFile:
    """Take one file for `owner`; whoever is a draft has a day to be sent.

    No more is read than `limits` allow. What it is, its bytes tell, not its name; pictures are
    decoded and written anew, a PDF is kept as it is and never opened. Raises `BadFile`.
    """
    data = upload.stream.read(limits.size + 1)
    check_size(len(data), limits)
    kind = check_kind(_kind_of(data), limits)
    picture = _looked_into(data, kind, limits)
    if picture is not None:
        data, kind = picture.data, Kind.JPEG
    files, volume = queries.kept_by(owner)
    check_volume(files + 1, volume + len(data), limits)
    stored = StoredFile(
        owner=owner,
        purpose=purpose,
        kind=kind,
        name=download_name(upload.filename or "", kind),
        size=len(data),
        width=picture and picture.width,
        height=picture and picture.height,
        digest=hashlib.sha256(data).hexdigest(),
        place=disk.keep(data),
        kept_at=None if owner.startswith("draft:") else clock.now(),
    )
    with transaction():
        files, volume = queries.kept_by(owner)
        check_volume(files + 1, volume + len(data), limits)
        db.session.add(stored)
        db.session.flush()
        audit.record(
            "file.store",
            f"file:{stored.id}",
            after={"owner": _named(owner), "purpose": purpose, "kind": kind, "size": stored.size},
        )
    return stored


def hand_over(owner: str, new_owner: str, file_ids: Collection[UUID]) -> None:
    """What was uploaded into a form belongs to what was stored of it. Call it in its transaction."""
    if file_ids:
        db.session.execute(
            update(StoredFile)
            .where(
                StoredFile.owner == owner,
                StoredFile.id.in_(file_ids),
                StoredFile.removed_at.is_(None),
            )
            .values(owner=new_owner, kept_at=clock.now())
        )


def remove(owner: str, file_ids: Collection[UUID] | None = None) -> int:
    """Remove files of an owner, by default all; how many. Nobody finds them from now on, and the
    bytes are deleted by the next `sweep`. Call it in the transaction of the change."""
    gone = update(StoredFile).where(StoredFile.owner == owner, StoredFile.removed_at.is_(None))
    if file_ids is not None:
        gone = gone.where(StoredFile.id.in_(file_ids))
    # The name may be personal: it goes at once.
    ids = db.session.scalars(
        gone.values(removed_at=clock.now(), name="").returning(StoredFile.id)
    ).all()
    for file_id in ids:
        audit.record("file.remove", f"file:{file_id}", after={"owner": _named(owner)})
    return len(ids)


def sweep() -> int:
    """Delete the bytes of what was removed, and of drafts that nobody sent; how many files.

    Bytes go first and their row last, so a crash in between only means doing it again. Bytes that
    no row knows (a crash before the row was stored) are found shelf by shelf.
    """
    _give_up_drafts()
    gone = queries.removed(_AT_ONCE)
    for stored in gone:
        disk.forget(stored.place)
    if gone:
        with transaction():
            ids = [stored.id for stored in gone]
            db.session.execute(delete(StoredFile).where(StoredFile.id.in_(ids)))
    return len(gone) + _sweep_shelf()


def _give_up_drafts() -> None:
    before = clock.now() - _DRAFTS_LIVE
    left = queries.left_behind(before, _AT_ONCE)
    if left:
        with transaction():
            db.session.execute(
                update(StoredFile)
                .where(StoredFile.id.in_(left), StoredFile.kept_at.is_(None))
                .values(removed_at=clock.now(), name="")
            )


def _sweep_shelf() -> int:
    """One of 256 shelves at a time; which one, the minute says: all are seen every few hours."""
    shelf = int(clock.now().timestamp() // 60)
    places = set(disk.old_places(shelf, _DRAFTS_LIVE.total_seconds()))
    strays = places - queries.known_places(places) if places else set()
    for place in strays:
        disk.forget(place)
    return len(strays)


def _kind_of(data: bytes) -> Kind | None:
    guessed = filetype.guess(data[:8192])
    return _SNIFFED.get(guessed.extension) if guessed else None


def _looked_into(data: bytes, kind: Kind, limits: Limits) -> Picture | None:
    if kind in IMAGES:
        return rewritten(data, kind, limits)
    check_pdf(data)
    return None


def _named(owner: str) -> str:
    """A draft's number is known to its sender alone and opens his files: it is not told on."""
    return "draft" if owner.startswith("draft:") else owner
