"""Where somebody who comes in goes next: told on the green screen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from eduforum.checkin.rules.facing import PointRules, TicketAtDoor
from eduforum.checkin.rules.kinds import PointKind
from eduforum.core import dates
from eduforum.core.i18n import Text


@dataclass(frozen=True, slots=True)
class Stop:
    """An event (`event_id`, and `event`, its slug) or a session of the programme (`session_id`)."""

    name: Text
    room: Text
    starts_at: datetime
    event_id: int | None = None
    event: str | None = None
    session_id: str | None = None


def next_stop(
    stops: Iterable[Stop], ticket: TicketAtDoor, point: PointRules, now: datetime
) -> Stop | None:
    """The first event or session of this ticket that begins later on this day, on the point's
    clocks; at the door of a session, not the one that is behind that door."""
    today = dates.local(now, point.zone).date()
    at_session = point.kind is PointKind.SESSION
    ahead = [
        stop
        for stop in stops
        if _is_of(stop, ticket)
        and not (at_session and _is_behind(stop, point))
        and stop.starts_at > now
        and dates.local(stop.starts_at, point.zone).date() == today
    ]
    return min(ahead, key=_in_order, default=None)


def _in_order(stop: Stop) -> tuple[datetime, bool, str]:
    """By time; of two at once the session, which says more than its event."""
    return stop.starts_at, stop.session_id is None, stop.session_id or str(stop.event_id)


def _is_of(stop: Stop, ticket: TicketAtDoor) -> bool:
    return stop.event_id in ticket.event_ids or stop.session_id in ticket.session_ids


def _is_behind(stop: Stop, point: PointRules) -> bool:
    return stop.event_id in point.event_ids or stop.session_id in point.session_ids
