"""Store a checked plan: add what is new, change what is otherwise, leave the rest."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.core.names import pinyin_key
from eduforum.events import services as events
from eduforum.events.changes import apply
from eduforum.events.models import (
    Event,
    KnownOutlet,
    Organisation,
    OrganisationAlias,
    Region,
    Series,
)
from eduforum.events.queries import organisation_named, series_by_slug
from eduforum.events.services import EventInput, SeriesInput
from eduforum.schedule import services as schedule
from eduforum.schedule.models import Agreement, Plaque, Room
from eduforum.schedule.services import AgreementInput, PartyInput, RoomInput
from eduforum.site.loader.nodes import BadFile
from eduforum.site.loader.plans import (
    AgreementPlan,
    EventPlan,
    FilePlan,
    OrganisationPlan,
    PressPlan,
    RegionPlan,
    SeriesPlan,
)
from eduforum.site.loader.report import Report
from eduforum.site.loader.seating import Seating
from eduforum.site.points import ensure_arrival_point, ensure_session_point

_MARKS = {"11": "京", "12": "津", "13": "冀"}


def store(plan: FilePlan, day_1: date, report: Report) -> None:
    """Store all of `plan`; call it inside a transaction. Raises `BadFile` where what is on record
    forbids what the file says.
    """
    _store_regions(plan.regions, report)
    for organisation in plan.organisations:
        _store_organisation(organisation, report)
    for series in plan.series:
        _SeriesLoader(series, day_1, report).store()


def _store_regions(plans: tuple[RegionPlan, ...], report: Report) -> None:
    for plan in plans:
        held = db.session.get(Region, plan.code)
        region = held or Region(code=plan.code)
        values = {
            "name_zh": plan.zh,
            "name_en": plan.en or region.name_en or "",
            "mark": _MARKS.get(plan.code, plan.zh[0]),
            "position": int(plan.code) if plan.code.isdigit() else 0,
        }
        report.note("regions", new=held is None, diff=apply(region, values))
        db.session.add(region)
    db.session.flush()


def _store_organisation(plan: OrganisationPlan, report: Report) -> None:
    held = organisation_named(plan.zh)
    if held and held.name_zh != plan.zh:
        raise BadFile([f"{plan.path}.zh: {plan.zh} is on record as an alias of {held.name_zh}"])
    organisation = held or Organisation(name_zh=plan.zh)
    diff = apply(
        organisation,
        {
            "name_en": plan.en or organisation.name_en or "",
            "pinyin": pinyin_key(plan.zh),
            "type": plan.type.value,
            "region_code": _region_code(plan.region),
        },
    )
    db.session.add(organisation)
    db.session.flush()
    aliased = [_store_alias(plan, alias, organisation.id) for alias in plan.aliases]
    report.note("organisations", new=held is None, diff=bool(diff) or any(aliased))


def _store_alias(plan: OrganisationPlan, alias: str, organisation_id: int) -> bool:
    named = organisation_named(alias)
    if named and named.id == organisation_id:
        return False
    if named:
        raise BadFile([f"{plan.path}.aliases: {alias} is on record as {named.name_zh}"])
    db.session.add(OrganisationAlias(alias=alias, organisation_id=organisation_id))
    db.session.flush()
    return True


def _region_code(name: str) -> str | None:
    """The region of exactly this name: 天津市武清区 and 河北区 are none."""
    if not name:
        return None
    return db.session.scalar(select(Region.code).where(Region.name_zh == name))


class _SeriesLoader:
    """Stores one series."""

    def __init__(self, plan: SeriesPlan, day_1: date, report: Report) -> None:
        self.plan, self.day_1, self.report = plan, day_1, report

    def store(self) -> None:
        series = self._series()
        before = {event.slug: event.starts_at for event in _events(series.id).values()}
        for room_zh in dict.fromkeys(plan.room for plan in self.plan.events if plan.room):
            self._room(series, room_zh)
        for position, plan in enumerate(self.plan.events):
            self._event(series, position, plan)
        Seating(series, _events(series.id), before, self.report).store(self.plan)
        self.report.add("points", ensure_arrival_point(series))
        if self.plan.press:
            self._press(series, self.plan.press)

    def _series(self) -> Series:
        plan = self.plan
        held = series_by_slug(plan.slug)
        given = SeriesInput(
            name_zh=plan.zh,
            name_en=plan.en or (held.name_en if held else ""),
            edition=plan.edition,
            host=plan.host,
            host_en=plan.host_en,
            host_region_code=_region_code(plan.host),
            time_zone=plan.time_zone,
            sample=True,
        )
        more: dict[str, object] = {"said": plan.said, "aliases": list(plan.aliases)}
        if plan.press:
            more |= {
                "press_places": plan.press.places,
                "press_per_outlet": plan.press.per_outlet,
            }
        series = held or events.create_series(plan.slug, given, published=True)
        edited = events.edit_series(series.id, given)
        diff = apply(series, more)
        self.report.note("series", new=held is None, diff=bool(edited) or bool(diff))
        db.session.flush()
        return series

    def _room(self, series: Series, name_zh: str) -> None:
        here = [plan for plan in self.plan.events if plan.room == name_zh]
        held = db.session.scalar(
            select(Room).where(Room.series_id == series.id, Room.name_zh == name_zh)
        )
        seats = [plan.seats for plan in here if plan.seats]
        given = RoomInput(
            name_zh=name_zh,
            name_en=here[0].room_en or (held.name_en if held else ""),
            seats=max(seats, default=held.seats if held else None),
        )
        diff = held and (held.name_en, held.seats) != (given.name_en, given.seats)
        schedule.save_room(series.id, given, held.id if held else None)
        self.report.note("rooms", new=held is None, diff=bool(diff))

    def _event(self, series: Series, position: int, plan: EventPlan) -> None:
        held = _events(series.id).get(plan.slug)
        more: dict[str, object] = {"said": plan.said, "position": position}
        given = self._event_input(plan, held)
        if held is None:
            event = schedule.create_event(series, plan.slug, given, **more)
            self.report.note("events", new=True)
        else:
            event, diff = held, schedule.edit_event(held.id, given, **more)
            self.report.note("events", diff=diff)
        for place, agreement in enumerate(plan.agreements):
            self._agreement(event, place, agreement)
        self._plaques(event, plan)
        made = ensure_session_point(event)
        self.report.add("points", "added" if held is None else made)

    def _event_input(self, plan: EventPlan, held: Event | None) -> EventInput:
        return EventInput(
            name_zh=plan.zh,
            name_en=plan.en or (held.name_en if held else ""),
            kind=plan.kind,
            mode=plan.mode,
            field=plan.field,
            starts_at=self._moment(plan, ends=False),
            ends_at=self._moment(plan, ends=True),
            room=plan.room,
            room_en=plan.room_en or (held.room_en if held and held.room == plan.room else ""),
            description_zh=held.description_zh if held else "",
            description_en=held.description_en if held else "",
            topics=plan.topics,
        )

    def _moment(self, plan: EventPlan, *, ends: bool) -> datetime:
        day = self.day_1 + timedelta(days=plan.day - 1)
        clock = plan.ends if ends else plan.starts
        return datetime.combine(day, clock, ZoneInfo(self.plan.time_zone))

    def _agreement(self, event: Event, position: int, plan: AgreementPlan) -> None:
        held = db.session.scalar(
            select(Agreement).where(Agreement.event_id == event.id, Agreement.name_zh == plan.zh)
        )
        signatories = {p.organisation_id: p.signatory for p in held.parties} if held else {}
        ids = [_organisation_id(name) for name in plan.parties]
        given = AgreementInput(
            name_zh=plan.zh,
            name_en=plan.en or (held.name_en if held else ""),
            said=plan.said,
            parties=tuple(
                PartyInput(organisation_id=i, signatory=signatories.get(i, "")) for i in ids
            ),
        )
        _agreement, diff = schedule.save_agreement(
            event.id, given, held.id if held else None, position=position
        )
        self.report.note("agreements", new=held is None, diff=diff)

    def _plaques(self, event: Event, plan: EventPlan) -> None:
        """Those of the file in its order, then those that the organisers added."""
        if not plan.plaques:
            return
        rows = db.session.scalars(
            select(Plaque).where(Plaque.event_id == event.id).order_by(Plaque.position, Plaque.id)
        ).all()
        held = {row.name_zh: row.name_en for row in rows}
        names = [Text(zh, en or held.get(zh, "")) for zh, en in plan.plaques]
        for name in names:
            new = name.zh not in held
            self.report.note("plaques", new=new, diff=not new and held[name.zh] != name.en)
        named = {name.zh for name in names}
        kept = [row.name for row in rows if row.name_zh not in named]
        schedule.set_plaques(event.id, [*names, *kept])

    def _press(self, series: Series, plan: PressPlan) -> None:
        for name in plan.outlets:
            key = {"series_id": series.id, "organisation_id": _organisation_id(name)}
            held = db.session.get(KnownOutlet, key)
            self.report.note("outlets", new=held is None)
            if held is None:
                db.session.add(KnownOutlet(**key))
        db.session.flush()


def _events(series_id: int) -> dict[str, Event]:
    found = db.session.scalars(select(Event).where(Event.series_id == series_id))
    return {event.slug: event for event in found}


def _organisation_id(name: str) -> int:
    found = organisation_named(name)
    if found is None:
        raise LookupError(name)
    return found.id
