"""What people sent as files."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from eduforum.core.db import db
from eduforum.core.personal import Document, Group, Holding, Person
from eduforum.files import disk
from eduforum.files.models import StoredFile
from eduforum.files.services import remove


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """Nobody finds the files from now on; the bytes are deleted by the next sweep."""
    if Group.GENERAL not in groups:
        return
    subjects = [person.subject for person in people]
    owners = db.session.scalars(
        select(StoredFile.owner)
        .where(StoredFile.owner.in_(subjects), StoredFile.removed_at.is_(None))
        .distinct()
    ).all()
    for owner in owners:
        remove(owner)


def _kept(person: Person) -> Sequence[StoredFile]:
    return db.session.scalars(
        select(StoredFile)
        .where(StoredFile.owner == person.subject, StoredFile.removed_at.is_(None))
        .order_by(StoredFile.stored_at)
    ).all()


def _export(person: Person) -> Mapping[str, object]:
    return {
        "files": [
            {"name": one.name, "purpose": one.purpose, "stored_at": one.stored_at.isoformat()}
            for one in _kept(person)
        ]
    }


def _documents(person: Person) -> Sequence[Document]:
    return [
        Document(f"{number}-{one.name}", disk.path_of(one.place).read_bytes())
        for number, one in enumerate(_kept(person), 1)
    ]


HOLDING = Holding(room="files", erase=_erase, export=_export, documents=_documents)
