"""What the services of this room share."""

from collections.abc import Sequence

from sqlalchemy import select

from eduforum.core import audit, clock
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.events import services as events
from eduforum.events.changes import Diff
from eduforum.events.models import Event
from eduforum.events.queries import is_used
from eduforum.events.rules import InUse
from eduforum.schedule.models import Session

_IN_CALENDARS = ("name_zh", "name_en", "starts_at", "ends_at", "room_id", "cancelled")


def event_with_id(event_id: int) -> Event:
    event = db.session.get(Event, event_id)
    if event is None:
        raise NotFound
    return event


def sessions_in(event_id: int) -> Sequence[Session]:
    return db.session.scalars(select(Session).where(Session.event_id == event_id)).all()


def bump(session: Session, diff: Diff) -> None:
    """Let calendars and the public pages learn that the session is otherwise."""
    if diff:
        session.updated_at = clock.now()
        session.sequence += diff.touches(*_IN_CALENDARS)
        events.touch(session.event.series)


def check_unused(session: Session) -> None:
    """Raise `InUse` if somebody signed up for the session or seats are counted in it."""
    if is_used(session, besides=("session_people",)):
        raise InUse(
            Text(
                "已有人报名场次“{name}”，或有名额用到它，不能删除。",
                "People signed up for the session “{name}”, or seats are counted in it, "
                "so it cannot be deleted.",
            ).fill(name=session.name)
        )


def record(action: str, subject: str, series_id: int, diff: Diff) -> None:
    audit.record(action, subject, series_id=series_id, before=diff.before, after=diff.after)
