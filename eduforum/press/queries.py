"""Named reads and locks of applications of the press."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eduforum.accounts.models import User
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.names import clean
from eduforum.core.signing import Purpose, read_link_secret
from eduforum.events.models import Event, KnownOutlet, Organisation, OrganisationAlias, Series
from eduforum.events.queries import days_of_series
from eduforum.press.models import (
    Application,
    InfoRequest,
    Outlet,
    OutletAlias,
    OutletTie,
    PressPerson,
    PressSettings,
    PressWindow,
)
from eduforum.press.rules import MediaGroup, OutletState
from eduforum.press.rules.forms import (
    USUAL_FIELDS,
    USUAL_LEAD,
    Facts,
    Field,
    PersonFacts,
    Window,
)


def by_link(secret: str) -> Application:
    """The application behind a personal link. Raises `NotFound` for any other secret."""
    opened = read_link_secret(Purpose.PRESS, secret)
    if opened is None:
        raise NotFound
    found = db.session.scalar(
        select(Application)
        .where(Application.id == opened[0], Application.erased_at.is_(None))
        .options(joinedload(Application.series), joinedload(Application.outlet))
    )
    if found is None or found.link_version != opened[1]:
        raise NotFound
    return found


def application_or_404(series_id: int, application_id: UUID) -> Application:
    found = db.session.scalar(
        select(Application)
        .where(Application.series_id == series_id, Application.id == application_id)
        .options(joinedload(Application.series), joinedload(Application.outlet))
    )
    if found is None:
        raise NotFound
    return found


def locked_application(series_id: int, application_id: UUID) -> Application:
    """The application as it is now, locked until the transaction ends."""
    found = db.session.scalar(
        select(Application)
        .where(Application.series_id == series_id, Application.id == application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def by_number(series_id: int, number: str) -> Application | None:
    """The application with this receipt number."""
    return db.session.scalar(
        select(Application).where(
            Application.series_id == series_id,
            Application.number == number,
            Application.number != "",
            Application.erased_at.is_(None),
        )
    )


def people_of(application_id: UUID) -> Sequence[PressPerson]:
    """The people of an application in their order, with all that belongs to them."""
    return db.session.scalars(
        select(PressPerson)
        .where(PressPerson.application_id == application_id)
        .order_by(PressPerson.place, PressPerson.id)
        .options(
            selectinload(PressPerson.events),
            selectinload(PressPerson.equipment),
            selectinload(PressPerson.interviews),
        )
        .execution_options(populate_existing=True)
    ).all()


def person_or_404(series_id: int, application_id: UUID, person_id: UUID) -> PressPerson:
    found = db.session.scalar(
        select(PressPerson)
        .where(
            PressPerson.series_id == series_id,
            PressPerson.application_id == application_id,
            PressPerson.id == person_id,
        )
        .options(
            selectinload(PressPerson.events),
            selectinload(PressPerson.equipment),
            selectinload(PressPerson.interviews),
        )
    )
    if found is None:
        raise NotFound
    return found


def outlet_named(text: str) -> Outlet | None:
    """The outlet with exactly this name or alias; never a guess from a part of it."""
    name = clean(text)
    if not name:
        return None
    aliased = select(OutletAlias.outlet_id).where(OutletAlias.alias == name)
    unit = select(OrganisationAlias.organisation_id).where(OrganisationAlias.alias == name)
    return db.session.scalar(
        select(Outlet)
        .where(
            or_(
                Outlet.name_zh == name,
                func.lower(Outlet.name_en) == name.lower(),
                Outlet.id.in_(aliased),
                Outlet.organisation_id.in_(unit),
            )
        )
        .order_by(Outlet.name_zh != name)
        .limit(1)
    )


def announced_unit(series_id: int, text: str) -> Organisation | None:
    """The media house of this name or alias that the series' announcement names."""
    name = clean(text)
    aliased = select(OrganisationAlias.organisation_id).where(OrganisationAlias.alias == name)
    return db.session.scalar(
        select(Organisation)
        .join(KnownOutlet, KnownOutlet.organisation_id == Organisation.id)
        .where(
            KnownOutlet.series_id == series_id,
            or_(Organisation.name_zh == name, Organisation.id.in_(aliased)),
        )
        .limit(1)
    )


def is_announced(series_id: int, outlet: Outlet) -> bool:
    """Whether the series' announcement names this outlet."""
    if outlet.organisation_id is None:
        return False
    return db.session.get(KnownOutlet, (series_id, outlet.organisation_id)) is not None


def names_to_choose(series_id: int) -> Sequence[str]:
    """Names of the outlets that are known, for the field to offer."""
    verified = select(Outlet.name_zh.label("name")).where(Outlet.state == OutletState.VERIFIED)
    announced = (
        select(Organisation.name_zh.label("name"))
        .join(KnownOutlet, KnownOutlet.organisation_id == Organisation.id)
        .where(KnownOutlet.series_id == series_id)
    )
    both = verified.union(announced).subquery()
    return db.session.scalars(select(both.c.name).order_by(both.c.name).limit(500)).all()


def settings_of(series_id: int) -> PressSettings:
    """What the press office of the series decided; as it comes, where it decided nothing."""
    found = db.session.get(PressSettings, series_id)
    return found or PressSettings(
        series_id=series_id,
        criteria_zh="",
        criteria_en="",
        ranking=[],
        answer_days=2,
        security_check=False,
    )


