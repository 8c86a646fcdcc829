"""A table of delegations: which column is what, and every cell that is wrong, by its place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from eduforum.core import clock
from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Text
from eduforum.core.names import clean_name
from eduforum.delegations import queries
from eduforum.delegations.rules import MOST_PEOPLE
from eduforum.delegations.services.manage import DelegationInput, Place
from eduforum.delegations.template import Heading
from eduforum.events.models import Series
from eduforum.events.queries import organisation_named
from eduforum.files.tables import Book, Cell, Row, as_date, letter
from eduforum.registration.models import Category

_NAMES: Mapping[str, tuple[str, ...]] = {
    "unit": ("单位", "代表团", "单位名称", "unit", "delegation"),
    "name": ("联络员", "联络员姓名", "联系人", "liaison"),
    "mobile": ("手机号", "联络员手机号", "联系电话", "手机", "mobile", "mobile number"),
    "email": ("电子邮箱", "联络员邮箱", "邮箱", "e-mail", "email"),
    "until": ("截止", "截止时间", "截止日期", "报送截止", "deadline"),
    "seats": ("名额", "总名额", "seats"),
}
_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")
_END_OF_DAY = time(18, 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that is wrong: its sheet, its place as the spreadsheet counts, what stands there, why."""

    sheet: str
    row: int
    column: str
    value: str
    reason: Text


@dataclass(slots=True)
class Read:
    delegations: list[DelegationInput] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_delegations(book: Book, series: Series) -> Read:
    """Read the first sheet that has rows. Nothing is stored."""
    read = Read()
    sheet = next((sheet for sheet in book.sheets if sheet.rows), None)
    if sheet is None:
        return read
    categories = queries.reportable(series.id)
    columns = _columns(sheet.rows[0], categories)
    if "unit" not in columns:
        first = sheet.rows[0].at(0)
        reason = Text(
            "第一行须是列名，其中要有“单位”。",
            "The first row has to be headings, one of them “Unit”.",
        )
        read.problems.append(_problem(sheet.name, first, reason))
        return read
    taken = {one.unit for one in queries.delegations_of(series.id) if one.revoked_at is None}
    for row in sheet.rows[1:]:
        _read_row(read, _Line(sheet.name, row, columns), series, taken)
    return read


@dataclass(frozen=True, slots=True)
class _Line:
    sheet: str
    row: Row
    columns: Mapping[str, int]

    def cell(self, name: str) -> Cell | None:
        column = self.columns.get(name)
        return None if column is None else self.row.at(column)

    def text(self, name: str) -> str:
        cell = self.cell(name)
        return cell.clean if cell else ""


def _read_row(read: Read, line: _Line, series: Series, taken: set[str]) -> None:
    wrong = len(read.problems)

    def blame(name: str, reason: Text) -> None:
        cell = line.cell(name) or line.row.at(line.columns["unit"])
        read.problems.append(_problem(line.sheet, cell, reason))

    unit = line.text("unit")
    known = organisation_named(unit) if unit else None
    name = known.name_zh if known else unit
    if not name:
        blame("unit", Text("请填写单位。", "Enter the unit."))
    elif name in taken:
        blame(
            "unit",
            Text(
                "这个单位已有代表团，或在表中重复。",
                "This unit has a delegation, or stands here twice.",
            ),
        )
    taken.add(name)
    values: dict[str, Any] = {
        "mobile": _parsed(line.text("mobile"), parse_mobile, "mobile", blame),
        "email": _parsed(line.text("email"), parse_email, "email", blame),
    }
    if not (line.text("mobile") or line.text("email")):
        blame(
            "mobile",
            Text("手机号和电子邮箱至少填一项。", "Give a mobile number or an e-mail address."),
        )
    until = _until(line.cell("until"), series.time_zone)
    if until is None or until <= clock.now():
        blame(
            "until",
            Text(
                "请填写将来的日期，如 2027-11-24 或 2027-11-24 18:00。",
                "Enter a date to come, such as 2027-11-24 or 2027-11-24 18:00.",
            ),
        )
    quotas = _quotas(line, blame)
    if len(read.problems) == wrong and until is not None:
        read.delegations.append(
            DelegationInput(
                unit=name,
                liaison_name=clean_name(line.text("name")),
                liaison_mobile=values["mobile"],
                liaison_email=values["email"],
                edit_until=until,
                quotas=quotas,
            )
        )


