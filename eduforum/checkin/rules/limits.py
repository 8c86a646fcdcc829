"""The rules of a point that look at the ticket and the hour alone, and how each is explained."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from eduforum.checkin.rules.facing import PointRules, TicketAtDoor
from eduforum.checkin.rules.kinds import Because, Verdict
from eduforum.checkin.rules.verdicts import EXPLANATIONS
from eduforum.core import dates
from eduforum.core.i18n import Text
from eduforum.tickets.rules import Standing, ZoneGrant

WINDOW_TOLERANCE = timedelta(minutes=15)
"""How long before a point opens people are let in all the same. A zone opens to the minute."""

_BY_STANDING = {
    Standing.SUSPENDED: Verdict.NOT_CONFIRMED,
    Standing.CANCELLED: Verdict.CANCELLED,
    Standing.REVOKED: Verdict.REVOKED,
}


@dataclass(frozen=True, slots=True)
class Unmet:
    """A rule that was not met. `moment`: the hour that the explanation names, if it names one."""

    verdict: Verdict
    because: Because | None = None
    moment: datetime | None = None

    def explained(self, point: PointRules, now: datetime) -> Text | None:
        """The rule in words; None where the verdict says all there is to say."""
        if self.because is None:
            return None
        return EXPLANATIONS[self.because].fill(
            zones="/".join(sorted(point.zones)),
            moment=dates.near_text(self.moment, point.zone, now) if self.moment else "",
        )


def of_standing(ticket: TicketAtDoor) -> Unmet | None:
    """Revoked, cancelled or not confirmed."""
    verdict = _BY_STANDING.get(ticket.standing)
    if verdict is Verdict.REVOKED and ticket.replaced_at is not None:
        return Unmet(verdict, Because.REPLACED, ticket.replaced_at)
    return None if verdict is None else Unmet(verdict)


def of_entitlement(point: PointRules, ticket: TicketAtDoor) -> Unmet | None:
    """Events, sessions, and who: each that the point asks for."""
    elsewhere = (point.event_ids and not point.event_ids & ticket.event_ids) or (
        point.session_ids and not point.session_ids & ticket.session_ids
    )
    if elsewhere:
        return Unmet(Verdict.NOT_ENTITLED, Because.BOOKED_ELSEWHERE)
    if not (point.classes or point.zones) or _is_of_class(point, ticket):
        return None
    if _grants(point, ticket):
        return None
    return Unmet(Verdict.NOT_ENTITLED, Because.ZONE if point.zones else Because.CATEGORY)


def of_hours(point: PointRules, ticket: TicketAtDoor, now: datetime) -> Unmet | None:
    """The point's hours, then those of the ticket's zone where only that lets it in."""
    if point.opens_at is not None and now < point.opens_at - WINDOW_TOLERANCE:
        return Unmet(Verdict.TOO_EARLY, Because.OPENS, point.opens_at - WINDOW_TOLERANCE)
    if point.closes_at is not None and now > point.closes_at:
        return Unmet(Verdict.TOO_LATE, Because.CLOSED, point.closes_at)
    if not point.zones or _is_of_class(point, ticket):
        return None
    return _of_zone_hours(_grants(point, ticket), now)


def _of_zone_hours(grants: list[ZoneGrant], now: datetime) -> Unmet | None:
    if any(_is_open(one, now) for one in grants):
        return None
    ahead = [one.starts_at for one in grants if one.starts_at is not None and one.starts_at > now]
    if ahead:
        return Unmet(Verdict.TOO_EARLY, Because.OPENS, min(ahead))
    past = [one.ends_at for one in grants if one.ends_at is not None]
    return Unmet(Verdict.TOO_LATE, Because.CLOSED, max(past)) if past else None


def _is_of_class(point: PointRules, ticket: TicketAtDoor) -> bool:
    return ticket.class_code in point.classes


def _grants(point: PointRules, ticket: TicketAtDoor) -> list[ZoneGrant]:
    return [one for one in ticket.zones if one.zone in point.zones]


def _is_open(grant: ZoneGrant, now: datetime) -> bool:
    return (grant.starts_at is None or grant.starts_at <= now) and (
        grant.ends_at is None or now <= grant.ends_at
    )
