"""One step for many applications: n changed, m skipped and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eduforum.core.db import db, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.press.models import Application

CHUNK = 25
"""How many are changed while the lock is held: others write in between."""


@dataclass
class BulkResult:
    """changed: ids. skipped: (id, the outlet's name, why)."""

    changed: list[UUID] = field(default_factory=list)
    skipped: list[tuple[UUID, Text, Text]] = field(default_factory=list)


def bulk(series_id: int, ids: Sequence[UUID], act: Callable[[int, UUID], object]) -> BulkResult:
    """Do `act` to each; one that is refused keeps nothing and stops nobody."""
    result = BulkResult()
    names = names_of(series_id, ids)
    for start in range(0, len(ids), CHUNK):
        with transaction():
            for application_id in ids[start : start + CHUNK]:
                try:
                    with transaction():
                        act(series_id, application_id)
                    result.changed.append(application_id)
                except Refusal as refusal:
                    name = names.get(application_id, Text("", ""))
                    result.skipped.append((application_id, name, refusal.sentence))
    return result


def names_of(series_id: int, ids: Sequence[UUID]) -> dict[UUID, Text]:
    """The outlets of these applications, by application."""
    found = db.session.scalars(
        select(Application)
        .where(Application.series_id == series_id, Application.id.in_(ids))
        .options(joinedload(Application.outlet))
    )
    return {one.id: one.outlet_text for one in found}
