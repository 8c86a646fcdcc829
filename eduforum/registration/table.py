"""The desk's table of registrations: what its address filters, sorts and finds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, select, union
from sqlalchemy.orm import InstrumentedAttribute, aliased

from eduforum.core import clock
from eduforum.core.contacts import BadContact, parse_mobile
from eduforum.core.db import db, is_sqlite
from eduforum.core.i18n import Text
from eduforum.core.names import QueryKind, clean, search_terms
from eduforum.events.models import Event, Series
from eduforum.events.queries import events_of
from eduforum.questions.queries import all_asked_by
from eduforum.registration.columns import Known, Row
from eduforum.registration.models import Category, Registration, RegistrationEvent
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.tickets.models import Ticket

CHUNK = 500
"""How many rows are in memory while a file is written."""
MOST_UNITS = 60
_LAST_DIGITS = 4
_other = aliased(Registration)

TABS: dict[str, tuple[State, ...]] = {
    "": (),
    **{
        state.value: (state,)
        for state in (
            State.SUBMITTED,
            State.RETURNED,
            State.CONFIRMED,
            State.WAITLISTED,
            State.OFFERED,
            State.ON_LEAVE,
        )
    },
    "ended": (State.DECLINED, State.WITHDRAWN, State.CANCELLED, State.EXPIRED, State.REPLACED),
}
"""The tabs above the table, by what their address says, with the states they show."""
TAB_NAMES = {
    "": Text("全部", "All"),
    **{state.value: STATE_NAMES[state] for state in State},
    "ended": Text("未通过、已取消", "Ended"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the table shows. Empty: no condition. sort: a key of `SORTS`, `-` in front: downwards.

    by_contact: whether whole mobile numbers and e-mail addresses may be looked for.
    """

    tab: str = ""
    q: str = ""
    categories: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sort: str = "-submitted"
    by_contact: bool = True
    overdue: bool = False
    """Only returned people whose time to answer is over."""

    @property
    def narrows(self) -> bool:
        """Whether anything but the tab is asked for."""
        chosen = (self.q, self.categories, self.events, self.units, self.sources, self.overdue)
        return any(chosen)


SORTS: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "name": (Registration.pinyin_key,),
    "organisation": (
        Registration.organisation_pinyin,
        Registration.organisation,
        Registration.pinyin_key,
    ),
    "category": (Registration.pinyin_key,),
    "state": (Registration.applied_at,),
    "submitted": (Registration.applied_at,),
}
"""What the table can be sorted by. Categories and states have an order of their own: the table
goes through them one after another, and within each by this."""
_FEW = 2_000
"""As many rows are sorted in no time; more are read in the order of an index instead."""


def known_of(series: Series) -> Known:
    categories = db.session.scalars(
        select(Category)
        .where(Category.series_id == series.id)
        .order_by(Category.position, Category.id)
    ).all()
    asked = all_asked_by(one.form_id for one in categories)
    questions = {question.key: question for form in asked.values() for question in form.questions}
    return Known(
        series,
        {one.id: one for one in categories},
        {one.id: one for one in events_of(series.id)},
        tuple(questions.values()),
    )


def counts_by_state(series_id: int) -> dict[State, int]:
    rows = db.session.execute(
        select(Registration.state, func.count())
        .where(Registration.series_id == series_id)
        .group_by(Registration.state)
    ).all()
    return dict(rows)


def units_of(series_id: int) -> list[tuple[str, int]]:
    """The units with the most people, as they stand in the registrations, and how many."""
    people = func.count()
    rows = db.session.execute(
        select(Registration.organisation, people)
        .where(Registration.series_id == series_id, Registration.organisation != "")
        .group_by(Registration.organisation)
        .order_by(people.desc(), Registration.organisation)
        .limit(MOST_UNITS)
    )
    return [(unit, count) for unit, count in rows]


def total(known: Known, shown: Filter, by_state: Mapping[State, int]) -> int:
    """How many people the table shows on all its pages; by_state: of the whole series."""
    if not shown.narrows:
        states = TABS[shown.tab] or tuple(State)
        return sum(by_state.get(state, 0) for state in states)
    return _count(conditions(known, shown))


