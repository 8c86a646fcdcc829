"""What stands at the door: the point's rules, the ticket, and where it has been scanned before."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Self

from eduforum.checkin.rules.kinds import Direction, PointKind, Repeat
from eduforum.tickets.rules import Standing, Zone, ZoneGrant


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRules:
    """What a point asks for. An empty collection asks for nothing; `zone` is an IANA name.

    classes, zones: whoever is of one of the classes or has one of the zones.
    checkout: at this time of day, on the point's clocks, everybody is taken to have left.
    """

    kind: PointKind
    repeat: Repeat = Repeat.ONCE
    event_ids: frozenset[int] = frozenset()
    session_ids: frozenset[str] = frozenset()
    classes: frozenset[int] = frozenset()
    zones: frozenset[Zone] = frozenset()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None
    checkout: time | None = None
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketAtDoor:
    """All that the door reads of a ticket. `replaced_at`: a new one was issued in its place."""

    standing: Standing = Standing.VALID
    class_code: int = 1
    event_ids: frozenset[int] = frozenset()
    session_ids: frozenset[str] = frozenset()
    zones: tuple[ZoneGrant, ...] = ()
    replaced_at: datetime | None = None

    @classmethod
    def of(cls, ticket: Any) -> Self:
        """What the door reads of a row with a ticket's columns."""
        return cls(
            standing=ticket.standing,
            class_code=ticket.class_code,
            event_ids=frozenset(ticket.event_ids),
            session_ids=frozenset(ticket.session_ids),
            zones=tuple(ZoneGrant.of(kept) for kept in ticket.zones),
            replaced_at=None if ticket.replaced_by_id is None else ticket.ended_at,
        )


@dataclass(frozen=True, slots=True)
class Movement:
    """One earlier scan of the ticket that counts here: let in, or out again."""

    direction: Direction
    at: datetime
    point: str
    """The id of the point where it happened."""
