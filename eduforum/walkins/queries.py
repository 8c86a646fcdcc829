"""Named reads of walk-ins: what is offered, who has the same name, what devices hold and took down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Device, Point, Scan
from eduforum.core.dates import local
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.names import name_key
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState, Mode
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.queries import categories_of, pools_of, seats
from eduforum.registration.rules import LIVE, STATE_NAMES, State
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import NotATicket, Standing, parse
from eduforum.walkins.models import OfflineWalkIn, SignedAhead, WalkInCategory
from eduforum.walkins.rules import Namesake, Settled

_MOST_NAMESAKES = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """A category that takes walk-ins, with the events they come to and the seats that are left.

    Events that are full are left out while others are not.

    free: the least of its events; None without a limit.
    """

    category: Category
    events: Sequence[Event]
    free: int | None


def open_ids(series_id: int) -> frozenset[int]:
    """Ids of the categories of a series that take walk-ins."""
    return frozenset(
        db.session.scalars(
            select(WalkInCategory.category_id)
            .join(Category, Category.id == WalkInCategory.category_id)
            .where(Category.series_id == series_id)
        )
    )


def offers(series: Series, now: datetime, point: Point | None = None) -> list[Offer]:
    """What walk-ins may choose here; categories without an event to come to are left out."""
    taken, pools = open_ids(series.id), pools_of(series.id)
    every = [
        _offer(category, pools, series.time_zone, now, point)
        for category in categories_of(series.id)
        if category.id in taken
    ]
    return [one for one in every if one is not None]


def offer_of(category: Category, zone: str, now: datetime, point: Point | None) -> Offer | None:
    """What somebody of this category may come to here; None if there is nothing."""
    return _offer(category, pools_of(category.series_id), zone, now, point)


def _offer(
    category: Category, pools: Sequence[Pool], zone: str, now: datetime, point: Point | None
) -> Offer | None:
    """Of events some of which are full, those that have a seat; of full ones alone, all."""
    coming = events_for(category, zone, now, point)
    if not coming:
        return None
    counted = seats(category, pools, now)
    free = {event.id: counted[event.id].free for event in coming}
    events = [event for event in coming if free[event.id] != 0] or coming
    limited = [number for event in events if (number := free[event.id]) is not None]
    return Offer(category, events, min(limited) if limited else None)


def events_for(
    category: Category, zone: str, now: datetime, point: Point | None = None
) -> list[Event]:
    """What somebody who comes now takes part in: the events of the point, if it names some; else
    those of the category that are still to come today, or, on a day without any, of all days."""
    coming = [
        event
        for event in category.events
        if event.state is EventState.SCHEDULED
        and event.ends_at > now
        and event.mode in (Mode.ONSITE, Mode.HYBRID)
    ]
    if point is not None and point.event_ids:
        return [event for event in coming if event.id in point.event_ids]
    today = local(now, zone).date()
    return [e for e in coming if local(e.starts_at, zone).date() == today] or coming


def namesakes(series_id: int, name: str) -> list[Namesake]:
    """People of this name who are on their way or here."""
    rows = db.session.scalars(
        select(Registration)
        .where(
            Registration.series_id == series_id,
            Registration.name_key == name_key(name),
            Registration.state.in_(LIVE),
        )
        .order_by(Registration.applied_at, Registration.id)
        .limit(_MOST_NAMESAKES)
    )
    return [
        Namesake(
            one.name,
            one.organisation,
            one.category.name,
            STATE_NAMES[one.state],
            str(one.ticket_id or ""),
        )
        for one in rows
    ]


def lock_device(device_id: UUID) -> None:
    """One request at a time fills up what a device holds."""
    db.session.execute(select(Device.id).where(Device.id == device_id).with_for_update())


def unused_of(device_id: UUID) -> Sequence[Ticket]:
    """The tickets that a device holds and has not, as far as is known here, handed out."""
    return db.session.scalars(
        select(Ticket)
        .join(SignedAhead, SignedAhead.ticket_id == Ticket.id)
        .where(
            SignedAhead.device_id == device_id,
            Ticket.holder == "",
            Ticket.standing == Standing.VALID,
            ~exists().where(OfflineWalkIn.ticket_id == Ticket.id),
        )
        .order_by(Ticket.id)
    ).all()


def was_scanned(ticket_id: UUID) -> bool:
    return bool(db.session.scalar(select(exists().where(Scan.ticket_id == ticket_id))))


def is_handed_out(ticket_id: UUID) -> bool:
    """Whether there is a form of a ticket that was signed ahead."""
    return bool(db.session.scalar(select(exists().where(OfflineWalkIn.ticket_id == ticket_id))))


def holding_device(ticket_id: UUID) -> UUID | None:
    """For which device a ticket was signed ahead."""
    return db.session.scalar(
        select(SignedAhead.device_id).where(SignedAhead.ticket_id == ticket_id)
    )


def ticket_of_text(series_id: int, text: str) -> Ticket | None:
    """The ticket with this text, locked; None if no such was issued."""
    try:
        parsed = parse(text)
    except NotATicket:
        return None
    serial = int.from_bytes(parsed.body.serial, "big")
    found = db.session.scalar(
        select(Ticket)
        .where(Ticket.series_id == series_id, Ticket.serial == serial)
        .with_for_update()
    )
    return found if found is not None and found.text == parsed.text else None


_WHOLE = (
    joinedload(OfflineWalkIn.device),
    joinedload(OfflineWalkIn.point).joinedload(Point.series),
    joinedload(OfflineWalkIn.ticket),
    joinedload(OfflineWalkIn.registration),
)
_MOST = 200


def offline_of(series_id: int, settled: Settled | None = None) -> Sequence[OfflineWalkIn]:
    """Forms that were filled in without a network, those that wait first, newest first."""
    wanted = [OfflineWalkIn.series_id == series_id]
    if settled is not None:
        wanted.append(OfflineWalkIn.settled == settled)
    return db.session.scalars(
        select(OfflineWalkIn)
        .where(*wanted)
        .order_by(
            OfflineWalkIn.settled != Settled.WAITING, OfflineWalkIn.taken_at.desc(),
            OfflineWalkIn.id,
        )
        .limit(_MOST)
        .options(*_WHOLE)
    ).all()  # fmt: skip


def waiting_number(series_id: int) -> int:
    """How many forms wait for a decision."""
    waiting = select(func.count(OfflineWalkIn.id)).where(
        OfflineWalkIn.series_id == series_id, OfflineWalkIn.settled == Settled.WAITING
    )
    return db.session.scalar(waiting) or 0


def offline_or_404(series_id: int, walk_in_id: UUID, *, lock: bool = False) -> OfflineWalkIn:
    query = select(OfflineWalkIn).where(
        OfflineWalkIn.series_id == series_id, OfflineWalkIn.id == walk_in_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    else:
        query = query.options(*_WHOLE)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def still_out(series_id: int) -> list[tuple[str, int]]:
    """Devices whose tickets were scanned while their forms have not come up: name, how many."""
    rows = db.session.execute(
        select(Device.name, func.count(Ticket.id.distinct()))
        .join(SignedAhead, SignedAhead.device_id == Device.id)
        .join(Ticket, Ticket.id == SignedAhead.ticket_id)
        .join(Scan, Scan.ticket_id == Ticket.id)
        .where(
            Device.series_id == series_id,
            Ticket.holder == "",
            Ticket.standing == Standing.VALID,
            ~exists().where(OfflineWalkIn.ticket_id == Ticket.id),
        )
        .group_by(Device.id, Device.name)
        .order_by(Device.name)
    )
    return [(name, number) for name, number in rows]


def candidates(kept: OfflineWalkIn) -> Sequence[Registration]:
    """Who a form may be: confirmed people of the same name or mobile."""
    digits = "".join(filter(str.isdigit, kept.mobile))[-4:]
    same = Registration.name_key == name_key(kept.name)
    if len(digits) == 4:
        same = same | (Registration.mobile_last4 == digits)
    return db.session.scalars(
        select(Registration)
        .where(
            Registration.series_id == kept.series_id, Registration.state == State.CONFIRMED, same
        )
        .order_by(Registration.name_key != name_key(kept.name), Registration.applied_at)
        .limit(_MOST_NAMESAKES)
        .options(joinedload(Registration.category), joinedload(Registration.ticket))
    ).all()


def by_ticket(series_id: int, ticket_id: UUID) -> Registration | None:
    return db.session.scalar(
        select(Registration).where(
            Registration.series_id == series_id, Registration.ticket_id == ticket_id
        )
    )


def waiting_of_old(before: datetime) -> Sequence[UUID]:
    """Forms that wait, of series that were over before this."""
    ended = select(func.max(Event.ends_at)).where(Event.series_id == OfflineWalkIn.series_id)
    return db.session.scalars(
        select(OfflineWalkIn.id)
        .where(OfflineWalkIn.settled == Settled.WAITING, ended.scalar_subquery() < before)
        .order_by(OfflineWalkIn.id)
        .limit(_MOST)
    ).all()
