"""Who did what: one row for every change, written in the change's own transaction."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, bindparam, cast, func, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Model, db, table_of

_actor: ContextVar[str] = ContextVar("actor", default="system")


class AuditEntry(Model):
    """One change. Never deleted with the thing it is about, and only ever updated by an erasure, which
    takes out what it says of a person (`forget`, `redact`)."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    series_id: Mapped[int | None]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (Index(None, "series_id", "id"), Index(None, "subject", "id"))


_ADD = insert(table_of(AuditEntry))


def record(
    action: str,
    subject: str,
    *,
    series_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row. Call it inside the transaction that makes the change.

    action: `<thing>.<verb>`, as in `registration.approve`.
    subject: `<thing>:<id>`.
    before, after: only the fields that changed, as JSON values; contact data is masked by the caller.
    """
    entry = {
        "actor": _actor.get(),
        "action": action,
        "subject": subject,
        "series_id": series_id,
        "before": dict(before or {}),
        "after": dict(after or {}),
    }
    db.session.execute(_ADD, entry)


def current_actor() -> str:
    return _actor.get()


def set_actor(actor: str) -> None:
    """Say who acts until the end of this context (one request, one command)."""
    _actor.set(actor)


@contextmanager
def acting_as(actor: str) -> Iterator[None]:
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


_PLAIN = frozenset(
    {
        *("state", "category", "source", "changed", "returned_fields", "reason_code", "fields"),
        *("version", "code", "count", "format", "columns", "group", "by", "staff_code"),
    }
)
"""Values that say nothing of a person; they outlive an erasure."""


def forget(subjects: Collection[str]) -> None:
    """Take everything personal out of what is on record about these; that it happened stays."""
    rows = db.session.execute(
        select(AuditEntry.id, AuditEntry.before, AuditEntry.after).where(
            AuditEntry.subject.in_(subjects)
        )
    ).all()
    plain = [(row, _plain(row.before), _plain(row.after)) for row in rows]
    _rewrite(
        (row.id, before, after)
        for row, before, after in plain
        if (before, after) != (row.before, row.after)
    )


def redact(series_id: int, words: Collection[str]) -> None:
    """Blot out names and contacts that stand in the records of a series in passing, as in what
    somebody looked for."""
    if not words:
        return
    text = [func.lower(cast(column, String)) for column in (AuditEntry.before, AuditEntry.after)]
    # JSON may hold a letter as it is or escaped, as the engine likes it.
    written = {form for word in words for form in (word.lower(), json.dumps(word)[1:-1].lower())}
    found = [part.contains(form, autoescape=True) for part in text for form in written]
    rows = db.session.execute(
        select(AuditEntry.id, AuditEntry.before, AuditEntry.after).where(
            AuditEntry.series_id == series_id, or_(*found)
        )
    ).all()
    _rewrite((row.id, blotted(row.before, words), blotted(row.after, words)) for row in rows)


def _rewrite(entries: Iterable[tuple[int, Any, Any]]) -> None:
    table = AuditEntry.__table__
    changed = [{"row_id": i, "row_before": b, "row_after": a} for i, b, a in entries]
    if changed:
        db.session.connection().execute(
            table.update()  # type: ignore[attr-defined]
            .where(table.c.id == bindparam("row_id"))
            .values(before=bindparam("row_before"), after=bindparam("row_after")),
            changed,
        )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in _PLAIN}


def blotted(value: Any, words: Collection[str]) -> Any:
    """The same value with stars for these words, however deep they stand in it."""
    match value:
        case dict():
            return {name: blotted(inner, words) for name, inner in value.items()}
        case list():
            return [blotted(inner, words) for inner in value]
        case str():
            for word in words:
                value = re.sub(re.escape(word), "***", value, flags=re.IGNORECASE)
    return value
