"""Publishing: everybody at once, or nobody. Only statements over sets while the pools are locked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Insert, SQLColumnExpression, insert, literal, select
from sqlalchemy.exc import IntegrityError

from eduforum.core import audit
from eduforum.core.db import Json, Model, db, transaction
from eduforum.core.i18n import Text
from eduforum.events.rules import Mode
from eduforum.imports import queries
from eduforum.imports.models import Import, ImportRow
from eduforum.imports.rules import (
    Action,
    NotEnoughSeats,
    Outcome,
    Overtaken,
    Shortage,
    after,
)
from eduforum.imports.services.judge import Options
from eduforum.registration.models import Category, Pool, Registration, RegistrationEvent
from eduforum.registration.queries import pools_of
from eduforum.registration.rules import State, holds_a_seat, keeping_in, unused
from eduforum.registration.services import seats
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing

SOURCE = "import"


class Combo(NamedTuple):
    """What `people` ask for together."""

    category_id: int
    event_ids: frozenset[int]
    mode: Mode
    region: str
    people: int


@dataclass(frozen=True, slots=True)
class SeatUse:
    """What the import takes from one pool. free: seats for its people, kept ones included."""

    pool: Text
    needs: int
    free: int

    @property
    def short(self) -> bool:
        return self.needs > self.free


def seat_uses(row: Import) -> list[SeatUse]:
    """What it would take from which pool, as things are now."""
    return [use for _, use in _uses(_combos(row), pools_of(row.series_id), _categories(row), row)]


def check_seats(uses: Sequence[SeatUse]) -> None:
    """Raise `NotEnoughSeats`, naming every pool that is too small."""
    if short := [use for use in uses if use.short]:
        raise NotEnoughSeats([Shortage(one.pool, one.needs, one.free) for one in short])


def publish(row: Import) -> None:
    """Register everybody who is new: registrations, tickets, seats and audit rows, together.

    row: locked by the caller's transaction. Raises `NotEnoughSeats` and `Overtaken`; nothing is
    stored then.
    """
    try:
        with transaction():
            _publish(row)
    except IntegrityError as error:
        raise Overtaken from error


def _publish(row: Import) -> None:
    pools = seats.lock_all(row.series_id)
    if queries.someone_came_first(row):
        raise Overtaken
    categories, combos = _categories(row), _combos(row)
    _take_seats(row, combos, pools, categories)
    for statement in _statements(row, categories):
        db.session.execute(statement)
    audit.record(
        "import.publish",
        f"import:{row.id}",
        series_id=row.series_id,
        after={"people": sum(combo.people for combo in combos), "review": _review(row)},
    )
    row.state = after(Action.PUBLISH, row.state)


def _review(row: Import) -> bool:
    return Options.of(row.options).review


def _state(row: Import) -> State:
    return State.SUBMITTED if _review(row) else State.CONFIRMED


def _categories(row: Import) -> dict[int, Category]:
    found = queries.categories_with_id({combo["category"] for combo in row.combos})
    return {category.id: category for category in found}


def _combos(row: Import) -> list[Combo]:
    counts = queries.combo_counts(row.id)
    return [
        Combo(
            asked["category"],
            frozenset(asked["events"]),
            Mode(asked["mode"]),
            asked["region"],
            counts[number],
        )
        for number, asked in enumerate(row.combos)
        if number in counts
    ]


def _uses(
    combos: Iterable[Combo],
    pools: Sequence[Pool],
    categories: Mapping[int, Category],
    row: Import,
) -> list[tuple[Pool, SeatUse]]:
    holding = [
        combo
        for combo in combos
        if holds_a_seat(_state(row), pending_holds=categories[combo.category_id].pending_holds)
    ]
    needs = {
        pool.id: sum(combo.people for combo in holding if _counts_in(pool, combo)) for pool in pools
    }
    return [
        (pool, SeatUse(pool.name, needs[pool.id], _free(pool, pools, needs)))
        for pool in pools
        if needs[pool.id]
    ]


def _free(pool: Pool, pools: Sequence[Pool], needs: Mapping[int, int]) -> int:
    """Seats that the import's people may take: also those kept for their region inside it."""
    kept = sum(min(needs[one.id], unused(one.size, one.held)) for one in keeping_in(pool, pools))
    return max(0, pool.size - pool.held - pool.blocked + kept)


