"""Finding a person at the door, with as little about him as will do."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select, union
from sqlalchemy.orm import InstrumentedAttribute

from eduforum.core.db import db, is_sqlite
from eduforum.core.names import QueryKind, search_terms
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import BadStaffCode, Standing, parse_staff_code

Seen = tuple[UUID, str, str, str, str, Standing, bool]
MOST_FOUND = 20
_LEAST_LETTERS = 2
_LAST_DIGITS = 4


def search(series_id: int, text: str) -> Sequence[Row[*Seen]]:
    """Live tickets found by what was typed, at most `MOST_FOUND`, in the order of names.

    Two or more characters of the beginning of the name, of its pinyin or of its initials; exactly
    four digits: the end of the mobile; the 8-letter code printed on the ticket. Else nothing.
    Of each ticket no more than a device at the door shows.
    """
    found = _found(series_id, text)
    if not found:
        return []
    return db.session.execute(
        select(
            Ticket.id,
            Ticket.holder,
            Ticket.unit,
            Ticket.category_zh,
            Ticket.category_en,
            Ticket.standing,
            Ticket.sample,
        )
        .where(Ticket.id.in_(union(*found)))
        .order_by(Ticket.pinyin, Ticket.holder, Ticket.id)
        .limit(MOST_FOUND)
    ).all()


def _found(series_id: int, text: str) -> list[Select[UUID]]:
    """Ids of tickets by each way of finding them, through its own index.

    Many begin alike: of these only the first are read, in the order of the answer. A code or the
    end of a mobile is of few: SQLite, asked for their order as well, would rather go through
    everybody in that order.
    """
    found = []
    code = _staff_code(text)
    if code:
        found.append(_live(series_id, Ticket.staff_code == code))
    query = search_terms(text)
    if query.kind is QueryKind.DIGITS and len(query.term) == _LAST_DIGITS:
        found.append(_live(series_id, Ticket.mobile_last4 == query.term))
    if query.kind is QueryKind.LETTERS and len(query.term) >= _LEAST_LETTERS:
        found += [
            _first(_live(series_id, _begins(column, query.term)))
            for column in (Ticket.pinyin, Ticket.initials)
        ]
    if query.kind is QueryKind.HAN and len(text.strip()) >= _LEAST_LETTERS:
        found.append(_first(_live(series_id, _begins(Ticket.holder, query.term))))
    return found


def _live(series_id: int, wanted: ColumnElement[bool]) -> Select[UUID]:
    live = Ticket.standing.in_((Standing.VALID, Standing.SUSPENDED))
    return select(Ticket.id).where(Ticket.series_id == series_id, live, wanted)


def _first(found: Select[UUID]) -> Select[UUID]:
    ordered = found.order_by(Ticket.pinyin, Ticket.holder, Ticket.id).limit(MOST_FOUND)
    return select(ordered.subquery().c.id)


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
