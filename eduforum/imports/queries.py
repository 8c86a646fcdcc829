"""Named reads of imports and their rows. Never writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.imports.models import Import, ImportRow
from eduforum.imports.rules import UNFINISHED, WORKING, Outcome
from eduforum.registration.models import Category, Registration, RegistrationEvent
from eduforum.registration.rules import BLOCKS_ANOTHER, State
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing


def import_or_404(series_id: int, import_id: UUID) -> Import:
    found = db.session.scalar(
        select(Import).where(Import.series_id == series_id, Import.id == import_id)
    )
    if found is None:
        raise NotFound
    return found


def locked_import(series_id: int, import_id: UUID) -> Import:
    """The import as it is now, locked until the transaction ends."""
    found = db.session.scalar(
        select(Import)
        .where(Import.series_id == series_id, Import.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def latest(series_id: int, limit: int = 20) -> Sequence[Import]:
    """The imports of a series, newest first, without what they read."""
    return db.session.scalars(
        select(Import)
        .where(Import.series_id == series_id)
        .order_by(Import.created_at.desc(), Import.id.desc())
        .limit(limit)
    ).all()


def waits_for_work(now: datetime) -> tuple[int, UUID] | None:
    """(series_id, id) of the oldest import that nobody works on although there is work to do."""
    found = db.session.execute(
        select(Import.series_id, Import.id)
        .where(
            Import.state.in_(WORKING),
            or_(Import.leased_until.is_(None), Import.leased_until <= now),
        )
        .order_by(Import.created_at, Import.id)
        .limit(1)
    ).first()
    return (found.series_id, found.id) if found else None


def abandoned(before: datetime) -> Sequence[tuple[int, UUID]]:
    """(series_id, id) of imports older than `before` that wait for somebody."""
    rows = db.session.execute(
        select(Import.series_id, Import.id)
        .where(Import.state.in_(UNFINISHED - WORKING), Import.created_at < before)
        .limit(20)
    )
    return [(series_id, import_id) for series_id, import_id in rows]


def counted(import_id: UUID) -> dict[str, int]:
    """How many rows came out as what."""
    rows = db.session.execute(
        select(ImportRow.outcome, func.count())
        .where(ImportRow.import_id == import_id)
        .group_by(ImportRow.outcome)
    )
    return {outcome.value: count for outcome, count in rows}


def combo_counts(import_id: UUID) -> dict[int, int]:
    """How many people the import would register, by combo."""
    rows = db.session.execute(
        select(ImportRow.combo, func.count())
        .where(ImportRow.import_id == import_id, ImportRow.outcome == Outcome.NEW)
        .group_by(ImportRow.combo)
    )
    return {combo: count for combo, count in rows if combo is not None}


def rows_of(
    import_id: UUID, outcome: Outcome | None, *, limit: int, offset: int = 0
) -> Sequence[ImportRow]:
    found = select(ImportRow).where(ImportRow.import_id == import_id)
    if outcome is not None:
        found = found.where(ImportRow.outcome == outcome)
    return db.session.scalars(found.order_by(ImportRow.id).limit(limit).offset(offset)).all()


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is, or was, registered in the series."""

    id: UUID
    state: State
    name_key: str
    mobile: str
    email: str
    organisation: str
    position: str
    category_id: int
    mode: str
    id_index: str
    event_ids: frozenset[int]

    @property
    def blocks(self) -> bool:
        return self.state in BLOCKS_ANOTHER


def known_people(
    series_id: int, name_keys: Collection[str], id_indexes: Collection[str]
) -> Sequence[Known]:
    """Everybody in the series with one of these names or documents, those who block another first."""
    rows = db.session.execute(
        select(
            Registration.id,
            Registration.state,
            Registration.name_key,
            Registration.mobile,
            Registration.email,
            Registration.organisation,
            Registration.position,
            Registration.category_id,
            Registration.mode,
            Registration.id_index,
        ).where(
            Registration.series_id == series_id,
            or_(Registration.name_key.in_(name_keys), Registration.id_index.in_(id_indexes)),
        )
    ).all()
    events: dict[UUID, set[int]] = {}
    chosen = select(RegistrationEvent.registration_id, RegistrationEvent.event_id).where(
        RegistrationEvent.registration_id.in_([row.id for row in rows])
    )
    for registration_id, event_id in db.session.execute(chosen) if rows else ():
        events.setdefault(registration_id, set()).add(event_id)
    people = [
        Known(**dict(row._mapping), event_ids=frozenset(events.get(row.id, ()))) for row in rows
    ]
    return sorted(people, key=lambda person: not person.blocks)


def live_holders(series_id: int, holder_keys: Collection[str]) -> set[str]:
    """Which of these people hold a live ticket of the series, from whomever."""
    return set(
        db.session.scalars(
            select(Ticket.holder_key).where(
                Ticket.series_id == series_id,
                Ticket.holder_key.in_(holder_keys),
                Ticket.standing.in_((Standing.VALID, Standing.SUSPENDED)),
            )
        )
    )


def someone_came_first(row: Import) -> bool:
    """Whether somebody whom the import would register is registered by now."""
    staged = select(ImportRow.id).where(
        ImportRow.import_id == row.id, ImportRow.outcome == Outcome.NEW
    )
    same = (
        Registration.series_id == row.series_id,
        Registration.name_key == ImportRow.name_key,
        Registration.state.in_(BLOCKS_ANOTHER),
    )
    by_mobile = staged.join(Registration, Registration.mobile == ImportRow.mobile).where(
        ImportRow.mobile != "", *same
    )
    by_email = staged.join(Registration, Registration.email == ImportRow.email).where(
        ImportRow.email != "", *same
    )
    by_ticket = staged.join(Ticket, Ticket.holder_key == ImportRow.holder_key).where(
        Ticket.series_id == row.series_id,
        Ticket.standing.in_((Standing.VALID, Standing.SUSPENDED)),
    )
    by_document = staged.join(Registration, Registration.id_index == ImportRow.id_index).where(
        ImportRow.id_index != "",
        Registration.series_id == row.series_id,
        Registration.state.in_(BLOCKS_ANOTHER),
    )
    return any(
        db.session.scalar(found.limit(1)) is not None
        for found in (by_mobile, by_email, by_document, by_ticket)
    )


def untold(import_id: UUID, limit: int) -> Sequence[tuple[int, UUID]]:
    """(row, registration) of people who were registered and not told yet."""
    rows = db.session.execute(
        select(ImportRow.id, ImportRow.registration_id)
        .where(
            ImportRow.import_id == import_id,
            ImportRow.outcome == Outcome.NEW,
            ImportRow.told.is_(False),
        )
        .order_by(ImportRow.id)
        .limit(limit)
    )
    return [(row_id, registration_id) for row_id, registration_id in rows if registration_id]


def categories_with_id(ids: Collection[int]) -> Sequence[Category]:
    return db.session.scalars(select(Category).where(Category.id.in_(ids))).all()
