"""The end of an import: what it read goes, its numbers stay."""

from uuid import UUID

from sqlalchemy import delete, select

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.imports import queries
from eduforum.imports.models import Import, ImportRow
from eduforum.imports.rules import CHUNK, KEPT, Action, after


def finish(series_id: int, import_id: UUID, action: Action) -> Import:
    """End it with `FINISH` or `DISCARD`. Raises `NotFound`, `ImportNotAllowed`."""
    with transaction():
        row = queries.locked_import(series_id, import_id)
        before = row.state
        row.state, row.finished_at = after(action, before), clock.now()
        row.source = row.lease = row.leased_until = None
        audit.record(
            f"import.{action.value}",
            f"import:{row.id}",
            series_id=series_id,
            before={"state": before.value},
            after={"state": row.state.value, "rows": row.counts},
        )
    forget_rows(import_id)
    return row


def forget_rows(import_id: UUID) -> None:
    """Delete what is staged, in chunks: others write in between."""
    some = select(ImportRow.id).where(ImportRow.import_id == import_id).limit(10 * CHUNK)
    while ids := db.session.scalars(some).all():
        with transaction():
            db.session.execute(
                delete(ImportRow).where(ImportRow.id.in_(ids)),
                execution_options={"synchronize_session": False},
            )


def forget_abandoned() -> int:
    """Discard what nobody finished within a day; returns how many."""
    found = queries.abandoned(clock.now() - KEPT)
    for series_id, import_id in found:
        finish(series_id, import_id, Action.DISCARD)
    return len(found)
