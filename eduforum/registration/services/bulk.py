"""One action on many registrations: n changed, m skipped and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eduforum.core.db import transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.registration.queries import names_of
from eduforum.registration.services import decide

ACTIONS: dict[str, Callable[..., object]] = {
    "approve": decide.approve,
    "decline": decide.decline,
    "return": decide.return_,
    "cancel": decide.cancel,
}
CHUNK = 50
"""How many are changed while the lock is held: others write in between."""


@dataclass
class BulkResult:
    """changed: ids. skipped: (id, the person's name, why)."""

    changed: list[UUID] = field(default_factory=list)
    skipped: list[tuple[UUID, str, Text]] = field(default_factory=list)


def bulk(series_id: int, ids: Sequence[UUID], action: str, **arguments: Any) -> BulkResult:
    """Do `action` (of `ACTIONS`) to each; one that is refused keeps nothing and stops nobody."""
    act, result = ACTIONS[action], BulkResult()
    names = names_of(series_id, ids)
    for start in range(0, len(ids), CHUNK):
        with transaction():
            for registration_id in ids[start : start + CHUNK]:
                try:
                    with transaction():
                        act(series_id, registration_id, **arguments)
                    result.changed.append(registration_id)
                except Refusal as refusal:
                    name = names.get(registration_id, "")
                    result.skipped.append((registration_id, name, refusal.sentence))
    return result
