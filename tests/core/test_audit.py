"""Who did what: written with the change, or not at all."""

from contextlib import suppress
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from eduforum.core import audit
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction


def entries() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def test_an_entry_says_who_did_what_to_what_and_when(either_app: Flask) -> None:
    with audit.acting_as("user:7"), transaction():
        audit.record(
            "event.change", "event:3", series_id=2, before={"room": "一号厅"}, after={"room": None}
        )
    (entry,) = entries()
    assert (entry.actor, entry.action, entry.subject, entry.series_id) == (
        "user:7", "event.change", "event:3", 2,
    )  # fmt: skip
    assert (entry.before, entry.after) == ({"room": "一号厅"}, {"room": None})
    assert entry.at == datetime(2027, 3, 1, 1, 0, tzinfo=UTC)


def test_what_did_not_happen_leaves_no_entry(app: Flask) -> None:
    with transaction():
        audit.record("series.add", "series:1")
        with suppress(LookupError), transaction():
            audit.record("event.add", "event:1")
            raise LookupError
    assert [entry.action for entry in entries()] == ["series.add"]


def test_whoever_acts_inside_gives_way_to_who_acted_before(app: Flask) -> None:
    assert audit.current_actor() == "system"
    with audit.acting_as("user:1"):
        with suppress(LookupError), audit.acting_as("command line"):
            assert audit.current_actor() == "command line"
            raise LookupError
        assert audit.current_actor() == "user:1"
    assert audit.current_actor() == "system"
