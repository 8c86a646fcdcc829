"""What delegations keep of people besides their registrations: rows that nobody submitted."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from eduforum.core.db import db
from eduforum.core.personal import Group, Holding, Person
from eduforum.delegations.models import Draft


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """The correction of a returned registration goes with it."""
    if Group.GENERAL in groups:
        ids = [person.id for person in people]
        db.session.execute(delete(Draft).where(Draft.registration_id.in_(ids)))


def _export(person: Person) -> Mapping[str, object]:
    rows = db.session.scalars(select(Draft).where(Draft.registration_id == person.id))
    return {
        "corrections": [
            {"name": r.name, "position": r.position, "mobile": r.mobile, "email": r.email}
            for r in rows
        ]
    }


HOLDING = Holding(room="delegations", erase=_erase, export=_export)
