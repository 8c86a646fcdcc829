"""Named reads and locks of passes and their cards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.press.models import (
    Application,
    Card,
    Outlet,
    PressPerson,
    PressSettings,
    PrintRun,
)
from eduforum.press.rules import PassState
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import BadStaffCode, parse_staff_code

PASSES = (
    PassState.APPROVED, PassState.PRINTED, PassState.COLLECTED, PassState.SUSPENDED,
    PassState.LOST, PassState.REISSUED, PassState.REVOKED, PassState.EXPIRED_UNCOLLECTED,
)  # fmt: skip
"""What the desk of the cards has to do with."""
_TO_PRINT = (PassState.APPROVED, PassState.REISSUED)
_UNCOLLECTED = (PassState.APPROVED, PassState.PRINTED, PassState.REISSUED)


def waiting_ids(series_id: int, limit: int) -> Sequence[UUID]:
    """Whose card is to be printed: outlet by outlet, as they are handed out."""
    return db.session.scalars(
        select(PressPerson.id)
        .join(Application, Application.id == PressPerson.application_id)
        .where(PressPerson.series_id == series_id, PressPerson.state.in_(_TO_PRINT))
        .order_by(Application.outlet_name, PressPerson.application_id, PressPerson.place)
        .limit(limit)
    ).all()


def locked_people(series_id: int, ids: Sequence[UUID]) -> Sequence[PressPerson]:
    """These people as they are now, in the order of `ids`; locked, with all that a card needs."""
    found = {
        person.id: person
        for person in db.session.scalars(
            select(PressPerson)
            .where(PressPerson.series_id == series_id, PressPerson.id.in_(ids))
            .order_by(PressPerson.id)
            .with_for_update(of=PressPerson)
            .options(
                joinedload(PressPerson.application).joinedload(Application.outlet),
                joinedload(PressPerson.application).joinedload(Application.series),
                joinedload(PressPerson.ticket),
                selectinload(PressPerson.events),
            )
            .execution_options(populate_existing=True)
        )
    }
    return [found[one] for one in ids if one in found]


def locked_person(series_id: int, person_id: UUID) -> PressPerson:
    people = locked_people(series_id, [person_id])
    if not people:
        raise NotFound
    return people[0]


def valid_card(person_id: UUID) -> Card | None:
    """The card that is not void."""
    return db.session.scalar(
        select(Card).where(Card.person_id == person_id, Card.voided_at.is_(None))
    )


def cards_of_run(run_id: UUID) -> Sequence[Card]:
    """The cards of a run that are not void, of people who are not forgotten, in the order in which
    they were printed."""
    return db.session.scalars(
        select(Card)
        .join(Card.person)
        .where(Card.run_id == run_id, Card.voided_at.is_(None), PressPerson.erased_at.is_(None))
        .order_by(Card.printed_at, Card.id)
        .options(
            joinedload(Card.ticket),
            joinedload(Card.person)
            .joinedload(PressPerson.application)
            .joinedload(Application.outlet),
        )
    ).all()


def run_or_404(series_id: int, run_id: UUID) -> PrintRun:
    found = db.session.scalar(
        select(PrintRun).where(PrintRun.series_id == series_id, PrintRun.id == run_id)
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run with how many cards it made and how many of them are void."""

    run: PrintRun
    count: int
    void: int


def runs_of(series_id: int) -> Sequence[RunLine]:
    """The runs of a series, the last first."""
    rows = db.session.execute(
        select(PrintRun, func.count(Card.id), func.count(Card.voided_at))
        .join(Card, Card.run_id == PrintRun.id, isouter=True)
        .where(PrintRun.series_id == series_id)
        .group_by(PrintRun.id)
        .order_by(PrintRun.number.desc())
        .limit(200)
    )
    return [RunLine(run, count, void) for run, count, void in rows]


