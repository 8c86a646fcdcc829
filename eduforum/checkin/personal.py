"""What the door keeps of people: when their ticket was read, and what was answered or said then."""

from collections.abc import Mapping, Sequence

from sqlalchemy import case, select, update
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Scan, Settlement
from eduforum.core.db import db
from eduforum.core.personal import Group, Holding, Person


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """The fact stays, and counts somebody without a name; what was said beside it goes."""
    ids = [ticket_id for person in people for ticket_id in person.tickets]
    if Group.GENERAL not in groups or not ids:
        return
    db.session.execute(
        update(Scan)
        .where(Scan.ticket_id.in_(ids))
        .values(answers={}, override=case((Scan.override == "", ""), else_="erased"))
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Settlement).where(Settlement.ticket_id.in_(ids)).values(note="erased")
    )


def _export(person: Person) -> Mapping[str, object]:
    scans = db.session.scalars(
        select(Scan)
        .where(Scan.ticket_id.in_(person.tickets))
        .order_by(Scan.effective_at)
        .options(joinedload(Scan.point))
    )
    return {
        "scans": [
            {
                "point": {"zh": one.point.name.zh, "en": one.point.name.en},
                "at": one.effective_at.isoformat(),
                "direction": one.direction.value,
                "verdict": one.verdict.value,
                "answers": dict(one.answers),
            }
            for one in scans
        ]
    }


HOLDING = Holding(room="checkin", erase=_erase, export=_export)
