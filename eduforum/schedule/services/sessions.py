"""Sessions and who speaks in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.events import services as events
from eduforum.events.changes import Diff, apply
from eduforum.events.rules import InUse, check_period
from eduforum.schedule.models import Session, SessionPerson
from eduforum.schedule.rules import Part
from eduforum.schedule.services.shared import (
    bump,
    check_unused,
    event_with_id,
    record,
    sessions_in,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInput:
    """Somebody on stage."""

    part: Part
    name: str
    organisation: str = ""
    title: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInput:
    """An item of the schedule within an event. people: in the order in which they are named."""

    name_zh: str
    name_en: str = ""
    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    track: str = ""
    abstract_zh: str = ""
    abstract_en: str = ""
    people: tuple[PersonInput, ...] = ()


def create_session(event_id: int, given: SessionInput) -> Session:
    """Add a session to an event. Raises `BadInput` beside `ends_at`."""
    check_period(given.starts_at, given.ends_at)
    with transaction():
        event = event_with_id(event_id)
        slugs = {session.slug for session in sessions_in(event_id)}
        number = next(n for n in range(1, len(slugs) + 2) if f"{event.slug}-{n}" not in slugs)
        session = Session(event=event, slug=f"{event.slug}-{number}", **_session_values(given))
        session.people = _people(given)
        db.session.add(session)
        events.touch(event.series)
        db.session.flush()
        after = {"name_zh": session.name_zh, "event": event.slug}
        audit.record(
            "session.create", f"session:{session.id}", series_id=event.series_id, after=after
        )
    return session


def edit_session(session_id: UUID, given: SessionInput) -> Diff:
    """Change a session and who speaks in it. Raises `BadInput` beside `ends_at`.

    The event's own session takes names, times and room from the event, whatever is given.
    """
    check_period(given.starts_at, given.ends_at)
    with transaction():
        session = _locked(session_id)
        event = session.event
        values = _session_values(given)
        if session.slug == event.slug:
            values = {name: values[name] for name in ("track", "abstract_zh", "abstract_en")}
        diff = apply(session, values)
        _set_people(session, given, diff)
        if diff:
            bump(session, diff)
            record("session.edit", f"session:{session.id}", event.series_id, diff)
    return diff


def set_session_cancelled(session_id: UUID, cancelled: bool) -> None:
    """Call a session off, or let it take place after all."""
    with transaction():
        session = _locked(session_id)
        _check_not_own(session)
        diff = apply(session, {"cancelled": cancelled})
        if diff:
            bump(session, diff)
            action = "session.cancel" if cancelled else "session.restore"
            record(action, f"session:{session.id}", session.event.series_id, diff)


def delete_session(session_id: UUID) -> None:
    """Delete a session that nobody signed up for. Raises `InUse`."""
    with transaction():
        session = _locked(session_id)
        _check_not_own(session)
        check_unused(session)
        before = {"name_zh": session.name_zh, "event": session.event.slug}
        series = session.event.series
        audit.record("session.delete", f"session:{session.id}", series_id=series.id, before=before)
        events.touch(series)
        db.session.delete(session)


def _check_not_own(session: Session) -> None:
    if session.slug == session.event.slug:
        raise InUse(
            Text(
                "这是活动本身的场次，随活动一起取消或删除。",
                "This session stands for the event itself. Cancel or delete the event instead.",
            )
        )


def _session_values(given: SessionInput) -> dict[str, Any]:
    names = (
        "name_zh", "name_en", "starts_at", "ends_at", "room_id", "track", "abstract_zh", "abstract_en"
    )  # fmt: skip
    return {name: getattr(given, name) for name in names}


def _people(given: SessionInput) -> list[SessionPerson]:
    return [
        SessionPerson(
            part=person.part,
            name=person.name,
            organisation=person.organisation,
            title=person.title,
            topic=person.topic,
            position=position,
        )
        for position, person in enumerate(given.people)
    ]


def _set_people(session: Session, given: SessionInput, diff: Diff) -> None:
    held, people = _named(session.people), _people(given)
    if held == _named(people):
        return
    diff.before["people"], diff.after["people"] = held, _named(people)
    session.people = people


def _named(people: Sequence[SessionPerson]) -> list[list[str]]:
    return [[p.part.value, p.name, p.organisation, p.title, p.topic] for p in people]


def _locked(session_id: UUID) -> Session:
    session = db.session.get(Session, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotFound
    return session