def ids(
    known: Known, shown: Filter, *, limit: int | None = None, offset: int = 0
) -> Sequence[UUID]:
    """The ids of what the table shows, in its order."""
    key, is_down = shown.sort.removeprefix("-"), shown.sort.startswith("-")
    wanted = conditions(known, shown, walks=not shown.narrows and _walks(known, shown))
    groups = _groups(known, key)
    if is_down and groups:
        groups, is_down = groups[::-1], False
    found: list[UUID] = []
    for group in groups or [()]:
        here = [*wanted, *group]
        most = None if limit is None else limit - len(found)
        part = db.session.scalars(_ordered(here, key, is_down).limit(most).offset(offset)).all()
        found += part
        if limit is not None and len(found) >= limit:
            break
        if part:
            offset = 0
        elif offset:
            offset -= _count(here)
    return found


def rows_of(known: Known, wanted: Sequence[UUID]) -> list[Row]:
    """The rows with these ids, in their order."""
    registration = Registration
    found = db.session.execute(
        select(
            registration.id,
            registration.name,
            registration.organisation,
            registration.position,
            registration.category_id,
            registration.state,
            registration.mode,
            registration.mobile,
            registration.email,
            registration.id_type,
            registration.id_number,
            registration.source,
            registration.sample,
            registration.answers,
            registration.applied_at,
            registration.updated_at,
            func.coalesce(registration.offer_expires_at, registration.answer_by).label("deadline"),
            func.coalesce(Ticket.staff_code, "").label("staff_code"),
        )
        .outerjoin(Ticket, Ticket.id == registration.ticket_id)
        .where(registration.id.in_(wanted))
    )
    chosen = _events_of(known, wanted)
    by_id = {
        row.id: Row(
            category=known.categories[row.category_id],
            events=tuple(chosen.get(row.id, ())),
            **{name: value for name, value in row._mapping.items() if name != "category_id"},
        )
        for row in found
    }
    return [by_id[one] for one in wanted if one in by_id]


def every_row(known: Known, wanted: Sequence[UUID]) -> Iterator[Row]:
    """The rows with these ids, a few at a time: for files."""
    for start in range(0, len(wanted), CHUNK):
        yield from rows_of(known, wanted[start : start + CHUNK])


def _events_of(known: Known, wanted: Sequence[UUID]) -> dict[UUID, list[Event]]:
    """The chosen events of each, in the order of the schedule."""
    place = {event_id: place for place, event_id in enumerate(known.events)}
    pairs = db.session.execute(
        select(RegistrationEvent.registration_id, RegistrationEvent.event_id).where(
            RegistrationEvent.registration_id.in_(wanted)
        )
    ).all()
    chosen: dict[UUID, list[Event]] = {}
    for registration_id, event_id in sorted(pairs, key=lambda pair: place[pair[1]]):
        chosen.setdefault(registration_id, []).append(known.events[event_id])
    return chosen


def _groups(known: Known, key: str) -> list[tuple[ColumnElement[bool], ...]]:
    """What the table goes through one after another; empty for a sort without groups.

    Each group is read in the order of an index, and reading ends with the page.
    """
    if key == "category":
        return [(Registration.category_id == category_id,) for category_id in known.categories]
    if key == "state":
        return [(Registration.state == state,) for state in State]
    return []


def _ordered(wanted: Sequence[ColumnElement[bool]], key: str, is_down: bool) -> Select[UUID]:
    order = [column.desc() if is_down else column for column in (*SORTS[key], Registration.id)]
    return select(Registration.id).where(*wanted).order_by(*order)


def _count(wanted: Sequence[ColumnElement[bool]]) -> int:
    return db.session.execute(
        select(func.count()).select_from(Registration).where(*wanted)
    ).scalar_one()


