"""What imports keep of people: the rows of their lists, until those are forgotten."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from eduforum.core.db import db
from eduforum.core.personal import Group, Holding, Person
from eduforum.imports.models import ImportRow


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """The row goes; how many there were, the import has counted."""
    if Group.GENERAL in groups:
        ids = [person.id for person in people]
        db.session.execute(delete(ImportRow).where(ImportRow.registration_id.in_(ids)))


def _export(person: Person) -> Mapping[str, object]:
    rows = db.session.scalars(select(ImportRow).where(ImportRow.registration_id == person.id))
    return {"imported": [{"name": row.name, "sheet": row.sheet, "row": row.number} for row in rows]}


HOLDING = Holding(room="imports", erase=_erase, export=_export)
