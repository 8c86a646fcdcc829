"""Who reviews what: an application lies before one person at a time."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.registration.models import Review
from eduforum.registration.queries import Wanted, locked_registration, next_to_review

LOOKS = timedelta(minutes=3)
"""How long an application stays with somebody who does nothing about it."""


def take_next(wanted: Wanted, *, after: UUID | None = None) -> UUID | None:
    """The next application for whoever asks, kept from the others for a while; None when there is
    none left. after: the one that was just decided or put off."""
    actor, now = audit.current_actor(), clock.now()
    with transaction():
        db.session.execute(delete(Review).where(Review.actor == actor))
        found = next_to_review(wanted, actor, now, after)
        if found is not None:
            _keep(found, actor)
    return found


def look_at(series_id: int, registration_id: UUID) -> None:
    """Keep this application from the others for a while, whoever had it before."""
    actor = audit.current_actor()
    with transaction():
        locked_registration(series_id, registration_id)
        db.session.execute(delete(Review).where(Review.actor == actor))
        _keep(registration_id, actor)


def _keep(registration_id: UUID, actor: str) -> None:
    db.session.execute(delete(Review).where(Review.registration_id == registration_id))
    db.session.add(Review(registration_id=registration_id, actor=actor, until=clock.now() + LOOKS))
