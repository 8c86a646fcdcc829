"""应到, 实到, 请假 and 缺席 of events, sessions, categories, units and delegations: some ten statements in all,
however many people there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Uuid,
    case,
    column,
    func,
    literal,
    select,
    true,
    union_all,
    values,
)

from eduforum.checkin.models import Point
from eduforum.checkin.queries import points_of
from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Organisation, Series
from eduforum.events.queries import events_of
from eduforum.events.rules import EventState
from eduforum.registration.models import (
    Category,
    Delegation,
    Pool,
    Registration,
    RegistrationEvent,
    RegistrationSession,
)
from eduforum.registration.rules import State
from eduforum.reports.queries.seen import (
    EXPECTED,
    Door,
    Place,
    door_of,
    entries,
    event_places,
    seen,
    seen_at_all,
    session_places,
)
from eduforum.reports.rules import Count, Group, add_up, all_of
from eduforum.schedule.models import Session

_R = Registration
_CATEGORY = {"category_id": _R.category_id}
_UNIT = {
    "organisation_id": _R.organisation_id,
    "typed": case((_R.organisation_id.is_(None), _R.organisation), else_=""),
}
_DELEGATION = {"delegation_id": _R.delegation_id}
NO_UNIT = Text("未填单位", "No unit given")


@dataclass(frozen=True, slots=True)
class Unit:
    """Where people come from: a known organisation, or what they typed themselves."""

    id: int | None
    name: Text

    @property
    def typed(self) -> str:
        """As it stands in the registrations; "" for those without a unit."""
        return "" if self.name is NO_UNIT else self.name.zh


@dataclass(frozen=True, slots=True)
class Party:
    """A delegation: its id and its unit."""

    id: UUID
    unit: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the counts are about: read once. Cancelled events and sessions expect nobody.

    sessions: those that count by themselves, because people sign up for them or they have a
    point of their own; the rest is as their event. session_events: of these sessions.
    """

    series: Series
    now: datetime
    points: Sequence[Point]
    events: Sequence[Event]
    sessions: Sequence[Session]
    signed_up: frozenset[UUID]
    door: Door
    places: Sequence[Place]

    @property
    def ends_at(self) -> datetime | None:
        return max((event.ends_at for event in self.events), default=None)

    @property
    def is_over(self) -> bool:
        """Whether the last event has ended."""
        return self.ends_at is not None and self.ends_at <= self.now

    def sessions_in(self, event: Event) -> list[Session]:
        return [session for session in self.sessions if session.event_id == event.id]


@dataclass(frozen=True, slots=True)
class Whole:
    """The series as a whole, each person once; `present` is whoever was let in anywhere.

    arrived: of those expected, who was scanned at an arrival point (报到).
    """

    total: Count
    arrived: int
    categories: Mapping[int, Count]
    units: Mapping[Unit, Count]
    delegations: Mapping[Party, Count]


def known_of(series: Series, now: datetime) -> Known:
    events = [e for e in events_of(series.id) if e.state is EventState.SCHEDULED]
    points = points_of(series.id)
    every = _sessions_of([event.id for event in events])
    with_seats = db.session.scalars(select(Pool.session_id).where(Pool.series_id == series.id))
    signed_up = frozenset(session_id for session_id in with_seats if session_id)
    named = {text for point in points for text in point.session_ids}
    return Known(
        series=series,
        now=now,
        points=points,
        events=events,
        sessions=[s for s in every if s.id in signed_up or str(s.id) in named],
        signed_up=signed_up,
        door=door_of(series.id),
        places=event_places(points, events, every),
    )


def by_event(known: Known) -> dict[int, Count]:
    """The count of every event, by its id."""
    return _every(
        {event.id: _over(known, event.ends_at) for event in known.events},
        ((row.key, _group(row)) for row in _event_rows(known, {})),
    )


def by_event_and_category(known: Known) -> dict[tuple[int, int], Count]:
    over = {event.id: _over(known, event.ends_at) for event in known.events}
    rows = _event_rows(known, _CATEGORY)
    return add_up((((row.key, row.category_id), _group(row)) for row in rows), lambda k: over[k[0]])


