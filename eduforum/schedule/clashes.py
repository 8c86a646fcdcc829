"""Where two things are planned for one room at the same time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from eduforum.core.i18n import Text
from eduforum.events.rules import EventState
from eduforum.schedule.queries import Programme


@dataclass(frozen=True, slots=True)
class Booking:
    """A room, taken for a time. owner: the id of the event it is for."""

    owner: int
    room: Text
    starts_at: datetime
    ends_at: datetime
    name: Text


def bookings(programme: Programme) -> list[Booking]:
    """What takes place in a room: events, and sessions within them."""
    found = []
    for event in programme.events:
        if event.state is EventState.CANCELLED:
            continue
        if event.room:
            room = Text(event.room, event.room_en)
            found.append(Booking(event.id, room, event.starts_at, event.ends_at, event.name))
        found += [
            Booking(event.id, s.room.name, s.starts_at, s.ends_at, s.name)
            for s in programme.inner(event)
            if s.room and not s.cancelled
        ]
    return found


def clashes(found: Iterable[Booking]) -> dict[int, list[Booking]]:
    """For each event, what of other events takes place in one of its rooms at the same time."""
    by_room: dict[str, list[Booking]] = {}
    for booking in sorted(found, key=lambda booking: booking.starts_at):
        by_room.setdefault(booking.room.zh, []).append(booking)
    met: dict[int, list[Booking]] = {}
    for there in by_room.values():
        for number, one in enumerate(there):
            for other in there[number + 1 :]:
                if other.starts_at >= one.ends_at:
                    break
                if other.owner != one.owner:
                    met.setdefault(one.owner, []).append(other)
                    met.setdefault(other.owner, []).append(one)
    return met
