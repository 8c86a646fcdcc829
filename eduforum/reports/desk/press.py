"""The press in figures, among its office's pages: to read, and the same as a workbook."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TypeVar

from flask import render_template
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.dates import local
from eduforum.core.i18n import Text, plural, t
from eduforum.events.access import guarded_series
from eduforum.files import xlsx
from eduforum.files.columns import Column
from eduforum.press.desk.frame import ACTORS, pages
from eduforum.press.rules.words import OUTLET_TYPE_NAMES, ROLE_NAMES, ZONE_NAMES
from eduforum.reports.press_rules import PressCount, Speed
from eduforum.reports.queries.press import PressFigures, figures_of
from eduforum.web.access import requires

MOST_OUTLETS = 100
"""Outlets on the page; the workbook has all of them."""
K = TypeVar("K")
_Named = tuple[Text, PressCount]


@pages.get("/report")
@requires(*ACTORS)
def report(series: str) -> ResponseReturnValue:
    found = figures_of(guarded_series(), clock.now())
    outlets = list(found.outlets.items())
    return render_template(
        "reports/press.html",
        found=found,
        outlets=outlets[:MOST_OUTLETS],
        more_outlets=max(0, len(outlets) - MOST_OUTLETS),
        lasted=lasted,
    )


@pages.get("/report/export")
@requires(*ACTORS)
def export_report(series: str) -> ResponseReturnValue:
    """Every table as a sheet. Figures and names of outlets only: nobody's personal data."""
    here, now = guarded_series(), clock.now()
    name = f"{t('媒体报表', 'press')}-{here.slug}-{local(now, here.time_zone):%Y%m%d-%H%M}.xlsx"
    return xlsx.send(name, list(_sheets(figures_of(here, now))))


def lasted(span: timedelta | None) -> str:
    """A time in the largest unit that tells enough: minutes, hours with one decimal, then days."""
    if span is None:
        return "–"
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return str(plural(minutes, "{n} 分钟", "{n} minute", "{n} minutes"))
    if minutes < 48 * 60:
        return t("{n} 小时", "{n} h", n=f"{minutes / 60:.1f}")
    return t("{n} 天", "{n} days", n=f"{minutes / 1440:.1f}")


def _sheets(found: PressFigures) -> Iterator[xlsx.Sheet]:
    outlet, kind, role = (
        Text("单位", "Outlet"),
        Text("媒体类别", "Kind of media"),
        Text("岗位", "Role"),
    )
    houses = [
        (house.name, OUTLET_TYPE_NAMES[house.type], count) for house, count in found.outlets.items()
    ]
    columns: list[Column[tuple[Text, Text, PressCount]]] = [
        Column("name", outlet, lambda row: row[0], 36),
        Column("type", kind, lambda row: row[1], 20),
        *(_number(key, label, at) for key, label, at in _COUNTS),
    ]
    whole = (Text("合计", "In all"), Text("", ""), found.total)
    yield xlsx.Sheet(outlet, columns, [*houses, whole])
    yield _sheet(kind, [*_named(found.types, OUTLET_TYPE_NAMES), (whole[0], found.total)])
    yield _sheet(role, [*_named(found.roles, ROLE_NAMES), (whole[0], found.total)])
    zones = [
        (Text(f"{zone.value} {ZONE_NAMES[zone].zh}", f"{zone.value} {ZONE_NAMES[zone].en}"), count)
        for zone, count in found.zones.items()
    ]
    yield _sheet(Text("区域", "Zone"), zones, of_zones=True)
    yield _speed_sheet(found)


_COUNTS = (
    ("applied", Text("申请", "Applied"), "applied"),
    ("granted", Text("批准", "Approved"), "granted"),
    ("held", Text("待定", "On hold"), "held"),
    ("refused", Text("未批准", "Not approved"), "refused"),
    ("waiting", Text("待审", "Not decided"), "waiting"),
    ("withdrawn", Text("撤回", "Withdrawn"), "withdrawn"),
    ("collected", Text("已领证", "Collected"), "collected"),
    ("admitted", Text("已入场", "Admitted"), "admitted"),
)
_OF_ZONES = ("granted", "collected", "admitted")


def _number(key: str, label: Text, at: str) -> Column[tuple[Text, Text, PressCount]]:
    return Column(key, label, lambda row: int(getattr(row[2], at)), 12)


def _named(counts: Mapping[K, PressCount], names: Mapping[K, Text]) -> list[_Named]:
    return [(names[key], count) for key, count in counts.items()]


def _sheet(what: Text, rows: list[_Named], *, of_zones: bool = False) -> xlsx.Sheet:
    columns: list[Column[_Named]] = [Column("name", what, lambda row: row[0], 30)]
    for key, label, at in _COUNTS:
        if not of_zones or key in _OF_ZONES:
            columns.append(_figure(key, label, at))
    return xlsx.Sheet(what, columns, rows)


def _figure(key: str, label: Text, at: str) -> Column[_Named]:
    return Column(key, label, lambda row: int(getattr(row[1], at)), 12)


def _speed_sheet(found: PressFigures) -> xlsx.Sheet:
    rows = [(OUTLET_TYPE_NAMES[kind], speed) for kind, speed in found.speed_of_types.items()]
    rows.append((Text("合计", "In all"), found.speed))
    columns: list[Column[tuple[Text, Speed]]] = [
        Column("name", Text("媒体类别", "Kind of media"), lambda row: row[0], 30),
        Column("decided", Text("已决定", "Decided"), lambda row: row[1].decided, 12),
        Column("median", Text("中位数（分钟）", "Median, minutes"), lambda row: _minutes(row[1].median), 18),
        Column("p90", Text("第 90 百分位（分钟）", "90th percentile, minutes"), lambda row: _minutes(row[1].p90), 24),
        Column("open", Text("未决定", "Open"), lambda row: row[1].open, 12),
        Column("longest", Text("最久未决（分钟）", "Longest open, minutes"), lambda row: _minutes(row[1].longest), 22),
    ]  # fmt: skip
    return xlsx.Sheet(Text("决定用时", "Time to decision"), columns, rows)


def _minutes(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() // 60)