def history_of(person_id: UUID) -> Sequence[Card]:
    """All cards of a person, the newest first."""
    return db.session.scalars(
        select(Card)
        .where(Card.person_id == person_id)
        .order_by(Card.printed_at.desc(), Card.id.desc())
        .options(joinedload(Card.run), joinedload(Card.ticket))
    ).all()


def counts_of(series_id: int) -> Mapping[PassState, int]:
    """How many passes are in which state."""
    rows = db.session.execute(
        select(PressPerson.state, func.count())
        .where(PressPerson.series_id == series_id, PressPerson.state.in_(PASSES))
        .group_by(PressPerson.state)
    )
    return {row[0]: row[1] for row in rows}


def passes(
    series_id: int, *, words: str, states: Sequence[PassState], offset: int, limit: int
) -> tuple[Sequence[PressPerson], int]:
    """Passes found by name, pinyin, card number, receipt number or outlet; and how many there are."""
    query = (
        select(PressPerson)
        .join(Application, Application.id == PressPerson.application_id)
        .join(Outlet, Outlet.id == Application.outlet_id)
        .where(PressPerson.series_id == series_id, PressPerson.state.in_(states or PASSES))
    )
    if words:
        query = _found(query, words)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    people = db.session.scalars(
        query.order_by(Outlet.pinyin, Outlet.name_zh, PressPerson.application_id, PressPerson.place)
        .offset(offset)
        .limit(limit)
        .options(
            joinedload(PressPerson.application).joinedload(Application.outlet),
            joinedload(PressPerson.ticket),
        )
    ).all()
    return people, total


def _found(query: Select[PressPerson], words: str) -> Select[PressPerson]:
    low = words.lower()
    hits = [
        PressPerson.name.contains(words, autoescape=True),
        PressPerson.pinyin.startswith(low.replace(" ", ""), autoescape=True),
        PressPerson.initials.startswith(low, autoescape=True),
        Outlet.name_zh.contains(words, autoescape=True),
        func.lower(Outlet.name_en).contains(low, autoescape=True),
    ]
    try:
        code = parse_staff_code(words)
    except BadStaffCode:
        pass
    else:
        ticket = exists().where(and_(Ticket.id == PressPerson.ticket_id, Ticket.staff_code == code))
        hits += [Application.number == code, ticket]
    return query.where(or_(*hits))


def pass_or_404(series_id: int, person_id: UUID) -> PressPerson:
    found = db.session.scalar(
        select(PressPerson)
        .where(
            PressPerson.series_id == series_id,
            PressPerson.id == person_id,
            PressPerson.state.in_(PASSES),
        )
        .options(
            joinedload(PressPerson.application).joinedload(Application.outlet),
            joinedload(PressPerson.application).joinedload(Application.series),
            joinedload(PressPerson.ticket),
            selectinload(PressPerson.events),
            selectinload(PressPerson.equipment),
        )
    )
    if found is None:
        raise NotFound
    return found


def to_be_called(now: datetime, until: datetime, limit: int) -> Sequence[tuple[int, UUID]]:
    """(series, application) with cards nobody fetched, whose time to do so ends before `until`."""
    return _with_uncollected(
        PressSettings.collect_by > now,
        PressSettings.collect_by <= until,
        Application.last_called_at.is_(None),
        limit=limit,
    )


def uncollected(now: datetime, called_before: datetime, limit: int) -> Sequence[tuple[int, UUID]]:
    """Those whose time is over, and who were called in good time."""
    return _with_uncollected(
        PressSettings.collect_by <= now, Application.last_called_at <= called_before, limit=limit
    )


def _with_uncollected(*conditions: object, limit: int) -> Sequence[tuple[int, UUID]]:
    rows = db.session.execute(
        select(Application.series_id, Application.id)
        .join(PressSettings, PressSettings.series_id == Application.series_id)
        .where(
            exists().where(
                PressPerson.application_id == Application.id, PressPerson.state.in_(_UNCOLLECTED)
            ),
            *conditions,  # type: ignore[arg-type]
        )
        .order_by(Application.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]
