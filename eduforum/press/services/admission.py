"""A person's pass at the door: its ticket follows the state of the pass, whoever changed that."""

from collections.abc import Sequence

from sqlalchemy import select

from eduforum.core.db import db
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.press.models import PoolPlace, PoolSlot, PressPerson
from eduforum.press.rules import PassState, Zone
from eduforum.press.rules.states import LIVE_PASSES
from eduforum.press.rules.words import ROLE_NAMES
from eduforum.tickets import services as tickets
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing, ZoneGrant
from eduforum.tickets.rules import Zone as DoorZone
from eduforum.tickets.services import Holder, holder_key

PRESS_CLASS = 0
"""The class on tickets of the press; categories of registrations count from 1."""
_ENDS = {
    PassState.LOST: Standing.REVOKED,
    PassState.REVOKED: Standing.REVOKED,
    PassState.EXPIRED_UNCOLLECTED: Standing.CANCELLED,
    PassState.WITHDRAWN: Standing.CANCELLED,
    PassState.CLOSED: Standing.CANCELLED,
}
_OPEN = (Standing.VALID, Standing.SUSPENDED)


class HasTicket(Refusal):
    """Nobody holds two live tickets in a series: the door could not tell who came."""

    code = "has-ticket"
    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(
            Text(
                "“{name}”已报名本系列活动并持有参会证。请先在报名中取消，再批准采访证。",
                "{name} has registered for this series and holds a ticket. Cancel that registration first, then approve the press pass.",
            ).fill(name=name)
        )


def issue_pass(person: PressPerson) -> Ticket:
    """The live ticket of somebody who is approved: the one there is, written anew, or a new one.

    Admits to the events and zones that were granted; zone C only in the person's slots of the pool.
    A card that was lost stays void: the new ticket takes its place. Raises `HasTicket`.
    """
    series, holder = person.application.series, _holder(person)
    ticket = person.ticket
    if ticket is not None and ticket.standing in _OPEN:
        tickets.reinstate(ticket)
        tickets.amend(ticket, holder)
    else:
        _check_single(person.name, series.id, holder.key)
        ticket = (
            tickets.reissue(series, ticket, holder) if ticket else tickets.issue(series, holder)
        )
        person.ticket, person.ticket_id = ticket, ticket.id
    tickets.grant_zones(ticket, grants_of(person))
    return ticket


def follow(person: PressPerson) -> None:
    """Make the ticket worth what the pass is worth now; inside the transaction that moved it."""
    if person.state in LIVE_PASSES:
        issue_pass(person)
    elif person.ticket is None:
        return
    elif person.state is PassState.SUSPENDED:
        tickets.suspend(person.ticket)
    elif person.state in _ENDS:
        tickets.end(person.ticket, _ENDS[person.state])


def grants_of(person: PressPerson) -> Sequence[ZoneGrant]:
    """The zones at the door, each in its time. The stage pool opens in the person's slots alone."""
    grants = []
    for zone in sorted(person.zone_set):
        if zone is Zone.STAGE:
            grants += [
                ZoneGrant(DoorZone.C, slot.starts_at, slot.ends_at) for slot in slots_of(person)
            ]
        else:
            grants.append(ZoneGrant(DoorZone(zone.value), person.valid_from, person.valid_until))
    return grants


def slots_of(person: PressPerson) -> Sequence[PoolSlot]:
    """When this person stands in the pool."""
    return db.session.scalars(
        select(PoolSlot)
        .join(PoolPlace, PoolPlace.slot_id == PoolSlot.id)
        .where(PoolPlace.person_id == person.id)
        .order_by(PoolSlot.starts_at, PoolSlot.id)
    ).all()


def _check_single(name: str, series_id: int, key: str) -> None:
    other = select(Ticket.id).where(
        Ticket.series_id == series_id, Ticket.holder_key == key, Ticket.standing.in_(_OPEN)
    )
    if db.session.scalar(other) is not None:
        raise HasTicket(name)


def _holder(person: PressPerson) -> Holder:
    application = person.application
    role = ROLE_NAMES[person.role]
    contact = person.mobile or person.email or f"press:{person.id}"
    return Holder(
        name=person.name,
        key=holder_key(person.name_key, contact),
        pinyin=person.pinyin,
        initials=person.initials,
        unit=str(application.outlet_text.zh),
        mobile_last4=person.mobile[-4:],
        category=Text(f"媒体（{role.zh}）", f"Press ({role.en})"),
        class_code=PRESS_CLASS,
        event_ids=person.granted_ids,
        sample=application.sample,
    )
