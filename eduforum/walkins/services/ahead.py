"""Tickets that are signed ahead for a device, which hands them out when it has no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eduforum.checkin.models import Point
from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.registration.models import Category
from eduforum.tickets import services as tickets
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing
from eduforum.walkins import queries
from eduforum.walkins.models import SignedAhead
from eduforum.walkins.rules import BLOCK


@dataclass(frozen=True, slots=True)
class Held:
    """What a device holds of one category: tickets that are nobody's yet."""

    offer: queries.Offer
    tickets: Sequence[Ticket]


def renew_block(point: Point, device_id: UUID) -> list[Held]:
    """Fill up what a device holds to `BLOCK` tickets of each category that takes walk-ins at a point.

    Asked twice it is the same: what it has is counted here. Nothing where no category takes walk-ins.
    """
    with transaction():
        queries.lock_device(device_id)
        offers = queries.offers(point.series, clock.now(), point)
        held = queries.unused_of(device_id)
        made = {one.category.code: _fill_up(point, device_id, one.category, held) for one in offers}
        if any(made.values()):
            audit.record(
                "walk_in.sign_ahead",
                f"device:{device_id}",
                series_id=point.series_id,
                after={code: len(fresh) for code, fresh in made.items() if fresh},
            )
    return [Held(one, [*_of_class(held, one.category), *made[one.category.code]]) for one in offers]


def void_block(series_id: int, device_id: UUID) -> None:
    """End what a device that is shut out has not used. Whoever was let in with one keeps it."""
    with transaction():
        unused = [one for one in queries.unused_of(device_id) if not queries.was_scanned(one.id)]
        for ticket in unused:
            tickets.end(ticket, Standing.REVOKED)
        if unused:
            audit.record(
                "walk_in.void_ahead",
                f"device:{device_id}",
                series_id=series_id,
                before={"tickets": len(unused)},
            )


def _fill_up(
    point: Point, device_id: UUID, category: Category, held: Sequence[Ticket]
) -> list[Ticket]:
    missing = BLOCK - len(_of_class(held, category))
    if missing <= 0:
        return []
    fresh = tickets.sign_ahead(
        point.series,
        category.name,
        category.ticket_class,
        [event.id for event in category.events],
        missing,
    )
    db.session.add_all(SignedAhead(ticket_id=one.id, device_id=device_id) for one in fresh)
    db.session.flush()
    return fresh


def _of_class(held: Sequence[Ticket], category: Category) -> list[Ticket]:
    return [one for one in held if one.class_code == category.ticket_class]
