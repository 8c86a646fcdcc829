"""Finding a person at the door, with as little about him as will do."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from eduforum.core.db import db, is_sqlite
from eduforum.core.names import QueryKind, search_terms
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import BadStaffCode, Standing, parse_staff_code

MOST_FOUND = 20
_LEAST_LETTERS = 2
_LAST_DIGITS = 4


def search(series_id: int, text: str) -> Sequence[Ticket]:
    """Live tickets found by what was typed, at most `MOST_FOUND`, in the order of names.

    Two or more characters of the beginning of the name, of its pinyin or of its initials; exactly
    four digits: the end of the mobile; the 8-letter code printed on the ticket. Else nothing.
    """
    wanted = _condition(text)
    if wanted is None:
        return []
    return db.session.scalars(
        select(Ticket)
        .where(
            Ticket.series_id == series_id,
            Ticket.standing.in_((Standing.VALID, Standing.SUSPENDED)),
            wanted,
        )
        .order_by(Ticket.pinyin, Ticket.holder, Ticket.id)
        .limit(MOST_FOUND)
    ).all()


def _condition(text: str) -> ColumnElement[bool] | None:
    conditions = []
    code = _staff_code(text)
    if code:
        conditions.append(Ticket.staff_code == code)
    query = search_terms(text)
    if query.kind is QueryKind.DIGITS and len(query.term) == _LAST_DIGITS:
        conditions.append(Ticket.mobile_last4 == query.term)
    if query.kind is QueryKind.LETTERS and len(query.term) >= _LEAST_LETTERS:
        conditions.append(_begins(Ticket.pinyin, query.term))
        conditions.append(_begins(Ticket.initials, query.term))
    if query.kind is QueryKind.HAN and len(text.strip()) >= _LEAST_LETTERS:
        conditions.append(_begins(Ticket.holder, query.term))
    return or_(*conditions) if conditions else None


def _staff_code(text: str) -> str:
    try:
        return parse_staff_code(text)
    except BadStaffCode:
        return ""


def _begins(column: InstrumentedAttribute[str], term: str) -> ColumnElement[bool]:
    """`column` begins with an escaped `term`, by its index: SQLite uses one for a range only."""
    condition = column.like(f"{term}%", escape="\\")
    if not is_sqlite():
        return condition
    plain = term.replace("\\", "")
    return and_(column >= plain, column < plain + "\U0010ffff", condition)