def windows_of(series_id: int) -> Mapping[MediaGroup, Window]:
    """The window of each group; the usual one where the office set none."""
    rows = {
        row.media_group: row
        for row in db.session.scalars(select(PressWindow).where(PressWindow.series_id == series_id))
    }
    usual = _usual_windows(series_id)
    return {
        group: Window(
            group,
            rows[group].opens_at,
            rows[group].closes_at,
            frozenset(Field(code) for code in rows[group].required),
        )
        if group in rows
        else usual[group]
        for group in MediaGroup
    }


def _usual_windows(series_id: int) -> Mapping[MediaGroup, Window]:
    days = days_of_series([series_id]).get(series_id)
    return {
        group: Window(group, None, days[0] - USUAL_LEAD[group] if days else None, USUAL_FIELDS[group])
        for group in MediaGroup
    }  # fmt: skip


def facts_of(application: Application, people: Sequence[PressPerson]) -> Facts:
    """What is filled in, as the rules want it."""
    return Facts(
        focal=bool(application.focal_name and application.focal_email),
        letter=application.letter_id is not None,
        customs=application.customs_id is not None,
        people=[_facts_of(person) for person in people],
    )


def _facts_of(person: PressPerson) -> PersonFacts:
    filled = {
        Field.PRESS_CARD: bool(person.press_card),
        Field.ID_NUMBER: bool(person.id_index),
        Field.MOBILE: bool(person.mobile),
        Field.EQUIPMENT: bool(person.equipment),
        Field.NATIONALITY: bool(person.nationality),
        Field.VISA: bool(person.visa.value),
    }
    return PersonFacts(
        key=str(person.id),
        name=person.name,
        role=person.role,
        photo=person.photo_id is not None,
        events=bool(person.events),
        filled=frozenset(field for field, there in filled.items() if there),
    )


def requests_of(application_id: UUID) -> Sequence[InfoRequest]:
    """What the outlet was asked for, the first round first."""
    return db.session.scalars(
        select(InfoRequest)
        .where(InfoRequest.application_id == application_id)
        .order_by(InfoRequest.round)
        .options(selectinload(InfoRequest.items))
        .execution_options(populate_existing=True)
    ).all()


def open_request(application_id: UUID) -> InfoRequest | None:
    """The round that waits for an answer."""
    return db.session.scalar(
        select(InfoRequest)
        .where(InfoRequest.application_id == application_id, InfoRequest.answered_at.is_(None))
        .order_by(InfoRequest.round.desc())
        .options(selectinload(InfoRequest.items))
        .limit(1)
    )


def is_tied(application: Application, actor: str) -> bool:
    """Whether an officer belongs to the outlet: declared, or the focal person's own address."""
    kind, _, key = actor.partition(":")
    if kind != "user" or application.outlet_id is None:
        return False
    if db.session.get(OutletTie, (application.outlet_id, actor)) is not None:
        return True
    user = db.session.get(User, int(key))
    return user is not None and user.email == application.focal_email


def to_be_reminded(now: datetime, ahead: timedelta, limit: int) -> Sequence[tuple[int, UUID, UUID]]:
    """(series, application, request) of rounds whose time to answer ends within `ahead`."""
    rows = db.session.execute(
        select(Application.series_id, Application.id, InfoRequest.id)
        .join(InfoRequest, InfoRequest.application_id == Application.id)
        .where(
            Application.state == "needs_info",
            InfoRequest.answered_at.is_(None),
            InfoRequest.reminded_at.is_(None),
            InfoRequest.answer_by > now,
            InfoRequest.answer_by <= now + ahead,
        )
        .order_by(InfoRequest.answer_by)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def old_drafts(before: datetime, limit: int) -> Sequence[tuple[int, UUID]]:
    """Drafts that nobody has touched since `before`."""
    rows = db.session.execute(
        select(Application.series_id, Application.id)
        .where(Application.state == "draft", Application.updated_at < before)
        .order_by(Application.updated_at)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def events_by_id(series_id: int) -> Mapping[int, Event]:
    """The events of a series in the order of their times."""
    rows = db.session.scalars(
        select(Event)
        .where(Event.series_id == series_id)
        .order_by(Event.starts_at, Event.position, Event.id)
    )
    return {event.id: event for event in rows}


def doubles_of(
    series_id: int, people: Collection[PressPerson]
) -> Mapping[UUID, Sequence[PressPerson]]:
    """Who of other applications is the same person: same document, press card, or name and mobile."""
    found: dict[UUID, list[PressPerson]] = {}
    if not people:
        return found
    here = {person.application_id for person in people}
    others = db.session.scalars(
        select(PressPerson)
        .join(Application, Application.id == PressPerson.application_id)
        .where(
            PressPerson.series_id == series_id,
            PressPerson.application_id.not_in(here),
            PressPerson.state.not_in(("withdrawn", "closed")),
            Application.state.not_in(("draft", "withdrawn", "closed")),
            or_(
                PressPerson.id_index.in_([p.id_index for p in people if p.id_index]),
                PressPerson.press_card.in_([p.press_card for p in people if p.press_card]),
                PressPerson.name_key.in_([p.name_key for p in people]),
            ),
        )
        .options(joinedload(PressPerson.application).joinedload(Application.outlet))
        .order_by(PressPerson.id)
    ).all()
    for person in people:
        same = [other for other in others if _is_same(person, other)]
        if same:
            found[person.id] = same
    return found


def _is_same(one: PressPerson, other: PressPerson) -> bool:
    if one.id_index and other.id_index:
        return one.id_index == other.id_index
    if one.press_card and one.press_card == other.press_card:
        return True
    return one.name_key == other.name_key and bool(one.mobile) and one.mobile == other.mobile


def locked_series(series_id: int) -> Series:
    """The series, locked: places of the press are counted and given out one after the other."""
    found = db.session.scalar(
        select(Series)
        .where(Series.id == series_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
