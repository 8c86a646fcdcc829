"""Count what a page asks of the database, and weigh it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from eduforum.core.db import db


@contextmanager
def queries() -> Iterator[list[str]]:
    """The statements that the block sends, in order."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