def by_event_and_unit(known: Known) -> dict[tuple[int, Unit], Count]:
    over = {event.id: _over(known, event.ends_at) for event in known.events}
    rows = _event_rows(known, _UNIT)
    units = _units(rows)
    return add_up(
        (((row.key, units[_unit_key(row)]), _group(row)) for row in rows), lambda k: over[k[0]]
    )


def by_session(known: Known) -> dict[UUID, Count]:
    """The count of every session that counts by itself: those who signed up for it or, where
    nobody can, everybody of its event."""
    if not known.sessions:
        return {}
    places = session_places(known.points, known.sessions, known.places)
    rows = _rows(known, _signed_up(known), seen(known.door, places, Uuid()), {})
    return _every(
        {session.id: _over(known, session.ends_at) for session in known.sessions},
        ((row.key, _group(row)) for row in rows),
    )


def whole(known: Known) -> Whole:
    """The series, its categories and its units; who misses most comes first."""
    came = seen_at_all(known.door, entries(known.points))
    arrived = func.coalesce(came.c.arrived, 0)
    columns = {**_CATEGORY, **_UNIT, **_DELEGATION, "arrived": arrived}
    inner = (
        select(*_labelled(columns), _on_leave(), came.c.ticket_id.is_not(None).label("seen"))
        .outerjoin(came, came.c.ticket_id == _R.ticket_id)
        .where(_R.series_id == known.series.id, _R.state.in_(EXPECTED))
        .subquery()
    )
    rows = db.session.execute(_counted(inner)).all()
    units = _units(rows)
    categories = add_up(((row.category_id, _group(row)) for row in rows), known.is_over)
    counted = add_up(((units[_unit_key(row)], _group(row)) for row in rows), known.is_over)
    parties = parties_of(known.series.id)
    sent = ((parties[row.delegation_id], _group(row)) for row in rows if row.delegation_id)
    delegations = add_up(sent, known.is_over)
    return Whole(
        total=all_of(categories.values(), is_over=known.is_over),
        arrived=sum(row.people for row in rows if row.arrived),
        categories=categories,
        units=dict(sorted(counted.items(), key=_most_missing)),
        delegations=dict(sorted(delegations.items(), key=_party_missing)),
    )


def by_event_and_delegation(known: Known) -> dict[tuple[int, Party], Count]:
    over = {event.id: _over(known, event.ends_at) for event in known.events}
    parties = parties_of(known.series.id)
    rows = _event_rows(known, _DELEGATION)
    return add_up(
        (((row.key, parties[row.delegation_id]), _group(row)) for row in rows if row.delegation_id),
        lambda k: over[k[0]],
    )


def of_delegations(series: Series) -> dict[UUID, Count]:
    """Who came of each delegation, each person once, as it is now."""
    counted = whole(known_of(series, clock.now())).delegations
    return {party.id: count for party, count in counted.items()}


def parties_of(series_id: int) -> dict[UUID, Party]:
    """The delegations of a series by id, in the order of their units."""
    rows = db.session.execute(
        select(Delegation.id, Delegation.unit)
        .where(Delegation.series_id == series_id)
        .order_by(Delegation.unit, Delegation.id)
    )
    return {delegation_id: Party(delegation_id, unit) for delegation_id, unit in rows}


def categories_of(series_id: int) -> dict[int, Category]:
    """The categories of a series in their order, by id."""
    found = db.session.scalars(
        select(Category)
        .where(Category.series_id == series_id)
        .order_by(Category.position, Category.id)
    )
    return {category.id: category for category in found}


def _event_rows(known: Known, columns: Mapping[str, Any]) -> Sequence[Any]:
    ids = [event.id for event in known.events]
    chosen = (
        select(RegistrationEvent.registration_id, RegistrationEvent.event_id.label("key"))
        .where(RegistrationEvent.event_id.in_(ids))
        .subquery("chosen")
    )
    return _rows(known, chosen, seen(known.door, known.places, Integer()), columns)


