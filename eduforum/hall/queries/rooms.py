"""Online rooms, and who may join them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Point
from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.events.models import Event
from eduforum.events.rules import EventState, Mode
from eduforum.hall.models import OnlineRoom
from eduforum.hall.rules import JOIN_BEFORE
from eduforum.registration.models import Registration
from eduforum.registration.rules import State


@dataclass(frozen=True, slots=True)
class Way:
    """The way of one person into one online room at a moment; open from `opens_at` to the end."""

    event: Event
    point: Point
    url: str
    note: str
    opens_at: datetime
    is_open: bool


def rooms_of(series_id: int) -> dict[int, OnlineRoom]:
    """The online rooms of a series by event."""
    rows = db.session.scalars(select(OnlineRoom).where(OnlineRoom.series_id == series_id))
    return {room.event_id: room for room in rows}


def ways_of(registration: Registration, now: datetime | None = None) -> Sequence[Way]:
    """The online rooms of whoever takes part online, in the order of time; none before he is
    confirmed, and of no event that is over."""
    if registration.mode is not Mode.ONLINE or registration.state is not State.CONFIRMED:
        return []
    now = now or clock.now()
    coming = {
        one.id: one
        for one in registration.events
        if one.ends_at > now and one.state is EventState.SCHEDULED
    }
    rows = db.session.scalars(
        select(OnlineRoom)
        .where(OnlineRoom.event_id.in_(coming))
        .options(joinedload(OnlineRoom.point))
    )
    rooms = sorted(rows, key=lambda room: (coming[room.event_id].starts_at, room.event_id))
    return [_way(coming[room.event_id], room, now) for room in rooms]


def room_for(registration: Registration, slug: str, now: datetime) -> Way:
    """The way into the room of one event. Raises `NotFound`."""
    found = next((way for way in ways_of(registration, now) if way.event.slug == slug), None)
    if found is None:
        raise NotFound
    return found


def _way(event: Event, room: OnlineRoom, now: datetime) -> Way:
    opens_at = event.starts_at - JOIN_BEFORE
    return Way(event, room.point, room.url, room.note, opens_at, now >= opens_at)
