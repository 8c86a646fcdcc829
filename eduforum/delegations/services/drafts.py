"""Rows that are not submitted yet: saved as they are, right or wrong, in a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, func, insert, select, update

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.names import name_key
from eduforum.delegations import queries
from eduforum.delegations.entries import Entry, tidy
from eduforum.delegations.models import Draft
from eduforum.delegations.rules import MOST_PEOPLE, PastDeadline, TooManyRows
from eduforum.registration.models import Delegation
from eduforum.registration.rules import State

KEPT = timedelta(days=30)
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the page sent it: a draft that is kept (`draft_id`), the answer to a returned
    registration (`registration_id`), or somebody new.

    key: what the page called a new row; sent twice, it is still one row. remove: it is to go.
    """

    entry: Entry
    draft_id: UUID | None = None
    registration_id: UUID | None = None
    key: str = ""
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """How many rows were added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0


def save(series_id: int, delegation_id: UUID, lines: Sequence[Line]) -> Saved:
    """Keep the rows of the page. Rows that are not sent stay as they are; empty new ones are none.

    After the deadline only answers to returned registrations are kept. Raises `PastDeadline`,
    `TooManyRows`, `NotFound`.
    """
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        kept = {draft.id: draft for draft in queries.drafts_of(delegation.id)}
        answers = {draft.registration_id: draft for draft in kept.values()}
        returned = _returned(delegation) if any(line.registration_id for line in lines) else {}
        fresh: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        gone: list[UUID] = []
        for line in lines:
            draft_id = line.draft_id or _new_id(delegation, line.key)
            known = (
                answers.get(line.registration_id) if line.registration_id else kept.get(draft_id)
            )
            _sort_in(line, draft_id, known, returned, fresh, changed, gone)
        fresh = _without_submitted(fresh)
        if (gone or fresh or changed) and is_over(delegation):
            _only_answers(fresh, changed, kept)
        _store(delegation, kept, fresh, changed, gone)
    return Saved(len(fresh), len(changed), len(gone))


def add(series_id: int, delegation_id: UUID, entries: Sequence[Entry], *, key: str) -> int:
    """Put read rows behind the others; the same `key` again adds none. Returns how many were added.

    Raises `PastDeadline`, `TooManyRows`.
    """
    lines = [Line(entry, key=f"{key}-{number}") for number, entry in enumerate(entries)]
    return save(series_id, delegation_id, lines).added


def remove(series_id: int, delegation_id: UUID, draft_id: UUID) -> None:
    """Take a row off the page. Raises `NotFound`."""
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        draft = queries.draft_or_404(delegation.id, draft_id)
        db.session.delete(draft)


def forget_old() -> int:
    """Forget rows that nobody submitted, a month after the last event of their series. How many."""
    old = queries.drafts_before(clock.now() - KEPT)
    for start in range(0, len(old), _CHUNK):
        with transaction():
            db.session.execute(delete(Draft).where(Draft.id.in_(old[start : start + _CHUNK])))
    return len(old)


def entry_of(draft: Draft) -> Entry:
    """The row as it was typed."""
    return Entry(
        name=draft.name,
        position=draft.position,
        mobile=draft.mobile,
        email=draft.email,
        category=draft.category,
        events=tuple(draft.events),
        unread=dict(draft.unread),
    )


def is_over(delegation: Delegation) -> bool:
    """Whether nobody can be added or changed any more."""
    return clock.now() >= delegation.edit_until


def _new_id(delegation: Delegation, key: str) -> UUID:
    """The id of a new row: made from what the page called it, and from nothing of another page."""
    return uuid5(delegation.id, key) if key else new_id()


def _sort_in(
    line: Line,
    draft_id: UUID,
    known: Draft | None,
    returned: Mapping[UUID, object],
    fresh: list[dict[str, Any]],
    changed: list[dict[str, Any]],
    gone: list[UUID],
) -> None:
    """Whether this row is new, changed, or to go."""
    if line.draft_id and known is None:
        return  # removed or submitted elsewhere in the meantime
    if line.registration_id and line.registration_id not in returned:
        return  # answered or decided in the meantime
    entry = tidy(line.entry)
    if line.remove or (entry.is_blank and line.registration_id is None):
        gone.extend([known.id] if known else [])
        return
    if known is None:
        fresh.append(_values(entry) | {"id": draft_id, "registration_id": line.registration_id})
    elif entry_of(known) != entry:
        changed.append(_values(entry) | {"id": known.id, "faults": {}})


def _without_submitted(fresh: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The new rows without those that are submitted by now: the page was sent once more, or by a
    browser that went back. Somebody else under the key of one of them is a row of his own."""
    known = queries.submitted_as([values["id"] for values in fresh])
    return [
        values | ({"id": new_id()} if values["id"] in known else {})
        for values in fresh
        if known.get(values["id"]) != name_key(values["name"])
    ]


def _values(entry: Entry) -> dict[str, Any]:
    return asdict(entry) | {"events": list(entry.events), "unread": dict(entry.unread)}


def _returned(delegation: Delegation) -> dict[UUID, object]:
    return {one.id: one for one in queries.people_of(delegation) if one.state is State.RETURNED}


def _only_answers(
    fresh: Sequence[Mapping[str, Any]],
    changed: Sequence[Mapping[str, Any]],
    kept: Mapping[UUID, Draft],
) -> None:
    """After the deadline: raise unless nothing but answers to returned registrations is changed."""
    new = any(values["registration_id"] is None for values in fresh)
    if new or any(kept[values["id"]].registration_id is None for values in changed):
        raise PastDeadline


def _store(
    delegation: Delegation,
    kept: Mapping[UUID, Draft],
    fresh: list[dict[str, Any]],
    changed: list[dict[str, Any]],
    gone: list[UUID],
) -> None:
    if not (fresh or changed or gone):
        return
    if len(kept) + len(fresh) - len(gone) > MOST_PEOPLE:
        raise TooManyRows
    now = clock.now()
    last = db.session.scalar(
        select(func.max(Draft.place)).where(Draft.delegation_id == delegation.id)
    )
    if gone:
        db.session.execute(delete(Draft).where(Draft.id.in_(gone)))
    if fresh:
        rows = [
            values
            | {
                "delegation_id": delegation.id,
                "place": (last or 0) + number,
                "faults": {},
                "updated_at": now,
            }
            for number, values in enumerate(fresh, 1)
        ]
        db.session.execute(insert(Draft), rows)
    if changed:
        db.session.execute(update(Draft), [values | {"updated_at": now} for values in changed])
    audit.record(
        "delegation.save",
        f"delegation:{delegation.id}",
        series_id=delegation.series_id,
        after={"added": len(fresh), "changed": len(changed), "removed": len(gone)},
    )
