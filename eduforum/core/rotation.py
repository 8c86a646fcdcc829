"""Seal everything anew with the newest key: while people work, a few rows at a time."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Row, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute

from eduforum.core import audit, encryption, faults
from eduforum.core.db import db, transaction

CHUNK = 200
"""Rows in one transaction: others wait for the lock no longer than that takes."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed values, and what each is bound to.

    place: from a row with the columns `needs`, which begin with the primary key of one column.
    """

    column: InstrumentedAttribute[Any]
    needs: Sequence[InstrumentedAttribute[Any]]
    place: Callable[[Row[Any]], str]


SEALED: list[Sealed] = []
"""Every column of sealed values there is; the rooms' are entered by `factory`."""


def rotate() -> Generator[int, None, None]:
    """Make a new key, then seal every row with it; yields how many rows each chunk changed.

    If rows under an older key are left, an earlier rotation was cut short: it is finished, and no
    key is made. Any process may go on reading and writing meanwhile; none has to be restarted.
    """
    if not remaining() or faults.active("key_each_time"):
        key_id = encryption.add_key()
        with transaction():
            audit.record("key.rotate", "encryption", after={"key_id": key_id})
    # What another process was sealing with the old key while the new one was made comes last.
    while remaining():
        for one in SEALED:
            yield from _reseal(one)


def remaining() -> int:
    """How many rows are not sealed with the newest key."""
    return sum(
        db.session.execute(
            select(func.count()).select_from(one.column.class_).where(_is_old(one))
        ).scalar_one()
        for one in SEALED
    )


def _reseal(one: Sealed) -> Iterator[int]:
    key, last = one.needs[0], None
    while True:
        with transaction():
            rows = db.session.execute(_next(one, last)).all()
            changed = [_anew(one, row) for row in rows]
            if changed:
                db.session.connection().execute(_update(one), changed)
        if not rows:
            return
        last = getattr(rows[-1], key.key)
        yield len(rows)


def _next(one: Sealed, last: object) -> Select[Any]:
    key = one.needs[0]
    found = select(*one.needs, one.column.label("sealed")).where(_is_old(one))
    if last is not None:
        found = found.where(key > last)
    return found.order_by(key).limit(CHUNK)


def _is_old(one: Sealed) -> ColumnElement[bool]:
    first = func.substr(one.column, 1, 1, type_=LargeBinary)
    return one.column.is_not(None) & (first != bytes([encryption.newest_key()]))


def _anew(one: Sealed, row: Row[Any]) -> dict[str, Any]:
    place = one.place(row)
    plain = encryption.unseal(row.sealed, place)
    return {
        "row_key": getattr(row, one.needs[0].key),
        "row_old": row.sealed,
        "row_new": encryption.seal(plain, place),
    }


def _update(one: Sealed) -> Any:
    """Only where the value is still the old one; and nobody is told that the row has changed."""
    table = one.column.class_.__table__
    values: dict[str, Any] = {one.column.key: bindparam("row_new")}
    values |= {c.key: c for c in table.c if c.onupdate is not None}
    return (
        table.update()
        .where(table.c[one.needs[0].key] == bindparam("row_key"))
        .where(table.c[one.column.key] == bindparam("row_old"))
        .values(values)
    )