def _counts_in(pool: Pool, combo: Combo) -> bool:
    return (
        pool.session_id is None
        and pool.delegation_id is None
        and pool.invitation_id is None
        and pool.option is None
        and pool.region in (None, combo.region)
        and pool.category_id in (None, combo.category_id)
        and pool.mode in (None, combo.mode)
        and (pool.event_id is None or pool.event_id in combo.event_ids)
    )


def _take_seats(
    row: Import,
    combos: Sequence[Combo],
    pools: Sequence[Pool],
    categories: Mapping[int, Category],
) -> None:
    uses = _uses(combos, pools, categories, row)
    check_seats([use for _, use in uses])
    seats.shift([seats.Change(pool, held=use.needs) for pool, use in uses])


def _statements(row: Import, categories: Mapping[int, Category]) -> Iterator[Insert]:
    if not _review(row):
        yield _tickets(row)
    yield _registrations(row)
    for number, asked in enumerate(row.combos):
        for event_id in asked["events"]:
            yield _chosen(row, number, event_id)
    for category in categories.values():
        yield _trail(row, category)


def _tickets(row: Import) -> Insert:
    return _insert(
        row,
        Ticket,
        {
            "id": ImportRow.ticket_id,
            "series_id": literal(row.series_id),
            "serial": ImportRow.serial,
            "class_code": Category.ticket_class,
            "text": ImportRow.ticket_text,
            "staff_code": ImportRow.staff_code,
            "standing": literal(Standing.VALID, Ticket.standing.type),
            "holder": ImportRow.name,
            "holder_key": ImportRow.holder_key,
            "pinyin": ImportRow.pinyin,
            "initials": ImportRow.initials,
            "mobile_last4": ImportRow.mobile_last4,
            "unit": ImportRow.organisation,
            "category_zh": Category.name_zh,
            "category_en": Category.name_en,
            "event_ids": ImportRow.event_ids,
        },
    )


def _registrations(row: Import) -> Insert:
    return _insert(
        row,
        Registration,
        {
            "id": ImportRow.registration_id,
            "series_id": literal(row.series_id),
            "state": literal(_state(row), Registration.state.type),
            "submit_id": ImportRow.subject,
            "source": literal(SOURCE),
            **{name: getattr(ImportRow, name) for name in _COPIED},
        },
    )


_COPIED = (
    "category_id", "ticket_id", "name", "name_key", "pinyin_key", "pinyin", "initials",
    "organisation", "organisation_id", "organisation_pinyin", "position", "mobile",
    "mobile_last4", "email", "language", "mode", "region", "id_type", "id_number", "id_index",
)  # fmt: skip


def _chosen(row: Import, combo: int, event_id: int) -> Insert:
    columns = {"registration_id": ImportRow.registration_id, "event_id": literal(event_id)}
    return _insert(row, RegistrationEvent, columns, ImportRow.combo == combo)


def _trail(row: Import, category: Category) -> Insert:
    """The row that each registration has in the audit trail, as by any other door."""
    said = {"state": _state(row).value, "category": category.code, "source": SOURCE}
    columns = {
        "actor": literal(audit.current_actor()),
        "action": literal("registration.register"),
        "subject": ImportRow.subject,
        "series_id": literal(row.series_id),
        "before": literal({}, Json),
        "after": literal(said, Json),
    }
    return _insert(row, audit.AuditEntry, columns, ImportRow.category_id == category.id)


def _insert(
    row: Import,
    kind: type[Model],
    columns: Mapping[str, SQLColumnExpression[Any]],
    *also: ColumnElement[bool],
) -> Insert:
    """Everybody who is new, with these columns; the others get the model's own defaults."""
    found = (
        select(*columns.values())
        .select_from(ImportRow)
        .join(Category, Category.id == ImportRow.category_id)
        .where(ImportRow.import_id == row.id, ImportRow.outcome == Outcome.NEW, *also)
        .order_by(ImportRow.id)
    )
    return insert(kind.__table__).from_select(list(columns), found)  # type: ignore[arg-type]
