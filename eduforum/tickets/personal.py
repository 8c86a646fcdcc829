"""What tickets keep of people: what the door reads from them."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.personal import ERASED, Group, Holding, Person
from eduforum.tickets.models import Ticket


def tickets_of(series_id: int, ticket_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """For each ticket, all that its holder ever had in the series, itself included."""
    keys = dict(
        db.session.execute(
            select(Ticket.id, Ticket.holder_key).where(Ticket.id.in_(ticket_ids))
        ).all()
    )
    of_key: dict[str, list[UUID]] = {}
    every = select(Ticket.id, Ticket.holder_key).where(
        Ticket.series_id == series_id, Ticket.holder_key.in_(set(keys.values()))
    )
    for ticket_id, key in db.session.execute(every):
        of_key.setdefault(key, []).append(ticket_id)
    return {ticket_id: tuple(of_key[key]) for ticket_id, key in keys.items()}


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """The ticket stays, for scans count it; whose it was is gone, and its key is nobody's."""
    ids = [ticket_id for person in people for ticket_id in person.tickets]
    if Group.GENERAL not in groups or not ids:
        return
    table = Ticket.__table__
    nobody = {"pinyin": "", "initials": "", "mobile_last4": "", "unit": "", "door_notes": {}}
    db.session.connection().execute(
        table.update()  # type: ignore[attr-defined]
        .where(table.c.id == bindparam("row_id"))
        .values(holder=ERASED, holder_key=bindparam("row_key"), updated_at=clock.now(), **nobody),
        [{"row_id": ticket_id, "row_key": f"erased:{ticket_id}"} for ticket_id in ids],
    )


def _export(person: Person) -> Mapping[str, object]:
    tickets = db.session.scalars(
        select(Ticket).where(Ticket.id.in_(person.tickets)).order_by(Ticket.issued_at)
    )
    return {
        "tickets": [
            {
                "holder": one.holder,
                "unit": one.unit,
                "category": {"zh": one.category_zh, "en": one.category_en},
                "standing": one.standing.value,
                "zones": list(one.zones),
                "shown_at_the_door": dict(one.door_notes),
                "issued_at": one.issued_at.isoformat(),
                "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            }
            for one in tickets
        ]
    }


HOLDING = Holding(room="tickets", erase=_erase, export=_export)
