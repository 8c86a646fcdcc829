"""Who did what: one row for every change, written in the change's own transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Model, db

_actor: ContextVar[str] = ContextVar("actor", default="system")


class AuditEntry(Model):
    """One change. Never updated, never deleted with the thing it is about."""

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
    db.session.add(
        AuditEntry(
            actor=_actor.get(),
            action=action,
            subject=subject,
            series_id=series_id,
            before=dict(before or {}),
            after=dict(after or {}),
        )
    )


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
