"""Who is inside, as it follows from the scans."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from eduforum.checkin.rules.facing import Movement, PointRules
from eduforum.checkin.rules.kinds import Direction
from eduforum.core import dates


def emptied_at(point: PointRules, now: datetime) -> datetime | None:
    """When everybody was last taken to have left, `now` at the latest; None where that is not done."""
    if point.checkout is None:
        return None
    today = dates.local(now, point.zone).date()
    emptied = datetime.combine(today, point.checkout, ZoneInfo(point.zone))
    return emptied if emptied <= now else emptied - timedelta(days=1)


def in_order(movements: Collection[Movement]) -> list[Movement]:
    """One order of the same movements, whatever the order they come in."""
    return sorted(movements, key=lambda move: (move.at, move.direction, move.point))


def standing_inside(
    point: PointRules, movements: Collection[Movement], now: datetime
) -> Movement | None:
    """The admission because of which the ticket is inside now; None when it is outside."""
    ordered = in_order(movements)
    last = ordered[-1] if ordered else None
    if last is None or last.direction is not Direction.IN:
        return None
    emptied = emptied_at(point, now)
    return None if emptied is not None and last.at < emptied else last
