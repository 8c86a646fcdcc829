"""Who is inside now, by point, event and delegation. Derived from the scans each time it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from eduforum.checkin.models import Point, Scan
from eduforum.checkin.queries.facts import inside
from eduforum.checkin.queries.points import emptied_of
from eduforum.core.db import db
from eduforum.core.names import QueryKind, search_terms
from eduforum.registration.models import Delegation, Registration
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import BadStaffCode, parse_staff_code

_LAST_DIGITS = 4
NO_DELEGATION = "none"
"""Asks for those who came with no delegation."""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is inside, since when, and with which delegation."""

    ticket: Ticket
    since: datetime
    delegation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Among:
    """Of those inside at these points, whom a list shows. An empty text asks for nothing."""

    points: Sequence[Point]
    delegation: str = ""
    q: str = ""


def inside_counts(scopes: Mapping[str, Sequence[Point]], now: datetime) -> dict[str, int]:
    """How many people are inside at the points of each scope, each counted once; one statement."""
    parts = []
    for name, points in scopes.items():
        if points:
            here = _inside(points, now)
            number = select(func.count(here.c.ticket_id.distinct())).scalar_subquery()
            parts.append(select(literal(name).label("name"), number.label("n")))
    found = {row.name: row.n for row in db.session.execute(union_all(*parts))} if parts else {}
    return {name: found.get(name, 0) for name in scopes}


def people_inside(
    among: Among, now: datetime, *, offset: int, limit: int
) -> tuple[Sequence[Present], int]:
    """One page of those inside, in the order of names, and how many there are."""
    if not among.points:
        return [], 0
    here = _since(among.points, now)
    total = db.session.scalar(_chosen(select(func.count(Ticket.id)), here, among)) or 0
    rows = db.session.execute(
        _chosen(select(Ticket, here.c.since, Registration.delegation_id), here, among)
        .order_by(Ticket.pinyin, Ticket.holder, Ticket.id)
        .offset(offset)
        .limit(limit)
    )
    return [Present(*row) for row in rows], total


def delegations_inside(
    series_id: int, points: Sequence[Point], now: datetime
) -> list[tuple[Delegation | None, int]]:
    """How many people of each delegation are inside, most first; last those who came with none."""
    if not points:
        return []
    here = _since(points, now)
    counted: dict[UUID | None, int] = {
        row.delegation_id: row.n
        for row in db.session.execute(
            select(Registration.delegation_id, func.count().label("n"))
            .select_from(here)
            .outerjoin(Registration, Registration.ticket_id == here.c.ticket_id)
            .group_by(Registration.delegation_id)
        )
    }
    known = db.session.scalars(
        select(Delegation)
        .where(Delegation.series_id == series_id)
        .options(joinedload(Delegation.organisation))
    )
    found: list[tuple[Delegation | None, int]] = [
        (one, counted[one.id]) for one in known if one.id in counted
    ]
    found.sort(key=lambda pair: (-pair[1], pair[0].unit if pair[0] else ""))
    return [*found, (None, counted[None])] if None in counted else found


def _inside(points: Sequence[Point], now: datetime) -> Subquery:
    return union_all(
        *(
            select(Scan.ticket_id, Scan.effective_at.label("at")).where(
                *inside(point.id, emptied_of(point, now))
            )
            for point in points
        )
    ).subquery()


def _since(points: Sequence[Point], now: datetime) -> Subquery:
    """Each ticket once, with its last admission."""
    here = _inside(points, now)
    return (
        select(here.c.ticket_id, func.max(here.c.at).label("since"))
        .group_by(here.c.ticket_id)
        .subquery()
    )


def _chosen(query: Select[Any], here: Subquery, among: Among) -> Select[Any]:
    found = (
        query.select_from(here)
        .join(Ticket, Ticket.id == here.c.ticket_id)
        .outerjoin(Registration, Registration.ticket_id == Ticket.id)
    )
    if among.delegation == NO_DELEGATION:
        found = found.where(Registration.delegation_id.is_(None))
    elif among.delegation:
        found = found.where(Registration.delegation_id == UUID(among.delegation))
    return found.where(_named(among.q)) if among.q else found


def _named(text: str) -> ColumnElement[bool]:
    """By part of the name, the beginning of pinyin or initials, the last four digits, the code."""
    query, code = search_terms(text), _staff_code(text)
    ways: list[ColumnElement[bool]] = [Ticket.staff_code == code] if code else []
    if query.kind is QueryKind.HAN:
        ways.append(Ticket.holder.like(f"%{query.term}%", escape="\\"))
    if query.kind is QueryKind.LETTERS:
        ways += [
            column.like(f"{query.term}%", escape="\\")
            for column in (Ticket.pinyin, Ticket.initials)
        ]
    if query.kind is QueryKind.DIGITS and len(query.term) == _LAST_DIGITS:
        ways.append(Ticket.mobile_last4 == query.term)
    return or_(*ways) if ways else Ticket.id.is_(None)


def _staff_code(text: str) -> str:
    try:
        return parse_staff_code(text)
    except BadStaffCode:
        return ""
