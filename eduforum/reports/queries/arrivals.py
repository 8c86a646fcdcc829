"""When people arrived on one day: how many in every five minutes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, cast, extract, func, select

from eduforum.core.dates import local
from eduforum.core.db import db
from eduforum.registration.models import Registration, RegistrationEvent
from eduforum.reports.queries.attendance import Known
from eduforum.reports.queries.seen import EXPECTED, Place, entries, first_seen

STEP = timedelta(minutes=5)


def days_of(known: Known) -> list[date]:
    """The days with events, in the series' zone."""
    zone = known.series.time_zone
    return sorted({local(event.starts_at, zone).date() for event in known.events})


def arrivals_on(known: Known, day: date) -> dict[datetime, int]:
    """How many of those expected arrived first within the `STEP` that begins at each time.

    Times are UTC and in order; steps in which nobody came are left out.
    """
    return arrivals_at(known, entries(known.points), day)


def arrivals_at(known: Known, places: Sequence[Place], day: date) -> dict[datetime, int]:
    """The same at these places alone; those whose key is 0 are left out."""
    begin = datetime.combine(day, time.min, ZoneInfo(known.series.time_zone))
    end = datetime.combine(day + timedelta(days=1), time.min, begin.tzinfo)
    first = first_seen(known.door, places, begin, end).subquery()
    seconds = cast(extract("epoch", first.c.at), BigInteger)
    steps = select((seconds // int(STEP.total_seconds())).label("step")).subquery()
    rows = db.session.execute(
        select(steps.c.step, func.count()).group_by(steps.c.step).order_by(steps.c.step)
    )
    return {
        datetime.fromtimestamp(int(step) * STEP.total_seconds(), UTC): people
        for step, people in rows
    }


def expected_on(known: Known, day: date) -> int:
    """How many people chose an event of that day, each once."""
    zone = known.series.time_zone
    ids = [event.id for event in known.events if local(event.starts_at, zone).date() == day]
    chosen = select(RegistrationEvent.registration_id).where(
        RegistrationEvent.registration_id == Registration.id, RegistrationEvent.event_id.in_(ids)
    )
    return db.session.execute(
        select(func.count()).where(
            Registration.series_id == known.series.id,
            Registration.state.in_(EXPECTED),
            chosen.exists(),
        )
    ).scalar_one()
