"""Attendance by event, session, category and unit; the arrival curve; the same as a workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.dates import clock_text, day_text, local
from eduforum.core.i18n import Text, t
from eduforum.events.access import guarded_series
from eduforum.events.models import Event, Series
from eduforum.files import xlsx
from eduforum.files.columns import Column
from eduforum.registration.models import Category
from eduforum.reports.curve import Curve, draw, on_day
from eduforum.reports.desk.frame import READERS, etag, holds, live, pages
from eduforum.reports.queries import arrivals, attendance
from eduforum.reports.queries.attendance import Known, Whole
from eduforum.reports.rules import Count
from eduforum.schedule.models import Session
from eduforum.web.access import Role, requires
from eduforum.web.pagination import changed_url

MOST_UNITS = 100
"""Units on the page; the workbook has all of them."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of a day with its count and its sessions that count by themselves."""

    event: Event
    count: Count
    sessions: Sequence[tuple[Session, Count]]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the chooser."""

    day: date
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: what is counted, when it is if it has a time, and the count."""

    name: Text
    count: Count
    of: Text | None = None
    when: str = ""


@pages.get("/desk/s/<series>/reports")
@requires(*READERS)
def reports(series: str) -> ResponseReturnValue:
    known = _known()
    day = _asked_day(known)
    tag = etag(str(day))
    return render_template(
        "reports/reports.html", etag=tag, days=_days(known, day), **_figures(known, day)
    )


@pages.get("/desk/s/<series>/reports/live")
@requires(*READERS)
def reports_live(series: str) -> ResponseReturnValue:
    """The figures alone, for the page that stays open."""
    known = _known()
    day = _asked_day(known)
    return live(
        lambda: render_template("reports/_figures.html", **_figures(known, day)), about=str(day)
    )


@pages.get("/desk/s/<series>/reports/export")
@requires(*READERS)
def export(series: str) -> ResponseReturnValue:
    """Every table as a sheet. Figures and names of units only: nobody's personal data."""
    known = _known()
    here, stamp = known.series, local(known.now, known.series.time_zone)
    name = f"{t('签到报表', 'attendance')}-{here.slug}-{stamp:%Y%m%d-%H%M}.xlsx"
    return xlsx.send(name, list(_sheets(known)))


def curve_of(known: Known, day: date) -> Curve:
    events = on_day(known.events, day, known.series.time_zone)
    came = arrivals.arrivals_on(known, day)
    expected = arrivals.expected_on(known, day)
    return draw(day, came, expected, events, known.series.time_zone, known.now)


def usual_day(known: Known) -> date | None:
    """Today while the series lasts; else the day that is nearest: the first or the last."""
    days = arrivals.days_of(known)
    today = local(known.now, known.series.time_zone).date()
    return min(days, key=lambda day: abs((day - today).days), default=None)


def event_rows(known: Known) -> list[EventRow]:
    counts, sessions = attendance.by_event(known), attendance.by_session(known)
    return [
        EventRow(event, counts[event.id], [(s, sessions[s.id]) for s in known.sessions_in(event)])
        for event in known.events
    ]


def _known() -> Known:
    return attendance.known_of(guarded_series(), clock.now())


def _figures(known: Known, day: date | None) -> dict[str, Any]:
    whole = attendance.whole(known)
    categories = attendance.categories_of(known.series.id)
    units = list(whole.units.items())
    return {
        "known": known,
        "whole": whole,
        "curve": curve_of(known, day) if day else None,
        "by_day": _by_day(known.series, event_rows(known)),
        "categories": _categories(whole, categories),
        "units": units[:MOST_UNITS],
        "unit_total": len(units),
        "more_units": max(0, len(units) - MOST_UNITS),
        "delegations": list(whole.delegations.items())[:MOST_UNITS],
        "more_delegations": max(0, len(whole.delegations) - MOST_UNITS),
        "shows_people": holds(Role.ORGANISER, Role.REGISTRAR, Role.VIEWER),
    }


def _categories(whole: Whole, known: dict[int, Category]) -> list[tuple[Category, Count]]:
    is_over = whole.total.is_over
    return [
        (category, whole.categories.get(key, Count(is_over=is_over)))
        for key, category in known.items()
    ]


def _by_day(series: Series, rows: Sequence[EventRow]) -> list[tuple[date, list[EventRow]]]:
    found: dict[date, list[EventRow]] = {}
    for row in rows:
        found.setdefault(local(row.event.starts_at, series.time_zone).date(), []).append(row)
    return list(found.items())


