"""Everything that can happen to an import. Each function is one whole change."""

from uuid import UUID

from eduforum.core import audit
from eduforum.core.db import db, new_id, transaction
from eduforum.core.names import clean
from eduforum.events.models import Series
from eduforum.events.queries import events_of
from eduforum.files.tables import Book
from eduforum.imports import queries
from eduforum.imports.models import Import
from eduforum.imports.rules import Action, BadRows, NothingNew, Outcome, after
from eduforum.imports.services.judge import Options
from eduforum.imports.services.publish import SOURCE, SeatUse, check_seats, seat_uses
from eduforum.imports.services.source import headings_for, sealed, source_of
from eduforum.imports.services.tidy import finish, forget_abandoned, forget_rows
from eduforum.imports.services.work import work_off

__all__ = [
    "SOURCE",
    "Options",
    "SeatUse",
    "begin",
    "check_again",
    "commit",
    "discard",
    "forget_abandoned",
    "seat_uses",
    "work_off",
]

_LONGEST_NAME = 120


def begin(series: Series, book: Book, *, file_name: str, options: Options) -> Import:
    """Take a list. Nobody is registered: a worker, or `work_off`, looks through it first.

    Only the columns that are understood are kept, sealed, until the import is over. Raises
    `UnreadableTable` when there is no list in it.
    """
    source = source_of(book, headings_for(events_of(series.id)))
    import_id = new_id()
    row = Import(
        id=import_id,
        series_id=series.id,
        actor=audit.current_actor(),
        file_name=clean(file_name)[:_LONGEST_NAME],
        options=options.as_json(),
        notes=[{"zh": note.zh, "en": note.en} for note in source.notes],
        source=sealed(source, import_id),
        total=len(source.items),
    )
    with transaction():
        db.session.add(row)
        audit.record(
            "import.begin", f"import:{import_id}", series_id=series.id, after={"rows": row.total}
        )
    return row


def commit(series_id: int, import_id: UUID) -> Import:
    """Let everybody who is new be registered, all of them or nobody.

    Raises `BadRows` while a row is to be corrected, `NothingNew`, `NotEnoughSeats`, `NotFound`,
    `ImportNotAllowed`. The seats are counted again when it happens.
    """
    with transaction():
        row = queries.locked_import(series_id, import_id)
        state = after(Action.COMMIT, row.state)
        if bad := row.counts.get(Outcome.REFUSED, 0):
            raise BadRows(bad)
        if not row.counts.get(Outcome.NEW, 0):
            raise NothingNew
        check_seats(seat_uses(row))
        row.state, row.attempts = state, 0
        audit.record(
            "import.commit",
            f"import:{row.id}",
            series_id=series_id,
            after={"people": row.counts[Outcome.NEW]},
        )
    return row


def check_again(series_id: int, import_id: UUID) -> Import:
    """Look through the same list once more, as after registrations or seats have changed.

    Raises `NotFound`, `ImportNotAllowed`.
    """
    queries.import_or_404(series_id, import_id)
    with transaction():
        row = queries.locked_import(series_id, import_id)
        row.state = after(Action.CHECK_AGAIN, row.state)
        row.checked, row.attempts = 0, 0
        row.counts, row.combos, row.refusal = {}, [], None
        db.session.flush()
        forget_rows(import_id)
    return row


def discard(series_id: int, import_id: UUID) -> Import:
    """Forget the list. Raises `NotFound`, `ImportNotAllowed`."""
    return finish(series_id, import_id, Action.DISCARD)
