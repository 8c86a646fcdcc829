"""The judgement over one ticket at one point."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from eduforum.checkin.rules.facing import Movement, PointRules, TicketAtDoor
from eduforum.checkin.rules.kinds import Direction, PointKind, Repeat, Verdict
from eduforum.checkin.rules.limits import Unmet, of_entitlement, of_hours, of_standing
from eduforum.checkin.rules.presence import in_order, standing_inside
from eduforum.checkin.rules.verdicts import saying
from eduforum.core import dates
from eduforum.core.i18n import Text

OVERRIDABLE = frozenset(
    {
        Verdict.ALREADY_ADMITTED,
        Verdict.NEEDS_ANSWER,
        Verdict.NOT_CONFIRMED,
        Verdict.NOT_ENTITLED,
        Verdict.ROOM_FULL,
        Verdict.TOO_EARLY,
        Verdict.TOO_LATE,
    }
)
"""What a supervisor may let pass with a reason. A void or unproved ticket he may not."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, the rule that was not met, the earlier admission that stands in the way if one
    does, and the next step."""

    verdict: Verdict
    unmet: Unmet | None
    first: Movement | None
    next_step: Text


def judge(
    point: PointRules,
    ticket: TicketAtDoor,
    movements: Collection[Movement],
    now: datetime,
    *,
    direction: Direction = Direction.IN,
    inside: int = 0,
) -> Judgement:
    """Say what to do with a ticket that is genuine and of this series.

    movements: its counted scans at this point and on the way out, in any order.
    inside: how many are in the room; read only where the point has a capacity.

    The first rule that fails is the verdict:
    1. who leaves is checked out, whatever the ticket is worth: nobody is kept inside;
    2. standing: revoked, cancelled, not confirmed;
    3. entitlement: events and sessions of the point, each that is not empty, and one of its classes
       or zones;
    4. admitted before: ever, today, or without having left since;
    5. the point's hours, with `WINDOW_TOLERANCE` before they begin, and those of the ticket's zone;
    6. room.
    """
    if direction is Direction.OUT or point.kind is PointKind.EXIT:
        return Judgement(Verdict.CHECKED_OUT, None, None, _plain(Verdict.CHECKED_OUT, point))
    before = _in_the_way(point, movements, now)
    unmet = (
        of_standing(ticket)
        or of_entitlement(point, ticket)
        or (Unmet(Verdict.ALREADY_ADMITTED) if before else None)
        or of_hours(point, ticket, now)
        or (Unmet(Verdict.ROOM_FULL) if _is_full(point, inside) else None)
    )
    verdict = unmet.verdict if unmet else Verdict.ADMITTED
    step = (unmet and unmet.explained(point, now)) or _plain(verdict, point)
    return Judgement(verdict, unmet, before if verdict is Verdict.ALREADY_ADMITTED else None, step)


def next_step(
    verdict: Verdict, point: PointRules, ticket: TicketAtDoor | None, now: datetime
) -> Text:
    """What the operator does now about a verdict that was reached at `now`; names the hour, the zone
    or the new ticket where that is the answer."""
    if ticket is not None:
        unmet = of_standing(ticket) or of_entitlement(point, ticket) or of_hours(point, ticket, now)
        explained = unmet and unmet.verdict is verdict and unmet.explained(point, now)
        if explained:
            return explained
    return _plain(verdict, point)


def _plain(verdict: Verdict, point: PointRules) -> Text:
    return saying(verdict, point.kind).step


def _in_the_way(
    point: PointRules, movements: Collection[Movement], now: datetime
) -> Movement | None:
    """The admission because of which there is no second one."""
    if point.repeat is Repeat.COUNT:
        return None
    if point.repeat is Repeat.REENTRY:
        return standing_inside(point, movements, now)
    today = dates.local(now, point.zone).date()
    return next(
        (
            move
            for move in in_order(movements)
            if move.direction is Direction.IN
            and (point.repeat is Repeat.ONCE or dates.local(move.at, point.zone).date() == today)
        ),
        None,
    )


def _is_full(point: PointRules, inside: int) -> bool:
    return point.capacity is not None and inside >= point.capacity
