"""Who stands before the kiosk."""

from uuid import UUID

from sqlalchemy import select

from eduforum.core.db import db
from eduforum.core.names import QueryKind, name_key, search_terms
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing


def named(series_id: int, name: str, last4: str) -> list[Ticket]:
    """Live tickets of people of exactly this name (or its pinyin) and these last four digits."""
    rows = db.session.scalars(
        select(Ticket)
        .where(
            Ticket.series_id == series_id,
            Ticket.mobile_last4 == last4,
            Ticket.standing.in_((Standing.VALID, Standing.SUSPENDED)),
        )
        .order_by(Ticket.id)
    )
    key, typed = name_key(name), search_terms(name)
    latin = typed.term if typed.kind is QueryKind.LETTERS else ""
    return [one for one in rows if name_key(one.holder) == key or (latin and one.pinyin == latin)]


def ticket_or_none(series_id: int, ticket_id: UUID) -> Ticket | None:
    return db.session.scalar(
        select(Ticket).where(Ticket.series_id == series_id, Ticket.id == ticket_id)
    )
