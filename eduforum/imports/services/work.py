"""The work on imports: check and stage, publish, tell. In chunks, under a lease, resumable.

Whoever works holds a lease in the database and renews it with every chunk. A worker that was
killed is followed by another when its lease ends; what is staged or told is not done again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import joinedload, selectinload

from eduforum.core import clock
from eduforum.core.audit import acting_as
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.events.queries import events_of
from eduforum.imports import queries
from eduforum.imports.models import Import, ImportRow
from eduforum.imports.rules import (
    CHUNK,
    LEASE,
    MOST_ATTEMPTS,
    WORKING,
    Action,
    ImportBroken,
    ImportState,
    Outcome,
    after,
)
from eduforum.imports.services.judge import Judge, Options, Seen, Verdict
from eduforum.imports.services.publish import publish
from eduforum.imports.services.source import Item, unsealed
from eduforum.imports.services.tidy import finish
from eduforum.registration.models import Category, Registration
from eduforum.registration.queries import categories_of
from eduforum.registration.services import identity
from eduforum.registration.services.letters import tell
from eduforum.tickets.services import Holder, prepare_many

_BREATH = 0.005
"""Seconds between two chunks in which others get their turn to write."""


class _LeaseLost(Exception):
    """Somebody else works on it by now."""


def work_off(series_id: int, import_id: UUID) -> None:
    """Do all there is to do for an import, until it is over or waits for somebody.

    Does nothing when another worker holds it. A refusal becomes the import's own.
    """
    lease = _take(series_id, import_id)
    if lease is None:
        return
    row = queries.import_or_404(series_id, import_id)
    with acting_as(row.actor):
        try:
            while (step := _STEPS.get(row.state)) is not None:
                step(row, lease)
                row = queries.import_or_404(series_id, import_id)
            _give_back(series_id, import_id, lease)
        except _LeaseLost:
            return
        except Refusal as refusal:
            _refuse(series_id, import_id, refusal)


def _take(series_id: int, import_id: UUID) -> UUID | None:
    with transaction():
        row = queries.locked_import(series_id, import_id)
        now = clock.now()
        if row.state not in WORKING or (row.leased_until and row.leased_until > now):
            return None
        row.lease, row.leased_until = new_id(), now + LEASE
        row.attempts += 1
        if row.attempts <= MOST_ATTEMPTS or row.state is ImportState.TELLING:
            return row.lease
    _refuse(series_id, import_id, ImportBroken())
    return None


@contextmanager
def _holding(row: Import, lease: UUID) -> Iterator[Import]:
    """One chunk: the import locked, the lease renewed. Raises `_LeaseLost`."""
    with transaction():
        held = queries.locked_import(row.series_id, row.id)
        if held.lease != lease:
            raise _LeaseLost
        held.leased_until, held.attempts = clock.now() + LEASE, 0
        yield held
    time.sleep(_BREATH)


def _give_back(series_id: int, import_id: UUID, lease: UUID) -> None:
    with transaction():
        row = queries.locked_import(series_id, import_id)
        if row.lease == lease:
            row.lease = row.leased_until = None


def _refuse(series_id: int, import_id: UUID, refusal: Refusal) -> None:
    with transaction():
        row = queries.locked_import(series_id, import_id)
        row.state = after(Action.REFUSE, row.state)
        row.refusal = {
            "zh": refusal.sentence.zh, "en": refusal.sentence.en, "code": refusal.code,
        }  # fmt: skip
        row.lease = row.leased_until = None


def _check(row: Import, lease: UUID) -> None:
    """Judge and stage every row that is not staged yet."""
    assert row.source is not None
    items = unsealed(row.source, row.id)
    judge = _judge_of(row)
    for start in range(row.checked, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        staged = _staged(row, judge, _judged(judge, row.series_id, chunk))
        with _holding(row, lease) as held:
            db.session.execute(insert(ImportRow), staged)
            held.checked += len(chunk)
            held.combos = judge.combos[:]
    with _holding(row, lease) as held:
        held.counts = queries.counted(row.id)
        held.state = after(Action.END_CHECK, held.state)


def _judge_of(row: Import) -> Judge:
    categories, events = categories_of(row.series_id), events_of(row.series_id)
    for one in (*categories, *events):
        # They are read ten thousands of times: no transaction in between makes them stale.
        db.session.expunge(one)
    return Judge(
        row.series_id,
        categories,
        events,
        Options.of(row.options),
        [dict(combo) for combo in row.combos],
        _seen_so_far(row),
    )


def _seen_so_far(row: Import) -> Seen:
    """Who stood in the rows that are staged, when the work was broken off."""
    seen: Seen = {}
    staged = select(ImportRow).where(
        ImportRow.import_id == row.id,
        ImportRow.outcome.not_in((Outcome.REFUSED, Outcome.HIDDEN, Outcome.REPEATED)),
    )
    for one in db.session.scalars(staged.order_by(ImportRow.id)) if row.checked else ():
        said = (one.organisation, one.position, one.mobile, one.email, one.combo)
        place = Item(one.sheet, one.number, False, {}).place
        for contact in (one.mobile, one.email):
            if contact:
                seen.setdefault((one.name_key, contact), (place, said))
        if one.id_index:
            seen.setdefault(("", one.id_index), (place, said))
    return seen


def _judged(judge: Judge, series_id: int, items: Sequence[Item]) -> list[Verdict]:
    verdicts = [judge.read(item) for item in items]
    new = [verdict for verdict in verdicts if verdict.outcome is Outcome.NEW]
    known = queries.known_people(
        series_id,
        {one.written["name_key"] for one in new},
        {one.id_index for one in new if one.id_index},
    )
    holders = queries.live_holders(series_id, {one.holder_key for one in new})
    judge.settle(verdicts, known, holders)
    return verdicts


def _staged(row: Import, judge: Judge, verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    staged = [_columns(row, judge, verdict) for verdict in verdicts]
    new = [one for one in staged if one["outcome"] is Outcome.NEW]
    for one, verdict in zip(staged, verdicts, strict=True):
        if verdict.outcome is Outcome.NEW and verdict.application is not None:
            mine = new_id()
            one |= {"registration_id": mine, "subject": f"registration:{mine}"}
            one |= identity.columns_of(row.series_id, mine, verdict.application)
    if not judge.options.review:
        _sign(row, judge, new)
    return staged


def _columns(row: Import, judge: Judge, verdict: Verdict) -> dict[str, Any]:
    """All rows have the same columns, so that they are inserted together."""
    written = verdict.written
    asked = judge.combos[verdict.combo] if verdict.combo is not None else {}
    columns: dict[str, Any] = {name: written.get(name, _EMPTY.get(name, "")) for name in _WRITTEN}
    return columns | {
        "import_id": row.id,
        "sheet": verdict.item.sheet,
        "number": verdict.item.number,
        "outcome": verdict.outcome,
        "problems": [problem.as_json() for problem in verdict.problems],
        "remark": _both(verdict.remark),
        "name": written.get("name") or _typed_name(verdict.item),
        "combo": verdict.combo,
        "registration_id": verdict.registration_id,
        "subject": "",
        "id_type": "",
        "id_number": None,
        "id_index": verdict.id_index,
        "holder_key": verdict.holder_key if written else "",
        "ticket_id": None,
        "serial": None,
        "ticket_text": "",
        "staff_code": "",
        "category_id": asked.get("category"),
        "event_ids": asked.get("events", []),
    }


_WRITTEN = (
    "name_key", "pinyin_key", "pinyin", "initials", "organisation", "organisation_id",
    "organisation_pinyin", "position", "mobile", "mobile_last4", "email", "language", "mode",
    "region",
)  # fmt: skip
_EMPTY = {"organisation_id": None, "language": "zh-Hans", "mode": "onsite"}


def _typed_name(item: Item) -> str:
    cell = item.cells.get("name")
    return cell.clean[:120] if cell else ""


def _both(text: Text | None) -> dict[str, str] | None:
    return {"zh": text.zh, "en": text.en} if text else None


def _sign(row: Import, judge: Judge, new: Sequence[dict[str, Any]]) -> None:
    """Tickets are signed here, long before they are stored: it takes most of the time."""
    holders = [_holder(one, judge.categories[one["category_id"]]) for one in new]
    for one, ticket in zip(new, prepare_many(row.series, holders), strict=True):
        one |= {
            "ticket_id": ticket["id"],
            "serial": ticket["serial"],
            "ticket_text": ticket["text"],
            "staff_code": ticket["staff_code"],
        }


def _holder(one: dict[str, Any], category: Category) -> Holder:
    return Holder(
        name=one["name"],
        key=one["holder_key"],
        pinyin=one["pinyin"],
        initials=one["initials"],
        unit=one["organisation"],
        mobile_last4=one["mobile_last4"],
        category=category.name,
        class_code=category.ticket_class,
        event_ids=one["event_ids"],
    )


def _publish(row: Import, lease: UUID) -> None:
    with _holding(row, lease) as held:
        publish(held)


def _tell(row: Import, lease: UUID) -> None:
    """Queue letters and messages, chunk by chunk: each person is told exactly once."""
    letters = Options.of(row.options).letters
    while chunk := queries.untold(row.id, CHUNK):
        with _holding(row, lease) as held:
            for person in _people([registration_id for _, registration_id in chunk]):
                tell(person, letter=letters)
            rows = [row_id for row_id, _ in chunk]
            db.session.execute(
                update(ImportRow).where(ImportRow.id.in_(rows)).values(told=True),
                execution_options={"synchronize_session": False},
            )
            held.told += len(chunk)
    finish(row.series_id, row.id, Action.FINISH)


def _people(ids: Sequence[UUID]) -> Sequence[Registration]:
    return db.session.scalars(
        select(Registration)
        .where(Registration.id.in_(ids))
        .options(
            selectinload(Registration.events),
            selectinload(Registration.sessions),
            joinedload(Registration.category),
            joinedload(Registration.series),
            joinedload(Registration.ticket),
        )
    ).all()


_STEPS: dict[ImportState, Callable[[Import, UUID], None]] = {
    ImportState.CHECKING: _check,
    ImportState.PUBLISHING: _publish,
    ImportState.TELLING: _tell,
}
