"""Whose names the hall may read: of those who came just now, the ones who agreed to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from eduforum.checkin.models import Scan
from eduforum.checkin.queries.facts import not_undone
from eduforum.checkin.rules import Verdict
from eduforum.consents.queries import standing
from eduforum.consents.rules import WELCOME
from eduforum.core.db import db
from eduforum.registration.models import Registration
from eduforum.registration.services.answers import owner_of

FRESH = timedelta(minutes=10)
_MOST = 3
_LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Welcome:
    """Somebody who came just now and agreed to be named. sample: an invented person."""

    name: str
    unit: str
    sample: bool


def welcomes_at(points: Collection[UUID], now: datetime) -> Sequence[Welcome]:
    """The last who were let in at these points within `FRESH` and agreed, the latest first."""
    rows = db.session.execute(
        select(Scan.ticket_id, Registration)
        .join(Registration, Registration.ticket_id == Scan.ticket_id)
        .where(
            Scan.point_id.in_(points),
            Scan.verdict == Verdict.ADMITTED,
            Scan.effective_at > now - FRESH,
            Registration.erased_at.is_(None),
            not_undone(),
        )
        .order_by(Scan.effective_at.desc(), Scan.id.desc())
        .limit(_LOOKED_AT)
    ).all()
    people: dict[UUID | None, Registration] = dict(rows)
    agreed = {one.subject for one in standing([owner_of(p) for p in people.values()], WELCOME)}
    named = [one for one in people.values() if owner_of(one) in agreed]
    return [Welcome(one.name, one.organisation, one.sample) for one in named[:_MOST]]


def agrees(registration: Registration) -> bool:
    """Whether this person's name may be shown."""
    return bool(standing([owner_of(registration)], WELCOME))