def _asked_day(known: Known) -> date | None:
    """The day in the address if the series has it, else the usual one."""
    asked = request.args.get("day", "")
    return next(
        (day for day in arrivals.days_of(known) if day.isoformat() == asked), usual_day(known)
    )


def _days(known: Known, current: date | None) -> list[Day]:
    return [
        Day(day, changed_url(day=day.isoformat()), day == current)
        for day in arrivals.days_of(known)
    ]


def _sheets(known: Known) -> Iterator[xlsx.Sheet]:
    whole, zone = attendance.whole(known), known.series.time_zone
    categories = attendance.categories_of(known.series.id)
    names = {event.id: event.name for event in known.events}
    rows = event_rows(known)
    event_lines = [Line(r.event.name, r.count, when=_when(r.event, zone)) for r in rows]
    sessions = [
        Line(one.name, count, of=row.event.name, when=_when(one, zone))
        for row in rows
        for one, count in row.sessions
    ]
    by_both = attendance.by_event_and_category(known)
    both = [
        Line(categories[key].name, count, of=names[event_id])
        for (event_id, key), count in sorted(by_both.items(), key=lambda item: _place(known, item))
    ]
    event, unit = Text("活动", "Event"), Text("单位", "Unit")
    yield _sheet(event, event_lines, event, when=True)
    if sessions:
        yield _sheet(
            Text("场次", "Sessions"), sessions, Text("场次", "Session"), of=event, when=True
        )
    yield _sheet(
        Text("类别", "Categories"),
        [Line(one.name, count) for one, count in _categories(whole, categories)],
        Text("参会类别", "Category"),
    )
    yield _sheet(
        Text("活动与类别", "Events by category"), both, Text("参会类别", "Category"), of=event
    )
    yield _sheet(unit, [Line(one.name, count) for one, count in whole.units.items()], unit)
    if whole.delegations:
        party = Text("代表团", "Delegation")
        lines = [Line(Text(p.unit, p.unit), count) for p, count in whole.delegations.items()]
        yield _sheet(Text("代表团", "Delegations"), lines, party)
    yield _arrival_sheet(known)


def _place(known: Known, item: tuple[tuple[int, int], Count]) -> tuple[int, int]:
    order = [event.id for event in known.events]
    return order.index(item[0][0]), item[0][1]


def _when(thing: Event | Session, zone: str) -> str:
    return f"{local(thing.starts_at, zone):%Y-%m-%d %H:%M}–{clock_text(thing.ends_at, zone)}"


def _sheet(
    title: Text, lines: Sequence[Line], what: Text, *, of: Text | None = None, when: bool = False
) -> xlsx.Sheet:
    columns: list[Column[Line]] = []
    if of:
        columns.append(Column("of", of, lambda line: line.of, 32))
    columns.append(Column("name", what, lambda line: line.name, 36))
    if when:
        columns.append(Column("when", Text("时间", "Time"), lambda line: line.when, 24))
    columns += [
        Column("expected", Text("应到", "Expected"), lambda line: line.count.expected, 10),
        Column("present", Text("实到", "Present"), lambda line: line.count.present, 10),
        Column("on_leave", Text("请假", "On leave"), lambda line: line.count.on_leave, 10),
        Column("not_yet", Text("未到", "Not yet"), lambda line: line.count.not_yet, 10),
        Column("absent", Text("缺席", "Absent"), lambda line: line.count.absent, 10),
    ]
    return xlsx.Sheet(title, columns, lines)


def _arrival_sheet(known: Known) -> xlsx.Sheet:
    """Cumulative arrivals of every day, at the steps in which somebody came."""
    rows: list[tuple[date, str, int]] = []
    for day in arrivals.days_of(known):
        people = 0
        for at, more in arrivals.arrivals_on(known, day).items():
            people += more
            end: datetime = at + arrivals.STEP
            rows.append((day, clock_text(end, known.series.time_zone), people))
    columns: list[Column[tuple[date, str, int]]] = [
        Column("day", Text("日期", "Day"), lambda row: day_text(row[0], year=True), 20),
        Column("until", Text("截至", "By"), lambda row: row[1], 10),
        Column("people", Text("累计报到", "Arrived"), lambda row: row[2], 12),
    ]
    return xlsx.Sheet(Text("报到", "Arrivals"), columns, rows)
