"""What goes when, who looked, and what was done."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from eduforum.checkin.models import Scan
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.personal import Group, Person, Source
from eduforum.events.models import Event, Series
from eduforum.events.queries import days_of_series
from eduforum.press.models import Application, PressPersonEvent
from eduforum.press.rules import State
from eduforum.privacy.models import RetentionRun, RetentionSetting
from eduforum.privacy.rules import DAYS, Due, goes_at
from eduforum.registration.models import RegistrationEvent

REVEALS = ("registration.reveal", "registration.reveal_id", "press_application.reveal_id")


def days_of(series_id: int) -> dict[Group, int]:
    """How many days after the last event each group is kept."""
    rows = db.session.scalars(
        select(RetentionSetting).where(RetentionSetting.series_id == series_id)
    )
    return DAYS | {row.group: row.days for row in rows}


def dues(sources: Sequence[Source], series: Sequence[Series]) -> list[Due]:
    """What these series still keep of people, and when it goes; the soonest first."""
    ends = {key: last for key, (_first, last) in days_of_series([s.id for s in series]).items()}
    found = [
        Due(
            series_id=one.id,
            slug=one.slug,
            name=one.name,
            time_zone=one.time_zone,
            group=group,
            days=days,
            goes_at=goes_at(ends.get(one.id), days),
            people=sum(source.count(one.id, group) for source in sources),
        )
        for one in series
        for group, days in days_of(one.id).items()
    ]
    return sorted(found, key=lambda due: (due.goes_at is None, due.goes_at or 0, due.slug))


def looks_at(subject: str) -> Sequence[AuditEntry]:
    """Who saw contacts or numbers of this person in full, newest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == subject, AuditEntry.action.in_(REVEALS))
        .order_by(AuditEntry.id.desc())
    ).all()


def runs(limit: int = 10) -> Sequence[RetentionRun]:
    return db.session.scalars(
        select(RetentionRun).order_by(RetentionRun.day.desc()).limit(limit)
    ).all()


def is_done(day: str) -> bool:
    return db.session.get(RetentionRun, day) is not None


def is_still_to_come(person: Person, now: object) -> bool:
    """Whether the person has not come yet and still could; for an outlet, whether it still waits
    for its decision. Passes that were granted are those of its people."""
    key = person.id
    registered = select(RegistrationEvent.event_id).where(RegistrationEvent.registration_id == key)
    wanted = select(PressPersonEvent.event_id).where(PressPersonEvent.person_id == key)
    coming = select(Event.id).where(
        or_(Event.id.in_(registered), Event.id.in_(wanted)), Event.ends_at > now
    )
    waits = select(Application.id).where(
        Application.id == key, Application.state.not_in((State.APPROVED, State.CLOSED))
    )
    came = select(Scan.id).where(Scan.ticket_id.in_(person.tickets))
    may_come = db.session.scalar(coming.limit(1)) or db.session.scalar(waits)
    return may_come is not None and db.session.scalar(came.limit(1)) is None
