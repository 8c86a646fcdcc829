"""What this room keeps of people: forms that wait for a decision. Settled ones hold nothing more."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update

from eduforum.core.db import db
from eduforum.core.personal import Group, Holding, Person
from eduforum.walkins.models import OfflineWalkIn


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """Forms of the same name that wait go blank as well: whose they are nobody could tell any more."""
    if Group.GENERAL not in groups:
        return
    for person in people:
        if person.words:
            db.session.execute(
                update(OfflineWalkIn)
                .where(
                    OfflineWalkIn.series_id == person.series_id,
                    OfflineWalkIn.name.in_(person.words),
                )
                .values(name="", organisation="", mobile="")
            )


def _export(person: Person) -> Mapping[str, object]:
    forms = db.session.scalars(
        select(OfflineWalkIn).where(OfflineWalkIn.registration_id == person.id)
    )
    return {
        "walk_in_forms": [
            {"taken_at": one.taken_at.isoformat(), "outcome": one.settled.value} for one in forms
        ]
    }


HOLDING = Holding(room="walkins", erase=_erase, export=_export)
