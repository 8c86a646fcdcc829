"""Write to guests who have not answered: to nobody else, and to nobody twice a day."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.invitations import queries
from eduforum.invitations.services import letters
from eduforum.registration.models import Invitation
from eduforum.registration.rules import Rsvp

CHUNK = 100


@dataclass(slots=True)
class Unanswered:
    """Who has not answered: to be written to, written to today, without an address."""

    due: list[Invitation] = field(default_factory=list)
    resting: list[Invitation] = field(default_factory=list)
    unreachable: list[Invitation] = field(default_factory=list)


def unanswered(series_id: int, categories: Collection[str] = ()) -> Unanswered:
    """Everybody who would be reminded now, and who would not."""
    now, found = clock.now(), Unanswered()
    for one in queries.unanswered(series_id, categories, now):
        if not one.email:
            found.unreachable.append(one)
        elif _rests(one, now):
            found.resting.append(one)
        else:
            found.due.append(one)
    return found


def remind(series_id: int, categories: Collection[str] = ()) -> int:
    """Write to everybody who has not answered; to whom nothing was sent yet, the invitation itself.

    Each is looked at again when it is his turn. Returns how many letters were queued.
    """
    due = [one.id for one in unanswered(series_id, categories).due]
    return sum(_write(series_id, chunk) for chunk in _chunks(due))


def send_all(series_id: int, ids: Sequence[UUID]) -> int:
    """Write the invitation to these guests, as far as nothing was sent and there is an address."""
    return sum(_write(series_id, chunk, first_only=True) for chunk in _chunks(ids))


def _write(series_id: int, ids: Sequence[UUID], *, first_only: bool = False) -> int:
    now, sent = clock.now(), []
    with transaction():
        for one in queries.locked_many(series_id, ids):
            if not _wants(one, now) or (first_only and one.sent_at is not None):
                continue
            if one.sent_at is None:
                letters.write(one, letters.INVITED)
                one.sent_at = now
            else:
                letters.write(one, letters.REMINDER)
                one.reminded_at = now
            sent.append(one)
        if sent:
            db.session.flush()
            audit.record(
                "invitation.send_all" if first_only else "invitation.remind",
                f"series:{series_id}",
                series_id=series_id,
                after={"letters": len(sent)},
            )
    return len(sent)


def _wants(one: Invitation, now: datetime) -> bool:
    over = one.valid_until is not None and one.valid_until <= now
    waits = one.is_personal and one.rsvp is Rsvp.NONE and one.revoked_at is None and not over
    return waits and bool(one.email) and not _rests(one, now)


def _rests(one: Invitation, now: datetime) -> bool:
    last = max((at for at in (one.sent_at, one.reminded_at) if at), default=None)
    return last is not None and last > now - queries.REMINDER_RESTS


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
