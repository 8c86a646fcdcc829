"""Named reads of sessions, agreements and plaques."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.events.models import Event, Series
from eduforum.events.queries import events_of
from eduforum.schedule.models import Agreement, AgreementParty, Plaque, Room, Session


class _BelongsToEvent(Protocol):
    event_id: int


T = TypeVar("T", bound=_BelongsToEvent)


@dataclass(frozen=True, slots=True)
class Programme:
    """All that a series' schedule shows: its events in order, and what belongs to each by its id.

    The loader makes one session of the same slug for every event, its mirror.
    """

    series: Series
    events: Sequence[Event]
    sessions: Mapping[int, Sequence[Session]]
    agreements: Mapping[int, Sequence[Agreement]]
    plaques: Mapping[int, Sequence[Plaque]]

    def mirror(self, event: Event) -> Session | None:
        """The session that stands for the event as a whole."""
        return next((s for s in self.sessions.get(event.id, ()) if s.slug == event.slug), None)

    def inner(self, event: Event) -> list[Session]:
        """The sessions within the event, without its mirror."""
        return [s for s in self.sessions.get(event.id, ()) if s.slug != event.slug]


def programme(series: Series) -> Programme:
    """Read the whole schedule in four queries, however long it is."""
    return Programme(
        series=series,
        events=events_of(series.id),
        sessions=_by_event(sessions_of(series.id)),
        agreements=_by_event(agreements_of(series.id)),
        plaques=_by_event(plaques_of(series.id)),
    )


def sessions_of(series_id: int) -> Sequence[Session]:
    """The sessions of a series with their rooms and people, in the order of time."""
    return (
        db.session.scalars(
            select(Session)
            .join(Session.event)
            .where(Event.series_id == series_id)
            .order_by(Session.starts_at, Session.position, Session.id)
            .options(
                contains_eager(Session.event), joinedload(Session.room), joinedload(Session.people)
            )
        )
        .unique()
        .all()
    )


def agreements_of(series_id: int) -> Sequence[Agreement]:
    """The agreements of a series with their parties, in the order of signing."""
    return (
        db.session.scalars(
            select(Agreement)
            .join(Event, Event.id == Agreement.event_id)
            .where(Event.series_id == series_id)
            .order_by(Agreement.position, Agreement.id)
            .options(joinedload(Agreement.parties).joinedload(AgreementParty.organisation))
        )
        .unique()
        .all()
    )


def plaques_of(series_id: int) -> Sequence[Plaque]:
    return db.session.scalars(
        select(Plaque)
        .join(Event, Event.id == Plaque.event_id)
        .where(Event.series_id == series_id)
        .order_by(Plaque.position, Plaque.id)
    ).all()


def rooms_of(series_id: int) -> Sequence[Room]:
    """The rooms of a series, by name."""
    return db.session.scalars(
        select(Room).where(Room.series_id == series_id).order_by(Room.name_zh, Room.id)
    ).all()


def room_or_404(series_id: int, room_id: int) -> Room:
    room = db.session.get(Room, room_id)
    if room is None or room.series_id != series_id:
        raise NotFound
    return room


def session_or_404(event_id: int, session_id: UUID) -> Session:
    session = db.session.get(Session, session_id)
    if session is None or session.event_id != event_id:
        raise NotFound
    return session


def agreement_or_404(event_id: int, agreement_id: int) -> Agreement:
    agreement = db.session.get(Agreement, agreement_id)
    if agreement is None or agreement.event_id != event_id:
        raise NotFound
    return agreement


def _by_event(things: Iterable[T]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for thing in things:
        found[thing.event_id].append(thing)
    return dict(found)