def _signed_up(known: Known) -> Subquery:
    """(registration_id, key) of everybody whom a session expects."""
    own = select(RegistrationSession.registration_id, RegistrationSession.session_id.label("key"))
    chosen = own.where(RegistrationSession.session_id.in_(known.signed_up))
    others = [(s.id, s.event_id) for s in known.sessions if s.id not in known.signed_up]
    if not others:
        return chosen.subquery("chosen")
    session = (
        values(column("session_id", Uuid()), column("event_id", Integer()))
        .data(others)
        .cte("session")
    )
    everybody = select(RegistrationEvent.registration_id, session.c.session_id.label("key")).join(
        session, session.c.event_id == RegistrationEvent.event_id
    )
    return union_all(chosen, everybody).subquery("chosen")


def _rows(known: Known, chosen: Subquery, came: CTE, columns: Mapping[str, Any]) -> Sequence[Any]:
    """(key, …, on_leave, seen, people): those who chose a thing, and those who were let in at a
    point of this thing alone without having chosen it."""
    here = (_R.series_id == known.series.id, _R.state.in_(EXPECTED))
    planned = (
        select(
            chosen.c.key,
            *_labelled(columns),
            _on_leave(),
            came.c.ticket_id.is_not(None).label("seen"),
        )
        .select_from(_R)
        .join(chosen, chosen.c.registration_id == _R.id)
        .outerjoin(came, (came.c.ticket_id == _R.ticket_id) & (came.c.key == chosen.c.key))
        .where(*here)
    )
    has_chosen = select(literal(1)).where(
        chosen.c.registration_id == _R.id, chosen.c.key == came.c.key
    )
    besides = (
        select(came.c.key, *_labelled(columns), _on_leave(), true().label("seen"))
        .select_from(_R)
        .join(came, came.c.ticket_id == _R.ticket_id)
        .where(*here, came.c.sole == 1, ~has_chosen.exists())
    )
    return db.session.execute(_counted(union_all(planned, besides).subquery())).all()


def _counted(inner: Subquery) -> Select[*tuple[Any, ...]]:
    return select(*inner.c, func.count().label("people")).group_by(*inner.c)


def _labelled(columns: Mapping[str, Any]) -> Iterator[ColumnElement[Any]]:
    return (value.label(name) for name, value in columns.items())


def _on_leave() -> ColumnElement[bool]:
    return (_R.state == State.ON_LEAVE).label("on_leave")


def _group(row: Any) -> Group:
    return Group(bool(row.on_leave), bool(row.seen), row.people)


def _over(known: Known, ends_at: datetime) -> bool:
    return ends_at <= known.now


def _every(over: Mapping[Any, bool], groups: Iterator[tuple[Any, Group]]) -> dict[Any, Count]:
    """A count for every key of `over`, nought where nobody is expected."""
    counted = add_up(groups, lambda key: over[key])
    return {key: counted.get(key, Count(is_over=is_over)) for key, is_over in over.items()}


def _unit_key(row: Any) -> tuple[int | None, str]:
    return row.organisation_id, row.typed


def _units(rows: Sequence[Any]) -> dict[tuple[int | None, str], Unit]:
    keys = {_unit_key(row) for row in rows}
    ids = {key[0] for key in keys} - {None}
    found = db.session.execute(
        select(Organisation.id, Organisation.name_zh, Organisation.name_en).where(
            Organisation.id.in_(ids)
        )
    )
    names = {unit_id: Text(zh, en) for unit_id, zh, en in found}
    return {
        (unit_id, typed): Unit(
            unit_id, names[unit_id] if unit_id else Text(typed, typed) if typed else NO_UNIT
        )
        for unit_id, typed in keys
    }


def _most_missing(item: tuple[Unit, Count]) -> tuple[int, int, str]:
    unit, count = item
    return -count.missing, -count.expected, unit.name.zh


def _party_missing(item: tuple[Party, Count]) -> tuple[int, int, str]:
    party, count = item
    return -count.missing, -count.expected, party.unit


def _sessions_of(event_ids: Sequence[int]) -> Sequence[Session]:
    return db.session.scalars(
        select(Session)
        .where(Session.event_id.in_(event_ids), Session.cancelled.is_(False))
        .order_by(Session.starts_at, Session.position, Session.id)
    ).all()
