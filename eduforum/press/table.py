"""The press office's queue: filtered, searched, a page at a time, with always as many queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.names import QueryKind, clean, search_terms
from eduforum.press.models import Application, InfoRequest, Outlet, PressPerson, PressPersonEvent
from eduforum.press.rules import MediaGroup, OutletType, State
from eduforum.press.rules.states import LIVE_PASSES, WAITING


class Tab(StrEnum):
    """What the office looks at together."""

    TO_DO = "to_do"
    NEEDS_INFO = "needs_info"
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"
    ALL = "all"


TABS: Mapping[Tab, frozenset[State]] = {
    Tab.TO_DO: WAITING,
    Tab.NEEDS_INFO: frozenset({State.NEEDS_INFO}),
    Tab.HELD: frozenset({State.HELD}),
    Tab.APPROVED: frozenset({State.APPROVED}),
    Tab.REJECTED: frozenset({State.REJECTED, State.UPHELD}),
    Tab.ALL: frozenset(State) - {State.DRAFT},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list. claimed: "mine" or "free"; second: with zones that wait for a second officer."""

    tab: Tab = Tab.TO_DO
    q: str = ""
    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    claimed: str = ""
    second: bool = False
    overdue: bool = False
    actor: str = ""

    @property
    def narrows(self) -> bool:
        return bool(
            self.q or self.types or self.groups or self.events or self.claimed
            or self.second or self.overdue
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """An application in the list, with what is counted of its people."""

    application: Application
    people: int
    granted: int
    second: int
    answer_by: datetime | None


def counts_by_state(series_id: int) -> Mapping[State, int]:
    rows = db.session.execute(
        select(Application.state, func.count())
        .where(Application.series_id == series_id)
        .group_by(Application.state)
    )
    return dict(rows.all())


def waiting_for_second(series_id: int) -> int:
    """How many people have zones that a second officer has yet to agree to."""
    return db.session.execute(
        select(func.count())
        .select_from(PressPerson)
        .where(PressPerson.series_id == series_id, PressPerson.proposed_by != "")
    ).scalar_one()


def count(series_id: int, wanted: Filter, now: datetime) -> int:
    return db.session.execute(
        select(func.count())
        .select_from(Application)
        .outerjoin(Outlet, Outlet.id == Application.outlet_id)
        .where(*_conditions(series_id, wanted, now))
    ).scalar_one()


def ids(series_id: int, wanted: Filter, now: datetime, limit: int) -> Sequence[UUID]:
    """Every application that the list shows on all its pages, in its order."""
    return db.session.scalars(
        select(Application.id)
        .outerjoin(Outlet, Outlet.id == Application.outlet_id)
        .where(*_conditions(series_id, wanted, now))
        .order_by(Application.submitted_at, Application.id)
        .limit(limit)
    ).all()


def rows(
    series_id: int, wanted: Filter, now: datetime, *, offset: int, limit: int
) -> Sequence[Row]:
    """One page, the longest waiting first."""
    applications = db.session.scalars(
        select(Application)
        .outerjoin(Outlet, Outlet.id == Application.outlet_id)
        .options(contains_eager(Application.outlet))
        .where(*_conditions(series_id, wanted, now))
        .order_by(Application.submitted_at, Application.id)
        .offset(offset)
        .limit(limit)
    ).all()
    found = [one.id for one in applications]
    counted = {
        row[0]: (row[1], row[2], row[3])
        for row in db.session.execute(
            select(
                PressPerson.application_id,
                func.count(),
                func.count().filter(PressPerson.state.in_(LIVE_PASSES)),
                func.count().filter(PressPerson.proposed_by != ""),
            )
            .where(PressPerson.application_id.in_(found))
            .group_by(PressPerson.application_id)
        )
    }
    deadlines = dict(
        db.session.execute(
            select(InfoRequest.application_id, func.max(InfoRequest.answer_by))
            .where(InfoRequest.application_id.in_(found), InfoRequest.answered_at.is_(None))
            .group_by(InfoRequest.application_id)
        ).all()
    )
    return [
        Row(one, *counted.get(one.id, (0, 0, 0)), deadlines.get(one.id)) for one in applications
    ]


def listed(
    series_id: int, wanted: Filter, state: State | None, *, after: UUID | None, limit: int
) -> Sequence[Application]:
    """For programs: in the order in which they were begun, behind `after`."""
    found = (
        select(Application)
        .outerjoin(Outlet, Outlet.id == Application.outlet_id)
        .options(contains_eager(Application.outlet), joinedload(Application.series))
        .where(*_conditions(series_id, wanted, clock.now()))
        .order_by(Application.id)
        .limit(limit)
    )
    if state is not None:
        found = found.where(Application.state == state)
    if after is not None:
        found = found.where(Application.id > after)
    return db.session.scalars(found).all()


def reachable_or_404(application_id: UUID, series_ids: Collection[int]) -> Application:
    """For programs: an application of one of these series, once more than a draft, or begun by a
    program."""
    found = db.session.scalar(
        select(Application)
        .where(
            Application.id == application_id,
            Application.series_id.in_(series_ids),
            Application.erased_at.is_(None),
            or_(Application.state != State.DRAFT, Application.source == "api"),
        )
        .options(joinedload(Application.series), joinedload(Application.outlet))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def people_by_application(ids: Collection[UUID]) -> Mapping[UUID, Sequence[PressPerson]]:
    """The people of several applications in their order, in two queries."""
    found: dict[UUID, list[PressPerson]] = {}
    rows = db.session.scalars(
        select(PressPerson)
        .where(PressPerson.application_id.in_(ids))
        .order_by(PressPerson.place, PressPerson.id)
        .options(selectinload(PressPerson.events))
        .execution_options(populate_existing=True)
    )
    for person in rows:
        found.setdefault(person.application_id, []).append(person)
    return found


def _conditions(series_id: int, wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Application.series_id == series_id,
        Application.state.in_(TABS[wanted.tab]),
        Application.erased_at.is_(None),
    ]
    if wanted.types:
        kinds = [OutletType(one) for one in wanted.types]
        found.append(Application.outlet_type.in_(kinds))
    if wanted.groups:
        found.append(Application.media_group.in_([MediaGroup(one) for one in wanted.groups]))
    if wanted.events:
        found.append(
            Application.id.in_(
                select(PressPerson.application_id)
                .join(PressPersonEvent, PressPersonEvent.person_id == PressPerson.id)
                .where(PressPersonEvent.event_id.in_(wanted.events))
            )
        )
    found += _claimed(wanted, now)
    if wanted.second:
        found.append(
            Application.id.in_(
                select(PressPerson.application_id).where(
                    PressPerson.series_id == series_id, PressPerson.proposed_by != ""
                )
            )
        )
    if wanted.overdue:
        found.append(
            Application.id.in_(
                select(InfoRequest.application_id).where(
                    InfoRequest.answered_at.is_(None), InfoRequest.answer_by <= now
                )
            )
        )
    if wanted.q:
        found.append(_named(series_id, wanted.q))
    return found


def _claimed(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    if wanted.claimed == "mine":
        return [Application.claimed_by == wanted.actor, Application.claimed_until > now]
    if wanted.claimed == "free":
        return [or_(Application.claimed_until.is_(None), Application.claimed_until <= now)]
    return []


def _named(series_id: int, q: str) -> ColumnElement[bool]:
    """Part of the outlet's name, the receipt number, or the beginning of a person's name."""
    typed, query = clean(q), search_terms(q)
    number = "".join(filter(str.isalnum, typed)).upper()
    like = f"%{typed.replace('%', '').replace('_', '')}%"
    people = select(PressPerson.application_id).where(PressPerson.series_id == series_id)
    match query.kind:
        case QueryKind.HAN:
            people = people.where(PressPerson.name.like(f"{query.term}%", escape="\\"))
        case QueryKind.LETTERS:
            people = people.where(
                or_(
                    PressPerson.pinyin.startswith(query.term),
                    PressPerson.initials.startswith(query.term),
                )
            )
        case _:
            people = people.where(false())
    return or_(
        Application.outlet_name.like(like),
        Outlet.name_zh.like(like),
        Outlet.name_en.ilike(like),
        Application.number == number,
        Application.id.in_(people),
    )