def _walks(known: Known, shown: Filter) -> bool:
    """Whether a tab holds so many that they are better read in the table's order, passing over
    the others, than picked out and sorted. PostgreSQL knows that by itself."""
    by = shown.sort.removeprefix("-")
    if not TABS[shown.tab] or by in ("submitted", "state") or not is_sqlite():
        return False
    few = select(Registration.id).where(*conditions(known, shown)).limit(_FEW).subquery()
    return db.session.execute(select(func.count()).select_from(few)).scalar_one() == _FEW


def conditions(known: Known, shown: Filter, *, walks: bool = False) -> list[ColumnElement[bool]]:
    """What a registration must be like to be shown; the API's list asks the same.

    walks: SQLite shall not look states up by their index.
    """
    series_id = known.series.id
    # Those found by a search are of this series; said twice, SQLite would go through all of it.
    found = [_found(series_id, shown) if shown.q else Registration.series_id == series_id]
    states = TABS[shown.tab]
    if walks:
        state = cast(Registration.state, String)
        found += [state.in_([one.value for one in states])] if states else []
    elif len(states) == 1:  # said so, SQLite takes the index of states
        found.append(Registration.state == states[0])
    elif states:
        found.append(Registration.state.in_(states))
    if shown.categories:
        wanted = [one.id for one in known.categories.values() if one.code in shown.categories]
        found.append(Registration.category_id.in_(wanted))
    if shown.events:
        events = [one.id for one in known.events.values() if one.slug in shown.events]
        here = select(RegistrationEvent.registration_id)
        found.append(Registration.id.in_(here.where(RegistrationEvent.event_id.in_(events))))
    if shown.units:
        found.append(Registration.organisation.in_(shown.units))
    if shown.sources:
        found.append(Registration.source.in_(shown.sources))
    return [*found, *(_overdue() if shown.overdue else ())]


def _overdue() -> list[ColumnElement[bool]]:
    return [Registration.state == State.RETURNED, Registration.answer_by <= clock.now()]


def _found(series_id: int, shown: Filter) -> ColumnElement[bool]:
    """Any of what may be typed: name, pinyin, initials, unit, mobile or its end, e-mail.

    Each is looked up by its own index and the ids are put together: written with OR, neither
    database would use one.
    """
    query = search_terms(shown.q)
    either = [_at_unit(series_id, shown.q)]
    if query.kind is QueryKind.HAN:
        either.append(_begins(_other.name, query.term))
    if query.kind is QueryKind.LETTERS:
        either.append(_begins(_other.pinyin, query.term))
        either.append(_begins(_other.initials, query.term))
    if query.kind is QueryKind.DIGITS and len(query.term) == _LAST_DIGITS:
        either.append(_other.mobile_last4 == query.term)
    if shown.by_contact:
        either += _by_contact(shown.q)
    here = _other.series_id == series_id
    return Registration.id.in_(union(*(select(_other.id).where(here, part) for part in either)))


def _at_unit(series_id: int, typed: str) -> ColumnElement[bool]:
    """At a unit whose name contains this.

    The names are found by stepping through their index from one to the next: units are few.
    """
    unit = aliased(Registration)
    first = select(func.min(unit.organisation).label("name")).where(
        unit.series_id == series_id, unit.organisation != ""
    )
    names = first.cte("units", recursive=True)
    following = (
        select(func.min(unit.organisation))
        .where(unit.series_id == series_id, unit.organisation > names.c.name)
        .scalar_subquery()
    )
    names = names.union_all(select(following).where(names.c.name.is_not(None)))
    part = clean(typed).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return _other.organisation.in_(
        select(names.c.name).where(names.c.name.ilike(f"%{part}%", escape="\\"))
    )


def _by_contact(typed: str) -> list[ColumnElement[bool]]:
    if "@" in typed:
        return [_other.email == clean(typed).lower()]
    try:
        return [_other.mobile == parse_mobile(typed)]
    except BadContact:
        return []


def _begins(column: InstrumentedAttribute[str], term: str) -> ColumnElement[bool]:
    """`column` begins with an escaped `term`, by its index: SQLite uses one for a range only."""
    condition = column.like(f"{term}%", escape="\\")
    if not is_sqlite():
        return condition
    plain = term.replace("\\", "")
    return and_(column >= plain, column < plain + "\U0010ffff", condition)