def _columns(head: Row, categories: Sequence[Category]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell in head.filled():
        word = cell.clean.strip("*\uff0a:：").casefold()
        meaning = next((key for key, names in _NAMES.items() if word in names), None)
        if meaning is None:
            one = next((c for c in categories if _is_of(word, c)), None)
            meaning = f"seats:{one.id}" if one else None
        if meaning and meaning not in found:
            found[meaning] = cell.column
    return found


def _is_of(word: str, category: Category) -> bool:
    bare = word.removeprefix("名额").removesuffix("名额").strip("：: （）()“”")
    names = {category.name_zh, category.name_en.casefold(), category.code}
    return bare in names or word.removeprefix("seats:").strip() in names


def _quotas(line: _Line, blame: Callable[[str, Text], None]) -> dict[Place, int]:
    quotas: dict[Place, int] = {}
    for name in line.columns:
        if not name.startswith("seats"):
            continue
        typed = line.text(name).removesuffix(".0")
        if not typed:
            continue
        if not typed.isdigit() or int(typed) > MOST_PEOPLE * 10:
            blame(name, Text("请填写整数，不限则留空。", "A whole number; empty for no limit."))
            continue
        category = name.partition(":")[2]
        quotas[None, int(category) if category else None] = int(typed)
    return quotas


def _parsed(
    typed: str, parse: Callable[[str], str], name: str, blame: Callable[[str, Text], None]
) -> str:
    try:
        return parse(typed) if typed else ""
    except BadContact as bad:
        blame(name, bad.sentence)
        return ""


def _until(cell: Cell | None, zone: str) -> datetime | None:
    """The day's moment that is meant: at the time in the cell, else at 18:00."""
    day = as_date(cell) if cell else None
    if cell is None or day is None:
        return None
    at = _CLOCK.search(cell.clean)
    hours, minutes = (int(at[1]), int(at[2])) if at else (0, 0)
    moment = (
        time(hours, minutes)
        if at and hours < 24 and minutes < 60 and (hours, minutes) != (0, 0)
        else _END_OF_DAY
    )
    return datetime.combine(day, moment, ZoneInfo(zone))


def _problem(sheet: str, cell: Cell, reason: Text) -> Problem:
    return Problem(sheet, cell.row, letter(cell.column), cell.clean[:60], reason)


def table_headings(categories: Sequence[Category], zone: str) -> list[Heading]:
    """The columns of the template."""
    day = clock.now().astimezone(ZoneInfo(zone)).date().replace(month=12, day=1)
    found = [
        Heading(Text("单位", "Unit"), 30, ("天津市第一中学（样本）", "天津大学（样本）")),
        Heading(Text("联络员", "Liaison"), 14, ("江屿白（样本）", "沈知远（样本）")),
        Heading(Text("手机号", "Mobile"), 18, ("13800000101", "")),
        Heading(Text("电子邮箱", "E-mail"), 28, ("", "shen@example.org")),
        Heading(Text("截止时间", "Deadline"), 20, (f"{day} 18:00", f"{day}")),
        Heading(Text("名额", "Seats"), 10, ("12", "20")),
    ]
    if len(categories) > 1:
        found += [
            Heading(Text(f"名额：{c.name_zh}", f"Seats: {c.name.en or c.name_zh}"), 16, ("",))
            for c in categories
        ]
    return found


def table_steps() -> list[Text]:
    return [
        Text(
            "每个代表团一行；单位填全称，简称会自动对应。",
            "One delegation a row; short forms of units are matched.",
        ),
        Text(
            "手机号和电子邮箱至少填一项。只填日期时，截止为当天 18:00。",
            "Mobile or e-mail, at least one. A date alone means 18:00 of that day.",
        ),
        Text(
            "名额留空为不限；全表无误才会新建。",
            "Empty seats: no limit. Delegations are made only if the whole table is right.",
        ),
        Text("本页为示例，不会被读入。", "This sheet is an example and is not read."),
    ]
