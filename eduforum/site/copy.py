"""Hand a series over to next year's host: the same programme under another host, on other days."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import inspect, select

from eduforum.checkin.models import Point
from eduforum.core import audit, clock
from eduforum.core.dates import local
from eduforum.core.db import Model, db, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events import services as events
from eduforum.events.models import Event, Grant, Region, Series
from eduforum.events.queries import events_of, regions
from eduforum.events.rules import EventState
from eduforum.events.services import SeriesInput
from eduforum.press.models import EventPlaces, PressSettings, PressWindow
from eduforum.questions.models import QuestionForm
from eduforum.questions.queries import forms_of, versions_of
from eduforum.registration.models import Category, Pool
from eduforum.registration.queries import categories_of, pools_of
from eduforum.schedule.models import Room, Session
from eduforum.schedule.queries import sessions_of
from eduforum.web.access import Role

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyInput:
    """What is other in the new series. region_code: of the host. day_1: of its first event.

    name_zh, name_en: "" keeps the old name.
    """

    slug: str
    region_code: str
    day_1: date
    name_zh: str = ""
    name_en: str = ""


def region_named(text: str) -> Region | None:
    """The region with exactly this code or name, in either language."""
    name = clean(text)
    return next((r for r in regions() if name in (r.code, r.name_zh, r.name_en)), None)


def copy_series(old_id: int, given: CopyInput, *, organiser_id: int | None = None) -> Series:
    """Copy a series: events, sessions without their people, rooms, forms, categories, pools with
    all seats free, points, and how the press is taken; no registrations, agreements, plaques,
    topics or outlets.

    Every day keeps its distance from day 1, every hour stays; the copy is not published.
    organiser_id: who copies, and so becomes an organiser of the copy.
    Raises `BadInput` beside `slug`, `host` or `day_1`.
    """
    with transaction():
        old = db.session.get_one(Series, old_id)
        region = db.session.get(Region, given.region_code)
        if region is None:
            sentence = Text("请选择下一届的主办地区。", "Choose the region that hosts next.")
            raise BadInput(sentence, {"host": [sentence]})
        new = events.create_series(given.slug, _described(old, region, given))
        new.aliases, new.copied_from_id = list(old.aliases), old.id
        new.press_places, new.press_per_outlet = old.press_places, old.press_per_outlet
        _Copy(old, new, given.day_1).run()
        if organiser_id is not None:
            db.session.add(Grant(user_id=organiser_id, series_id=new.id, role=Role.ORGANISER))
        db.session.flush()
        audit.record(
            "series.copy", f"series:{new.id}", series_id=new.id, after={"copied_from": old.slug}
        )
    return new


def _described(old: Series, region: Region, given: CopyInput) -> SeriesInput:
    return SeriesInput(
        name_zh=given.name_zh or old.name_zh,
        name_en=given.name_en or ("" if given.name_zh else old.name_en),
        edition=None if old.edition is None else old.edition + 1,
        host=region.name_zh,
        host_en=region.name_en,
        host_region_code=region.code,
        time_zone=old.time_zone,
        sample=old.sample,
    )


@dataclass(slots=True)
class _Copy:
    """Copies what belongs to `old` to `new`, and remembers what became what."""

    old: Series
    new: Series
    day_1: date
    moved: timedelta = timedelta()
    rooms: dict[int, int] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    sessions: dict[UUID, UUID] = field(default_factory=dict)
    categories: dict[int, int] = field(default_factory=dict)
    forms: dict[int, int] = field(default_factory=dict)

    def run(self) -> None:
        programme = events_of(self.old.id)
        if programme:
            self.moved = self.day_1 - local(programme[0].starts_at, self.old.time_zone).date()
        for room in db.session.scalars(select(Room).where(Room.series_id == self.old.id)):
            self.rooms[room.id] = self._add(_twin(room, series_id=self.new.id)).id
        for event in programme:
            self._event(event)
        for session in sessions_of(self.old.id):
            self._session(session)
        self._registration()
        for point in db.session.scalars(select(Point).where(Point.series_id == self.old.id)):
            self._point(point)
        self._press()

    def _registration(self) -> None:
        """What one registers for: forms, categories, seats."""
        for form in forms_of(self.old.id):
            self._form(form)
        for category in categories_of(self.old.id):
            self._category(category)
        for pool in pools_of(self.old.id):
            self._pool(pool)

    def _event(self, event: Event) -> None:
        self.events[event.id] = self._add(
            _twin(
                event,
                series_id=self.new.id,
                state=EventState.SCHEDULED,
                starts_at=self._later(event.starts_at),
                ends_at=self._later(event.ends_at),
                said="",
                topics=[],
                sequence=0,
            )
        )

    def _session(self, session: Session) -> None:
        twin = _twin(
            session,
            event_id=self.events[session.event_id].id,
            starts_at=self._later(session.starts_at),
            ends_at=self._later(session.ends_at),
            room_id=self.rooms.get(session.room_id or 0),
            cancelled=False,
            sequence=0,
        )
        self.sessions[session.id] = self._add(twin).id

    def _form(self, form: QuestionForm) -> None:
        """What it asks now is the first version of the copy, what is drafted its draft."""
        later = form.later_until and self._later(form.later_until)
        twin = self._add(_twin(form, series_id=self.new.id, later_until=later))
        versions = versions_of(form.id)
        draft = next((one for one in versions if one.published_at is None), None)
        asked = next((one for one in versions if one.published_at is not None), None)
        for number, version in enumerate((one for one in (asked, draft) if one), 1):
            at = clock.now() if version is asked else None
            self._add(_twin(version, form_id=twin.id, number=number, published_at=at))
        self.forms[form.id] = twin.id

    def _category(self, category: Category) -> None:
        twin = _twin(
            category,
            series_id=self.new.id,
            opens_at=self._later(category.opens_at),
            closes_at=self._later(category.closes_at),
            edit_until=self._later(category.edit_until),
            form_id=self.forms[category.form_id] if category.form_id else None,
        )
        twin.events = [self.events[event.id] for event in category.events]
        self.categories[category.id] = self._add(twin).id

    def _pool(self, pool: Pool) -> None:
        if pool.delegation_id or pool.invitation_id:
            return  # next time other units and other people are asked
        self._add(
            _twin(
                pool,
                series_id=self.new.id,
                event_id=self.events[pool.event_id].id if pool.event_id else None,
                category_id=self.categories[pool.category_id] if pool.category_id else None,
                session_id=self.sessions[pool.session_id] if pool.session_id else None,
                held=0,
                waiting=0,
                grandfathered=0,
                blocked=0,
                release_at=pool.release_at and self._later(pool.release_at),
            )
        )

    def _point(self, point: Point) -> None:
        sessions = {str(old): str(new) for old, new in self.sessions.items()}
        event_ids = [self.events[n].id for n in point.event_ids if n in self.events]
        session_ids = [sessions[n] for n in point.session_ids if n in sessions]
        if (point.event_ids and not event_ids) or (point.session_ids and not session_ids):
            return  # an empty list asks for nothing: the copy would admit everybody
        self._add(
            _twin(
                point,
                series_id=self.new.id,
                event_ids=event_ids,
                session_ids=session_ids,
                opens_at=point.opens_at and self._later(point.opens_at),
                closes_at=point.closes_at and self._later(point.closes_at),
            )
        )

    def _press(self) -> None:
        """Windows, required fields, criteria and places; a zone is a point and goes with those."""
        settings = db.session.get(PressSettings, self.old.id)
        if settings is not None:
            until = settings.collect_by and self._later(settings.collect_by)
            self._add(_twin(settings, series_id=self.new.id, collect_by=until))
        windows = select(PressWindow).where(PressWindow.series_id == self.old.id)
        for window in db.session.scalars(windows).all():
            self._add(
                _twin(
                    window,
                    series_id=self.new.id,
                    opens_at=self._later(window.opens_at),
                    closes_at=self._later(window.closes_at),
                )
            )
        places = select(EventPlaces).where(EventPlaces.event_id.in_(self.events))
        for row in db.session.scalars(places).all():
            self._add(_twin(row, event_id=self.events[row.event_id].id))

    def _later(self, moment: datetime) -> datetime:
        """The same hour on the clocks of the series, as many days later as day 1 is."""
        zone = ZoneInfo(self.old.time_zone)
        there = moment.astimezone(zone).replace(tzinfo=None) + self.moved
        return there.replace(tzinfo=zone)

    def _add(self, row: Row) -> Row:
        db.session.add(row)
        db.session.flush()
        return row


def _twin(row: Row, **other: Any) -> Row:
    """A new row with the columns of `row`, but for `other`, its id and its dates of change."""
    mapper = inspect(type(row))
    columns = {attribute.key for attribute in mapper.column_attrs} - {"id", "updated_at"}
    kept = {name: getattr(row, name) for name in columns - other.keys()}
    return type(row)(**kept, **other)
