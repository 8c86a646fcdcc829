"""The judgement over one ticket at one point."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from eduforum.checkin.rules.kinds import Direction, PointKind, Repeat, Verdict
from eduforum.checkin.rules.verdicts import saying
from eduforum.core import dates
from eduforum.core.i18n import Text
from eduforum.tickets.rules import Standing

WINDOW_TOLERANCE = timedelta(minutes=15)
"""How long before a point opens people are let in all the same."""

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

_BY_STANDING = {
    Standing.SUSPENDED: Verdict.NOT_CONFIRMED,
    Standing.CANCELLED: Verdict.CANCELLED,
    Standing.REVOKED: Verdict.REVOKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRules:
    """What a point asks for. An empty collection asks for nothing; `zone` is an IANA name."""

    kind: PointKind
    repeat: Repeat = Repeat.ONCE
    event_ids: frozenset[int] = frozenset()
    session_ids: frozenset[str] = frozenset()
    classes: frozenset[int] = frozenset()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketAtDoor:
    """All that the door reads of a ticket. `replaced`: a new one was issued in its place."""

    standing: Standing = Standing.VALID
    class_code: int = 1
    event_ids: frozenset[int] = frozenset()
    session_ids: frozenset[str] = frozenset()
    replaced: bool = False

    @classmethod
    def of(cls, ticket: Any) -> Self:
        """What the door reads of a row with a ticket's columns."""
        return cls(
            standing=ticket.standing,
            class_code=ticket.class_code,
            event_ids=frozenset(ticket.event_ids),
            session_ids=frozenset(ticket.session_ids),
            replaced=ticket.replaced_by_id is not None,
        )


@dataclass(frozen=True, slots=True)
class Movement:
    """One earlier scan of the ticket that counts here: let in, or out again."""

    direction: Direction
    at: datetime
    point: str
    """The id of the point where it happened."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, the earlier admission that stands in the way if one does, and the next step."""

    verdict: Verdict
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
    3. entitlement: events, sessions and classes of the point, each that is not empty;
    4. admitted before: ever, today, or without having left since;
    5. the point's hours, with `WINDOW_TOLERANCE` before they begin;
    6. room.
    """
    if direction is Direction.OUT or point.kind is PointKind.EXIT:
        return _judgement(Verdict.CHECKED_OUT, point, ticket)
    before = _in_the_way(point, movements, now)
    verdict = (
        _BY_STANDING.get(ticket.standing)
        or (None if _is_entitled(point, ticket) else Verdict.NOT_ENTITLED)
        or (Verdict.ALREADY_ADMITTED if before else None)
        or _outside_hours(point, now)
        or (Verdict.ROOM_FULL if _is_full(point, inside) else Verdict.ADMITTED)
    )
    first = before if verdict is Verdict.ALREADY_ADMITTED else None
    return _judgement(verdict, point, ticket, first)


def next_step(verdict: Verdict, point: PointRules, ticket: TicketAtDoor | None) -> Text:
    """What the operator does now; names the hour or the new ticket where that is the answer."""
    if verdict is Verdict.REVOKED and ticket is not None and ticket.replaced:
        return Text("请其出示新证", "Ask for their new ticket")
    if verdict is Verdict.TOO_EARLY and point.opens_at is not None:
        opens = dates.moment_text(point.opens_at - WINDOW_TOLERANCE, point.zone)
        return Text("{moment} 起可入场", "Doors open on {moment}").fill(moment=opens)
    return saying(verdict, point.kind).step


def _judgement(
    verdict: Verdict, point: PointRules, ticket: TicketAtDoor, first: Movement | None = None
) -> Judgement:
    return Judgement(verdict, first, next_step(verdict, point, ticket))


def _is_entitled(point: PointRules, ticket: TicketAtDoor) -> bool:
    return (
        (not point.event_ids or bool(point.event_ids & ticket.event_ids))
        and (not point.session_ids or bool(point.session_ids & ticket.session_ids))
        and (not point.classes or ticket.class_code in point.classes)
    )


def _in_the_way(
    point: PointRules, movements: Collection[Movement], now: datetime
) -> Movement | None:
    """The admission because of which there is no second one."""
    ordered = sorted(movements, key=lambda move: (move.at, move.direction, move.point))
    if point.repeat is Repeat.REENTRY:
        last = ordered[-1] if ordered else None
        return last if last and last.direction is Direction.IN else None
    today = dates.local(now, point.zone).date()
    return next(
        (
            move
            for move in ordered
            if move.direction is Direction.IN
            and (point.repeat is Repeat.ONCE or dates.local(move.at, point.zone).date() == today)
        ),
        None,
    )


def _outside_hours(point: PointRules, now: datetime) -> Verdict | None:
    if point.opens_at is not None and now < point.opens_at - WINDOW_TOLERANCE:
        return Verdict.TOO_EARLY
    if point.closes_at is not None and now > point.closes_at:
        return Verdict.TOO_LATE
    return None


def _is_full(point: PointRules, inside: int) -> bool:
    return point.capacity is not None and inside >= point.capacity
